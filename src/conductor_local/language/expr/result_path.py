"""Writing a result into the raw input at a `ResultPath` (reference sheet 3.1).

Rules: nothing is changed in place, only what lies on the way is copied; objects that are missing on the way are made; an existing
value is replaced. Writing below anything but an object, or at an index the list does not have, is
`States.ResultPathMatchFailure`, which handlers can catch.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from conductor_local.language.absent import ABSENT
from conductor_local.language.expr.failures import RESULT_PATH_FAILURE, failure
from conductor_local.language.expr.jsonpath import parse
from conductor_local.language.expr.path import Index, Name, Path, Root
from conductor_local.language.expr.syntax import ExpressionSyntaxError
from conductor_local.language.expr.text import json_text
from conductor_local.payload import Json
from conductor_local.program import Scope

Write: TypeAlias = Callable[[Json, Json, Scope], Json]
"""Takes the raw input, the result and the scope; gives the raw input with the result in it."""


class _Unwritable(Exception):
    """There is no place for the result."""


def parse_result_path(text: str) -> Path:
    """Parse a `ResultPath`: a Reference Path into the input; raises `ExpressionSyntaxError`."""
    path = parse(text)
    if path.root is not Root.INPUT:
        raise ExpressionSyntaxError("a ResultPath writes into the input, not into a variable or the context object", 0)
    if not path.is_reference:
        raise ExpressionSyntaxError("a ResultPath may have names and indexes only", 0)
    return path


def writer(path: Path | None) -> Write:
    """Return what writes to `path`; None (a `ResultPath` of null) drops the result."""
    if path is None:
        return lambda raw, _result, _scope: raw
    steps = tuple(
        segment.name if isinstance(segment, Name) else segment.index
        for segment in path.segments
        if isinstance(segment, Name | Index)
    )
    if not steps:
        return lambda _raw, result, _scope: result

    def write(raw: Json, result: Json, scope: Scope) -> Json:
        try:
            return _written(raw, steps, result)
        except _Unwritable:
            text = f"Unable to apply ReferencePath {path.text} to input {json_text(raw)}"
            raise failure(scope, text, RESULT_PATH_FAILURE) from None

    return write


def _written(place: Any, steps: tuple[str | int, ...], result: Json) -> Json:
    """Return a copy of `place` with the result below it; `ABSENT` stands for an object that is not there yet."""
    step, rest = steps[0], steps[1:]
    if isinstance(step, str):
        if place is ABSENT:
            place = {}
        if not isinstance(place, dict):
            raise _Unwritable
        fields = dict(place)
        fields[step] = _written(fields.get(step, ABSENT), rest, result) if rest else result
        return fields
    if not isinstance(place, list) or step >= len(place):
        raise _Unwritable
    items = list(place)
    items[step] = _written(items[step], rest, result) if rest else result
    return items
