"""What a JSONPath is once parsed: a root and segments (reference sheet 4).

Rules: a path is *definite* when it can select one node at most; a *Reference Path* has only names and indexes from 0. The
canonical text is Jayway's, which AWS shows in its messages: brackets everywhere and `$` for every root.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from conductor_local.payload import Json


class Root(Enum):
    """What a path starts from."""

    INPUT = "$"
    CONTEXT = "$$"
    VARIABLE = "$name"


@dataclass(frozen=True, slots=True)
class Name:
    """`.name` or `['name']`."""

    name: str

    def __str__(self) -> str:
        return f"['{self.name}']"


@dataclass(frozen=True, slots=True)
class Names:
    """`['a','b']`: at the end of a path one object with those that are present, elsewhere each of them."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "[" + ",".join(f"'{name}'" for name in self.names) + "]"


@dataclass(frozen=True, slots=True)
class Index:
    """`[0]`, or `[-1]` counted from the end."""

    index: int

    def __str__(self) -> str:
        return f"[{self.index}]"


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[1,2]`."""

    indexes: tuple[int, ...]

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indexes)) + "]"


@dataclass(frozen=True, slots=True)
class Slice:
    """`[start:stop]`, end exclusive; at least one of them is given."""

    start: int | None
    stop: int | None

    def __str__(self) -> str:
        return f"[{'' if self.start is None else self.start}:{'' if self.stop is None else self.stop}]"


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*` or `[*]`."""

    def __str__(self) -> str:
        return "[*]"


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(…)]`; `holds` takes the candidate and the document of the path."""

    text: str
    holds: Callable[[Json, Json], bool] = field(compare=False, repr=False)

    def __str__(self) -> str:
        return "[?]"


Step: TypeAlias = Name | Names | Index | Indexes | Slice | Wildcard | Filter


@dataclass(frozen=True, slots=True)
class Descend:
    """`..` and the step taken from every place below."""

    step: Step

    def __str__(self) -> str:
        return f"..{self.step}"


Segment: TypeAlias = Step | Descend
Segments: TypeAlias = tuple[Segment, ...]


def is_definite(segments: Segments) -> bool:
    """Tell whether these select one node at most."""
    last = len(segments) - 1
    return all(
        isinstance(segment, Name | Index) or (isinstance(segment, Names) and place == last)
        for place, segment in enumerate(segments)
    )


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path; `text` is as written, `variable` the name for a path into a variable."""

    text: str
    root: Root
    segments: Segments
    variable: str | None = None

    @property
    def is_definite(self) -> bool:
        """Whether it selects one node at most; others always give a list."""
        return is_definite(self.segments)

    @property
    def is_reference(self) -> bool:
        """Whether it is a Reference Path, the kind that can also be written to."""
        return all(isinstance(one, Name) or (isinstance(one, Index) and one.index >= 0) for one in self.segments)

    @property
    def names_variable(self) -> str | None:
        """The variable it reads, or None."""
        return self.variable

    @property
    def canonical(self) -> str:
        """Jayway's text form, such as `$['a'][0]`."""
        return "$" + "".join(map(str, self.segments))
