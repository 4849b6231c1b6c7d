"""The 39 comparisons of a Choice, as pure functions (ASL spec, "Choice State"; reference sheet 9.1).

Rules: a value of another type than the operator compares is simply not equal, greater or less: false, never an error. A boolean
is not a number. Numbers compare by value (1 equals 1.0), texts by UTF-16 unit as in Java (so an emoji comes before U+FF01), with
case and spaces, timestamps by the instant.
`Is…: false` holds for every value that is not of the type. Only `IsPresent` may be asked about `ABSENT`.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from conductor_local.language.absent import ABSENT
from conductor_local.language.timestamps import instant
from conductor_local.payload import Json

Test = Callable[[Json, Json], bool]
"""Takes the value of the variable and the operand."""

Kind = Literal["boolean", "number", "string", "timestamp"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One operator: what a literal operand must be, and whether the operand is a path to it instead."""

    name: str
    test: Test
    operand: Kind
    is_path: bool = False


def is_number(value: Json) -> bool:
    """Tell whether `value` is a JSON number; booleans are not, though Python counts them as such."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_timestamp(value: Json) -> bool:
    """Tell whether `value` is an RFC 3339 date-time."""
    return isinstance(value, str) and instant(value) is not None


def boolean_equals(value: Json, operand: Json) -> bool:
    """Compare two booleans."""
    return isinstance(value, bool) and value is operand


def string_matches(value: Json, pattern: Json) -> bool:
    """Tell whether the whole text matches `pattern`, in which `*` is any text, `\\*` a star and `\\\\` a backslash.

    Each piece between stars is looked for once, from left to right, so that no pattern is slow.
    """
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    first, *rest = _pieces(pattern)
    if not rest:
        return value == first
    last = rest.pop()
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    position, end = len(first), len(value) - len(last)
    for piece in rest:
        found = value.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def _pieces(pattern: str) -> list[str]:
    """Split at the stars; a backslash before anything but a star or a backslash stands for itself."""
    pieces = [""]
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\" and pattern[position + 1 : position + 2] in ("*", "\\"):
            position += 1
            pieces[-1] += pattern[position]
        elif character == "*":
            pieces.append("")
        else:
            pieces[-1] += character
        position += 1
    return pieces


def _numbers(compare: Test) -> Test:
    return lambda value, operand: is_number(value) and is_number(operand) and compare(value, operand)


def _strings(compare: Test) -> Test:
    return lambda value, operand: isinstance(value, str) and isinstance(operand, str) and compare(utf16(value), utf16(operand))


def utf16(text: str) -> bytes:
    """Return a value that orders texts as Java does: by their UTF-16 units."""
    return text.encode("utf-16-be", "surrogatepass")


def _timestamps(compare: Test) -> Test:
    def test(value: Json, operand: Json) -> bool:
        if not isinstance(value, str) or not isinstance(operand, str):
            return False
        left, right = instant(value), instant(operand)
        return left is not None and right is not None and compare(left, right)

    return test


def _is(holds: Callable[[Json], bool]) -> Test:
    return lambda value, wanted: holds(value) is wanted


_ORDERS: Mapping[str, Test] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
}
_ORDERED: tuple[tuple[str, Kind, Callable[[Test], Test]], ...] = (
    ("Numeric", "number", _numbers),
    ("String", "string", _strings),
    ("Timestamp", "timestamp", _timestamps),
)
_TYPE_TESTS: Mapping[str, Callable[[Json], bool]] = {
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsNull": lambda value: value is None,
    "IsNumeric": is_number,
    "IsPresent": lambda value: value is not ABSENT,
    "IsString": lambda value: isinstance(value, str),
    "IsTimestamp": is_timestamp,
}


def _all_comparisons() -> list[Comparison]:
    with_paths = [Comparison("BooleanEquals", boolean_equals, "boolean")]
    with_paths += [
        Comparison(group + order, wrap(compare), kind) for group, kind, wrap in _ORDERED for order, compare in _ORDERS.items()
    ]
    paths = [Comparison(f"{one.name}Path", one.test, one.operand, is_path=True) for one in with_paths]
    types = [Comparison(name, _is(holds), "boolean") for name, holds in _TYPE_TESTS.items()]
    return [*with_paths, *paths, Comparison("StringMatches", string_matches, "string"), *types]


COMPARISONS: Mapping[str, Comparison] = {comparison.name: comparison for comparison in _all_comparisons()}
"""Every comparison under its name in the States Language."""
