"""A shape's constraints as one predicate, made once: whether a value of the right type keeps all of them.

It is what nearly every request pays for. Which constraint a value breaks, and in which words, is asked of `model.py` only when the
answer here is no; both read the same description.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from conductor_local.payload import Json

if TYPE_CHECKING:
    from conductor_local.api.aws.model import Shape

Check = Callable[[Json], bool]
NUMBERS = frozenset({"integer", "long", "float"})


def check_of(name: str, shapes: "Mapping[str, Shape]") -> Check | None:
    """Return the predicate of a shape that does not contain itself; None: every value will do."""
    shape = shapes[name]
    match shape.type:
        case "structure":
            return _structure(shape, shapes)
        case "list":
            return _all_of([*_sizes(shape), *_items(shape, shapes)])
        case _:
            return _all_of([*_enum(shape), *_sizes(shape), *_pattern(shape)])


def pattern_of(shape: "Shape") -> "re.Pattern[str] | None":
    """Return the expression that the whole of a text must match; Java's names of character classes are written out."""
    return None if shape.pattern is None else re.compile(shape.pattern.replace(r"\p{ASCII}", r"[\x00-\x7f]"))


def _structure(shape: "Shape", shapes: "Mapping[str, Shape]") -> Check | None:
    required = shape.required
    made = ((name, check_of(reference.shape, shapes)) for name, reference in shape.members.items())
    checks = {name: check for name, check in made if check is not None}
    if not required and not checks:
        return None

    def check(value: Json) -> bool:
        for name in required:
            if name not in value:
                return False
        for name, item in value.items():
            keeps = checks.get(name)
            if keeps is not None and not keeps(item):
                return False
        return True

    return check


def _all_of(checks: list[Check]) -> Check | None:
    match checks:
        case []:
            return None
        case [check]:
            return check
        case [first, second]:
            return lambda value: first(value) and second(value)
        case _:
            return lambda value: all(check(value) for check in checks)


def _enum(shape: "Shape") -> list[Check]:
    return [frozenset(shape.enum).__contains__] if shape.enum else []


def _sizes(shape: "Shape") -> list[Check]:
    """Of numbers the value is limited, of texts and lists the length."""
    low, high = shape.min, shape.max
    if low is None and high is None:
        return []
    lowest, highest = float("-inf") if low is None else low, float("inf") if high is None else high
    if shape.type in NUMBERS:
        return [lambda value: lowest <= value <= highest]
    return [lambda value: lowest <= len(value) <= highest]


def _pattern(shape: "Shape") -> list[Check]:
    pattern = pattern_of(shape)
    return [] if pattern is None else [lambda value: pattern.fullmatch(value) is not None]


def _items(shape: "Shape", shapes: "Mapping[str, Shape]") -> list[Check]:
    assert shape.member is not None
    check = check_of(shape.member.shape, shapes)
    return [] if check is None else [lambda value: all(map(check, value))]
