"""A definition in YAML: the JSON values that it means and where each stands. Used for files; what comes over the network is JSON.

Rules: the scalars of JSON and nothing else, so `yes`, `010` and `2026-01-31` are texts; keys are texts; an anchor may be used
again, a merge key (`<<`) or a tag (`!Sub`) is refused, because what another tool would make of it is not known here.
"""

import re

import msgspec
import yaml

from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.positions import child
from conductor_local.language.source import Source
from conductor_local.payload import DEPTH_MAX, Json

VALUES_MAX = 100_000
"""Values of one document, those of repeated anchors included: a short text can mean a huge one."""

_TEXT, _MAP, _LIST = (f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: value for value in (True, False) for word in (str(value), str(value).lower(), str(value).upper())
}
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


def read_yaml(text: str) -> Source:
    """Read one YAML document with an object at its top; raises `DefinitionError` with line and column."""
    text = text.removeprefix("\ufeff")
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        reading = _Reading(text)
        document = {} if node is None else reading.value(node, "", 0)
    except RecursionError:
        raise DefinitionError([Problem(pointer="", code="TOO_DEEP", message="the definition is nested too deeply")]) from None
    except yaml.MarkedYAMLError as error:
        raise _refusal("", "SYNTAX", f"not valid YAML: {error.problem}", error.problem_mark or error.context_mark) from None
    except yaml.YAMLError as error:
        raise DefinitionError([Problem(pointer="", code="SYNTAX", message=f"not valid YAML: {error}")]) from None
    if not isinstance(document, dict) or node is None:
        raise _refusal("", "NOT_AN_OBJECT", "a definition is an object", node.start_mark if node else None, "begin with StartAt:")
    return Source(document, text, reading.offset)


class _Reading:
    """One document being read; remembers the offset of each key and value by JSON pointer."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._keys: dict[str, int] = {}
        self._values: dict[str, tuple[int, bool]] = {}

    def offset(self, pointer: str, key: bool) -> int | None:
        """Return where a person looks for `pointer`: its key when `key` or when the value is an object or list, else the value."""
        if pointer not in self._values:
            return None
        offset, is_scalar = self._values[pointer]
        return offset if is_scalar and not key else self._keys.get(pointer, offset)

    def value(self, node: yaml.Node, pointer: str, depth: int) -> Json:
        """Return the JSON value of a node."""
        self._values[pointer] = node.start_mark.index, isinstance(node, yaml.ScalarNode)
        if depth > DEPTH_MAX or len(self._values) > VALUES_MAX:
            raise _refusal(pointer, "TOO_DEEP", "the definition is nested too deeply, or too large", node.start_mark)
        if node.tag not in (_TEXT, _MAP, _LIST):
            hint = "write out what it stands for; --substitute fills in ${NAME}"
            raise _refusal(pointer, "SYNTAX", f"the tag {node.tag!r} means nothing here", node.start_mark, hint)
        if isinstance(node, yaml.MappingNode):
            return self._members(node, pointer, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, child(pointer, index), depth + 1) for index, item in enumerate(node.value)]
        return _plain(node, pointer) if isinstance(node, yaml.ScalarNode) and node.style is None else node.value

    def _members(self, node: yaml.MappingNode, pointer: str, depth: int) -> dict[str, Json]:
        members: dict[str, Json] = {}
        for key, value in node.value:
            mark = key.start_mark
            if not isinstance(key, yaml.ScalarNode) or key.tag != _TEXT:
                raise _refusal(pointer, "SYNTAX", "a key is a text", mark)
            if key.value == "<<" and key.style is None:
                raise _refusal(pointer, "SYNTAX", "merge keys (<<) are not read", mark, "write the fields out")
            place = child(pointer, key.value)
            if key.value in members:
                raise _refusal(place, "DUPLICATE_KEY", "this key stands in the same object twice", mark)
            self._keys[place] = mark.index
            members[key.value] = self.value(value, place, depth + 1)
        return members


def _plain(node: yaml.Node, pointer: str) -> Json:
    """Return what a scalar without quotes means: JSON's words and numbers, else a text."""
    if node.value in _WORDS:
        return _WORDS[node.value]
    if not _NUMBER.fullmatch(node.value):
        return node.value
    try:
        return msgspec.json.decode(node.value)
    except msgspec.MsgspecError:
        raise _refusal(pointer, "SYNTAX", "the number is too large", node.start_mark) from None


def _refusal(pointer: str, code: str, message: str, mark: yaml.Mark | None, hint: str = "") -> DefinitionError:
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return DefinitionError([Problem(pointer=pointer, code=code, message=message, hint=hint, line=line, column=column)])
