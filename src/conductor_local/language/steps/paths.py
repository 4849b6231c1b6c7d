"""Paths of the steps language: `$.a.b`, `.a.b`, `a.b` and `$` are one grammar, with `['odd name']` and `[0]` for the rest.

A path is parsed once and compiled to a lookup. Its roots: the payload; `$.initialPayload`, what the run was triggered with; and
`$.steps.<id>`, the record of a finished step. A field of the payload with the name of a root hides that root.

Rules: a path leads to one place at most; a lookup that finds nothing gives `ABSENT` and never raises.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from conductor_local.language.absent import ABSENT
from conductor_local.language.steps.records import Records, record_of
from conductor_local.payload import Json
from conductor_local.program import Scope

Segments = tuple[str | int, ...]
Lookup = Callable[[Json, Scope], Json]
"""Takes the payload and, for the other roots, the scope; gives what the path finds or `ABSENT`."""

_NAME = re.compile(r"\.([^.\[\]'\"\s*?()]+)")
_INDEX = re.compile(r"\[(\d+)\]", re.ASCII)
_QUOTED = re.compile(r"""\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_INDEX_CHARS_MAX = 18


class PathFault(ValueError):
    """The text is not a path."""


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path: its text as written, and the names and indexes on the way."""

    text: str
    segments: Segments


def parse_path(text: str) -> Path:
    """Parse a path; raises `PathFault` with a message for the author."""
    if text in ("$", "$.", "."):
        return Path(text, ())
    rest = text.removeprefix("$")
    if not rest.startswith((".", "[")):
        if rest != text:
            raise PathFault("after '$' comes a dot or a bracket")
        rest = f".{text}"
    segments: list[str | int] = []
    position = 0
    while position < len(rest):
        segment, position = _segment(rest, position)
        segments.append(segment)
    return Path(text, tuple(segments))


def shown(segments: Segments) -> str:
    """Write segments as a path."""
    return "$" + "".join(_shown_segment(segment) for segment in segments)


def lookup(path: Path, records: Records, pointer: str) -> Lookup:
    """Compile a path; notes in `records` which step records it reads. `pointer` says where the path is written."""
    own = _walk(path.segments)
    match path.segments:
        case ("initialPayload", *rest):
            return _initial_payload(own, _walk(tuple(rest)))
        case ("steps",):
            records.want_all()
            return _rooted("steps", own, records.every)
        case ("steps", str(step), *rest):
            records.want(step, pointer)
            inner = _walk(tuple(rest))
            return _rooted("steps", own, lambda scope: inner(record_of(step, scope), scope))
    return own


def _initial_payload(own: Lookup, inner: Lookup) -> Lookup:
    return _rooted("initialPayload", own, lambda scope: inner(scope.execution_input, scope))


def _rooted(name: str, own: Lookup, root: Callable[[Scope], Json]) -> Lookup:
    def find(payload: Json, scope: Scope) -> Json:
        if isinstance(payload, dict) and name in payload:
            return own(payload, scope)
        return root(scope)

    return find


def _walk(segments: Segments) -> Lookup:
    """Compile segments; the shapes that nearly every path has come first."""
    match segments:
        case ():
            return lambda payload, scope: payload
        case (str(name),):
            return lambda payload, scope: payload.get(name, ABSENT) if isinstance(payload, dict) else ABSENT
        case _:
            return lambda payload, scope: _follow(payload, segments)


def _follow(value: Json, segments: Segments) -> Json:
    for segment in segments:
        if isinstance(value, dict):
            value = value.get(segment, ABSENT)
        elif isinstance(value, list) and isinstance(segment, int) and segment < len(value):
            value = value[segment]
        else:
            return ABSENT
    return value


def _segment(text: str, position: int) -> tuple[str | int, int]:
    if found := _NAME.match(text, position):
        return found[1], found.end()
    if (found := _INDEX.match(text, position)) and len(found[1]) <= _INDEX_CHARS_MAX:
        return int(found[1]), found.end()
    if found := _QUOTED.match(text, position):
        name = found[1] if found[2] is None else found[2]
        return _ESCAPE.sub(r"\1", name), found.end()
    raise PathFault(_reason(text[position:]))


def _reason(rest: str) -> str:
    if rest.startswith(("..", "[?", "[(")) or "*" in rest[:3]:
        return "a path leads to one place: there are no wildcards, filters or searches"
    if rest == ".":
        return "a path does not end with a dot"
    if rest.startswith("[-"):
        return "an index counts from 0, at the front"
    if rest.startswith("["):
        return "brackets hold an index like [0] or a quoted name like ['odd name']"
    return "a name with spaces or signs goes in brackets: ['odd name']"


def _shown_segment(segment: str | int) -> str:
    if isinstance(segment, int):
        return f"[{segment}]"
    if _NAME.fullmatch(f".{segment}"):
        return f".{segment}"
    escaped = segment.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
