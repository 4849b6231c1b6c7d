"""The one intermediate representation every workflow language compiles to. READ THIS FIRST.

A `Program` is a `Body`: named nodes and where to start. A node is one of nine kinds; composites hold further bodies. How data
flows through a node is a few opaque `Expr` slots that the language's front end compiled: the engine calls them and never
looks inside, so it never learns which language it runs.

    arguments   what the work is given; reads the node's input          (None: the input itself)
    output      what the node passes on; reads input and result          (None: the result itself)
    assign      variables to set; reads the same as `output`             (None: no variables)

Rules: everything here is immutable and holds no run-time state; nodes are named by their path in the definition, never by
position, so that a running execution survives a recompilation.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from conductor_local.payload import Json

Path = tuple[str | int, ...]
"""Where a body runs inside an execution: composite node, then branch or item index, outermost first; `()` is the root."""


class Failure(msgspec.Struct, gc=False, frozen=True, omit_defaults=True):
    """How work ended badly: `error` is the name handlers match, `cause` a text for people; None where none was given."""

    error: str | None = None
    cause: str | None = None
    details: dict[str, Json] | None = None
    """What only a person debugging wants, such as the user's own traceback lines; never part of the workflow's data."""
    is_missed_heartbeat: bool = False
    """A timeout because nothing was heard, not because it took too long: the name is the same, but a handler may ask."""


class ErrorName:
    """Names of failures that the engine itself raises. All languages share them; they are those of the States Language."""

    TIMEOUT = "States.Timeout"
    HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
    RUNTIME = "States.Runtime"
    TASK_FAILED = "States.TaskFailed"
    DATA_LIMIT = "States.DataLimitExceeded"
    ALL = "States.ALL"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a map. `key` is its name in the object it comes from, None in a list.

    `source` says where it was read; None: it belongs to the execution's own data.
    """

    index: int
    value: Json
    key: str | None = None
    source: str | None = None

    @property
    def whole(self) -> Json:
        """What an iteration is given that selects nothing: the value, together with the key where there is one."""
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}


def items_in(found: Json, source: str | None = None) -> Iterator[Item]:
    """Yield the items of a list, or those of an object with their keys."""
    named = found.items() if isinstance(found, dict) else ((None, value) for value in found)
    return (Item(index, value, key, source) for index, (key, value) in enumerate(named))


