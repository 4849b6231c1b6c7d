"""One step while it is read: what every type of step has."""

from dataclasses import dataclass

from conductor_local.language.steps.fields import Fields


@dataclass(frozen=True, slots=True)
class Step:
    """`id` is its key in `steps`, `title` its name for people, `next` None where the body ends or the type has no such field.

    `depth` counts the composites around it.
    """

    id: str
    title: str
    next: str | None
    fields: Fields
    depth: int
