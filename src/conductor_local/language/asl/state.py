"""One state while it is read: what every type of state has."""

from collections.abc import Callable
from dataclasses import dataclass

from conductor_local.language.asl.dataflow import PathSlots
from conductor_local.language.asl.expressions import ExpressionSlots
from conductor_local.language.asl.fields import Fields
from conductor_local.program import Body

Slots = PathSlots | ExpressionSlots
"""What compiles the data flow of a state, one class per query language with the same methods."""


@dataclass(frozen=True, slots=True)
class State:
    """`next` None where the body ends or the type has no such field; `depth` counts the composites around it.

    `read_body` reads a machine inside the state.
    """

    name: str
    next: str | None
    fields: Fields
    language: str
    depth: int
    slots: Slots
    read_body: Callable[[Fields, int], Body]
