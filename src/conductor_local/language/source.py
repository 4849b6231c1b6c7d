"""A definition as it came: the decoded document and, when it was text, where everything stands in it.

Rules: what is read here is sound JSON with an object at the top, without repeated keys, without anything a payload could not
hold. The fast parser does the work; `positions.py` is asked only when there is a problem to show.
"""

import re
from collections.abc import Callable, Mapping
from itertools import accumulate

import msgspec

from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.positions import STRING, Lines, Places, tokens
from conductor_local.payload import DEPTH_MAX, Json, json_fault

_KEY_OR_STRING = re.compile(rf"{STRING}(\s*:)?", re.DOTALL)
_PARSER_MESSAGE = re.compile(r"(?:JSON is malformed: )?(.*?)(?: \(byte (\d+)\))?", re.DOTALL)
_HALF_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_BEHIND = ("trailing characters", "invalid escape", "invalid utf-16", "unexpected end of escaped")
"""Faults that the parser reports one character behind the place."""
Find = Callable[[str, bool], int | None]
"""Gives the offset of a JSON pointer's value or, when asked to or when that is no scalar, of its key."""


class Source:
    """A decoded definition. `locate` finds its parts in the text it came from: JSON, unless `find` says where things are."""

    __slots__ = ("_find", "_lines", "_text", "document")

    def __init__(self, document: Json, text: str | None = None, find: Find | None = None) -> None:
        self.document = document
        self._text = text
        self._find = find
        self._lines: Lines | None = None

    def without(self, *names: str) -> "Source":
        """Return the same source without some top-level fields; what is left is found where it stands."""
        document = {name: value for name, value in self.document.items() if name not in names}
        return self if len(document) == len(self.document) else self.holding(document)

    def holding(self, document: Json) -> "Source":
        """Return a source of another document whose parts are found where those of this one stand."""
        return Source(document, self._text, self._find)

    def locate(self, pointer: str, *, key: bool = False) -> tuple[int, int] | None:
        """Return line and column, from 1, of what a JSON pointer names; None when there was no text or nothing is there.

        The place is that of the value, or of its key when the value is an object or list, or when `key` asks for it.
        """
        if self._text is None:
            return None
        if self._find is None:
            places = Places(self._text)
            self._find = lambda pointer, key: places.offset(pointer, key=key)
        if self._lines is None:
            self._lines = Lines(self._text)
        offset = self._find(pointer, key)
        return None if offset is None else self._lines.at(offset)


def read(text: bytes | str) -> Source:
    """Parse JSON text (UTF-8, with or without a byte order mark); raises `DefinitionError` with line and column."""
    text = _decoded(text).removeprefix("\ufeff")
    try:
        document = msgspec.json.decode(text.encode())
    except UnicodeEncodeError as error:
        raise _fault(text, error.start, "NOT_UNICODE", "the text holds half of a surrogate pair") from None
    except RecursionError:
        raise _too_deep(text) from None
    except msgspec.ValidationError:
        raise _number_fault(text) from None
    except msgspec.DecodeError as error:
        raise _syntax_fault(text, str(error)) from None
    if json_fault(document) is not None:
        raise _too_deep(text)
    _refuse_repeated_keys(text, document)
    source = Source(document, text)
    if not isinstance(document, dict):
        raise DefinitionError([_not_an_object(source.locate(""))])
    return source


def from_document(document: Json) -> Source:
    """Take a document that was decoded already; its problems will have no positions."""
    if fault := json_fault(document):
        pointer, reason = fault
        raise DefinitionError([Problem(pointer=pointer, code="NOT_JSON", message=f"the definition is not JSON: {reason}")])
    if not isinstance(document, dict):
        raise DefinitionError([_not_an_object(None)])
    return Source(document)


def _decoded(text: bytes | str) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        before = text[: error.start].decode().removeprefix("\ufeff")
        raise _fault(before, len(before), "NOT_UTF8", "the text is not UTF-8", "save the file as UTF-8") from None


def _not_an_object(place: tuple[int, int] | None) -> Problem:
    line, column = place or (0, 0)
    return Problem(
        pointer="", code="NOT_AN_OBJECT", message="a definition is a JSON object", hint="begin with {", line=line, column=column
    )  # fmt: skip


def _fault(text: str, offset: int, code: str, message: str, hint: str = "", pointer: str = "") -> DefinitionError:
    line, column = Lines(text).at(offset)
    return DefinitionError([Problem(pointer=pointer, code=code, message=message, hint=hint, line=line, column=column)])


def _syntax_fault(text: str, told: str) -> DefinitionError:
    found = _PARSER_MESSAGE.fullmatch(told)
    assert found is not None
    message, byte = found.groups()
    if byte is None:
        return _ended_early(text)
    offset = len(text.encode()[: int(byte)].decode(errors="ignore"))
    if message.startswith(_BEHIND):
        offset -= 1
    if number := re.compile("-?(NaN|Infinity)").search(text, max(0, offset - 1), offset + 9):
        return _fault(text, number.start(), "SYNTAX", f"{number[0]} is not a JSON number")
    return _fault(text, offset, "SYNTAX", f"not valid JSON: {message}")


def _ended_early(text: str) -> DefinitionError:
    if half := _HALF_PAIR.search(text):
        return _fault(text, half.start(), "SYNTAX", "not valid JSON: half of a surrogate pair")
    if not text.strip():
        return _fault(text, 0, "SYNTAX", "the definition is empty")
    return _fault(text, len(text.rstrip()), "SYNTAX", "the text ends before the JSON does", "close what was opened")


def _too_deep(text: str) -> DefinitionError:
    found = list(tokens(text))
    depths = accumulate((token in ("{", "[")) - (token in ("}", "]")) for _, token in found)
    place = next((offset for (offset, _), depth in zip(found, depths, strict=True) if depth > DEPTH_MAX), 0)
    return _fault(text, place, "TOO_DEEP", f"the definition is nested deeper than {DEPTH_MAX} levels")


def _number_fault(text: str) -> DefinitionError:
    offset = next((offset for offset, token in tokens(text) if _is_out_of_range(token)), 0)
    return _fault(text, offset, "SYNTAX", "the number is too large")


def _is_out_of_range(token: str) -> bool:
    try:
        msgspec.json.decode(token)
    except msgspec.ValidationError:
        return True
    except msgspec.DecodeError:
        return False
    return False


def _refuse_repeated_keys(text: str, document: Json) -> None:
    """Raise when an object has a key twice: the parser keeps the last and says nothing, but has fewer keys than the text."""
    if sum(map(bool, _KEY_OR_STRING.findall(text))) == _count_keys(document):
        return
    lines = Lines(text)
    problems = []
    for pointer, offset in Places(text).repeated:
        line, column = lines.at(offset)
        message = "this key stands in the same object twice"
        problems.append(Problem(pointer=pointer, code="DUPLICATE_KEY", message=message, line=line, column=column))
    raise DefinitionError(problems)


def _count_keys(document: Json) -> int:
    count = 0
    waiting: list[Json] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            count += len(value)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return count
