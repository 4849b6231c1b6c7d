"""What is wrong with a state machine, in the words of AWS: its codes, texts and locations (reference sheet 20).

Rules: problems of single fields come first, in document order, then those of the graph, as AWS orders them; a `location` is
written as AWS writes it (`/States/A/Choices[0]/Next`), the pointer, line and column beside it are ours and may be more exact.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from conductor_local.errors import Problem
from conductor_local.language.positions import child
from conductor_local.language.source import Source

SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"
NO_END = "MISSING_END_STATE"
DUPLICATE_STATE = "DUPLICATE_STATE_NAME"
TOO_DEEP = "TOO_DEEPLY_NESTED"
RUNS_DISTRIBUTED = "RUNS_DISTRIBUTED"
"""Ours, a warning: an inline Map has what only a distributed one can do."""


class Diagnostic(Problem, frozen=True, kw_only=True, omit_defaults=True):
    """A problem with the place as AWS names it; None where AWS names none."""

    location: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the definition, as a JSON pointer and as AWS writes it; the bare `Place()` is the whole."""

    pointer: str = ""
    path: str = ""

    @property
    def location(self) -> str:
        """What AWS shows."""
        return self.path or "/"

    def member(self, name: str) -> "Place":
        """Return the place of a field."""
        return Place(child(self.pointer, name), f"{self.path}/{name}")

    def item(self, index: int) -> "Place":
        """Return the place of an item of the list that is here."""
        return Place(child(self.pointer, index), f"{self.path}[{index}]")


class Diagnostics:
    """The diagnostics found so far."""

    __slots__ = ("_fields", "_graph", "_keys", "error_count")

    def __init__(self) -> None:
        self._fields: list[Diagnostic] = []
        self._graph: list[Diagnostic] = []
        self._keys: set[str] = set()
        self.error_count = 0

    def error(self, place: Place, text: str, *, code: str = SCHEMA, hint: str = "", caret: Place | None = None) -> None:
        """Note what AWS reports at `place`; `caret` is the key at which a person should look, when that is more exact."""
        self.error_count += 1
        pointer = (caret or place).pointer
        if caret is not None:
            self._keys.add(pointer)
        self._fields.append(Diagnostic(pointer=pointer, code=code, message=text, hint=hint, location=place.location))

    def graph_error(self, place: Place, code: str, text: str, *, hint: str = "", has_location: bool = True) -> None:
        """Note something wrong with how states lead to each other."""
        self.error_count += 1
        location = place.location if has_location else None
        self._graph.append(Diagnostic(pointer=place.pointer, code=code, message=text, hint=hint, location=location))

    def warning(self, place: Place, code: str, text: str, *, caret: Place) -> None:
        """Note what is probably a mistake."""
        found = Diagnostic(pointer=caret.pointer, code=code, message=text, location=place.location, severity="warning")
        self._fields.append(found)

    def told(self, source: Source) -> tuple[Diagnostic, ...]:
        """Return all in AWS's order, placed in the text."""
        return tuple(self._placed(one, source) for one in [*self._fields, *self._graph])

    def _placed(self, found: Diagnostic, source: Source) -> Diagnostic:
        line, column = source.locate(found.pointer, key=found.pointer in self._keys) or (0, 0)
        return replace(found, line=line, column=column)


def invalid_definition(problems: Iterable[Problem]) -> str:
    """Return the message of AWS's `InvalidDefinition` for the errors among these."""
    told = [f"{one.code}: {one.message} at {_location(one)}" for one in problems if one.severity == "error"]
    return f"Invalid State Machine Definition: '{', '.join(told)}'"


def _location(problem: Problem) -> str:
    location = problem.location if isinstance(problem, Diagnostic) else problem.pointer
    return "null" if location is None else location
