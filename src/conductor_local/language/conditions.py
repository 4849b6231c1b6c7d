"""Conditions of a Choice, whatever language wrote them: how they combine, and what an operand may be."""

from collections.abc import Callable, Mapping

from conductor_local.language.comparison import is_number, is_timestamp
from conductor_local.payload import Json
from conductor_local.program import Scope

Condition = Callable[[Scope], bool]

IS: Mapping[str, Callable[[Json], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "number": is_number,
    "string": lambda value: isinstance(value, str),
    "timestamp": is_timestamp,
}
"""Whether a value is of an operand's type."""


def negated(condition: Condition) -> Condition:
    """Hold when the condition does not."""
    return lambda scope: not condition(scope)


def all_of(conditions: list[Condition]) -> Condition:
    """Hold when all do; the first that does not decides."""
    return lambda scope: all(condition(scope) for condition in conditions)


def any_of(conditions: list[Condition]) -> Condition:
    """Hold when one does; the first that does decides."""
    return lambda scope: any(condition(scope) for condition in conditions)
