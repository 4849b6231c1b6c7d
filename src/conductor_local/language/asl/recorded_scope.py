"""A scope made of plain values: what is known of one visit of a state once it is over, or is given for a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from conductor_local.payload import Json
from conductor_local.program import Failure, Item


def _no_randomness() -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedScope:
    """A `program.Scope`. `variables` are those that held when the state was entered; `now` is when it was left.

    `has_result`: the state's work gave `result`; False where it failed or was never done. `items_read` is what an ItemReader gave,
    None: nothing is known of it. `draw` gives the execution's randomness from where it stood at entry; without it all bits are 0.
    """

    input: Json
    result: Json = None
    has_result: bool = False
    failure: Failure | None = None
    variables: Mapping[str, Json] = field(default_factory=dict)
    items_read: Json = None
    node: str
    entered_at: datetime
    entered_event: int = 0
    retries: int = 0
    item: Item | None = None
    task_token: str | None = None
    execution_id: str = ""
    execution_name: str = ""
    execution_input: Json = None
    definition_id: str = ""
    definition_name: str = ""
    started_at: datetime
    redrives: int = 0
    now: datetime
    draw: Callable[[], int] = _no_randomness

    @property
    def arguments(self) -> Json:
        """The input: nothing that is compiled from a state machine reads the arguments."""
        return self.input

    def variable(self, name: str) -> Json:
        """Return a variable; raises KeyError when there is none."""
        return self.variables[name]

    def entropy(self) -> int:
        """Return the next 64 pseudo-random bits."""
        return self.draw()