class Scope(Protocol):
    """What an `Expr` may read. Times are aware UTC datetimes; JSON values are read-only."""

    @property
    def input(self) -> Json:
        """The node's input as it came in."""

    @property
    def arguments(self) -> Json:
        """The value of the node's `arguments` slot once evaluated; before that, the input."""

    @property
    def result(self) -> Json:
        """What the node's work gave back; None before it has."""

    @property
    def failure(self) -> Failure | None:
        """The failure being handled, inside the slots of a `Catcher`."""

    @property
    def node(self) -> str: ...
    @property
    def entered_at(self) -> datetime: ...
    @property
    def entered_event(self) -> int:
        """History number of the event that recorded the entry into this node."""

    @property
    def retries(self) -> int:
        """Retries made so far in this visit of the node."""

    @property
    def item(self) -> Item | None:
        """The innermost map item around this place."""

    @property
    def task_token(self) -> str | None:
        """The token a callback must present; only while the arguments of such a task are evaluated."""

    @property
    def execution_id(self) -> str: ...
    @property
    def execution_name(self) -> str: ...
    @property
    def execution_input(self) -> Json: ...
    @property
    def definition_id(self) -> str: ...
    @property
    def definition_name(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def redrives(self) -> int: ...
    @property
    def now(self) -> datetime:
        """The instant of the message being handled: the only time a workflow knows."""

    def variable(self, name: str) -> Json:
        """Return the innermost variable of that name; raises KeyError when there is none."""

    def entropy(self) -> int:
        """Return the next 64 pseudo-random bits; the same on every replay."""


Expr = Callable[[Scope], Json]
"""Raises `EvaluationError` when the value cannot be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrier:
    """Try again after a failure that `matches`.

    The delay before retry k is `interval_s * backoff_rate ** (k - 1)`, capped at `delay_max_s`; with `jitter` it is drawn
    uniformly from zero to that (ASL spec, "Retrying after error").
    """

    matches: Callable[[Failure], bool]
    interval_s: float = 1.0
    attempts_max: int = 3
    backoff_rate: float = 2.0
    delay_max_s: float | None = None
    jitter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catcher:
    """Go on at `next` after a failure that `matches`; `output` (None: the node's input) and `assign` read `scope.failure`."""

    matches: Callable[[Failure], bool]
    next: str
    output: Expr | None = None
    assign: Expr | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """What a task calls: `kind` chooses the runner ("function", later "lambda", "activity", …), `name` is for that runner."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every kind has. `next` None ends the body; `title` is the name for people."""

    name: str
    title: str
    next: str | None = None
    arguments: Expr | None = None
    output: Expr | None = None
    assign: Expr | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Catcher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(Node):
    """Hand the arguments on as the result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Node):
    """Call `resource` with the arguments; its answer is the result. Limits are seconds, counted per attempt.

    `credentials` says on whose behalf; it is for the history and the runner, not for the function. `label` is what a text about the
    size of its result calls the resource (None: its name).
    """

    resource: Resource
    timeout_s: Expr | None = None
    heartbeat_s: Expr | None = None
    credentials: Expr | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Node):
    """Wait until `until` (gives an aware datetime, read at entry); a past instant goes on at once. The arguments pass through."""

    until: Callable[[Scope], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way out of a Choice; `output` and `assign` replace the node's own when the rule is taken."""

    condition: Callable[[Scope], bool]
    next: str
    output: Expr | None = None
    assign: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Node):
    """Take the first rule that holds, else `default`; with neither, fail."""

    rules: tuple[Rule, ...]
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(Node):
    """End the body with the arguments as its output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Node):
    """End the body with a failure."""

    error: Expr | None = None
    cause: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(Node):
    """Run every branch with the arguments; the result is the list of their outputs. One failure ends all."""

    branches: tuple["Body", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(Node):
    """Run `body` for each item; the result is the list of outputs in item order. One failure ends all.

    `items` gives the list; `item` makes one iteration's input (None: the item itself) with `scope.item` set; `window` is
    how many run at once (None or 0: as many as the engine allows).
    """

    items: Expr
    body: "Body"
    item: Expr | None = None
    window: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRun(Node):
    """Run a workflow of its own for each item or batch of items; the result is the list of their outputs, or where they went.

    `processor` is the JSON pointer, in the definition, of the machine that each of them runs, `label` the name of these runs.
    `items` gives the list, or None where they are read from elsewhere; `item` makes one item's value with `scope.item` set, once it
    is known. `order` gives the rest as an object, as `engine/nodes/map_run.py` describes it.
    """

    processor: str
    label: str
    order: Expr
    items: Expr | None = None
    item: Expr | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """A sequence by `next`: a whole workflow, a branch or a map's iteration."""

    start: str
    nodes: Mapping[str, Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one execution may grow to. None: no limit of its own."""

    payload_bytes: int = 262_144
    events: int | None = None
    assign_bytes: int | None = None
    """What one node may assign at once."""
    variables_bytes: int = 10 * 1024 * 1024
    """What all variables that a place can see may hold (AWS's quota for an execution)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A compiled definition. `timeout_s` bounds the whole run."""

    body: Body
    timeout_s: float | None = None
    limits: Limits = field(default_factory=Limits)

    def body_at(self, path: Path) -> Body:
        """Return the body that runs at `path`; raises LookupError when the program has no such place."""
        body = self.body
        for name, index in zip(path[::2], path[1::2], strict=True):
            match body.nodes[str(name)]:
                case Parallel(branches=branches):
                    body = branches[int(index)]
                case Map(body=inner):
                    body = inner
                case node:
                    raise KeyError(f"{name} is a {type(node).__name__}, not a composite")
        return body
