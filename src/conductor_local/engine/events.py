"""Facts about one execution, in the order they became true. The event log is history, outbox and replay tape.

Every event has `seq`, dense from 1 within its execution. Two further numberings belong to readers who see only some kinds, and are
drawn when the event is made because texts and ids quote them: `history_id` counts what AWS's GetExecutionHistory shows (`cause` is
its previousEventId), `lifecycle_id` counts what goes out as a lifecycle event. 0 means: not in that numbering.

Rules: an event is never changed once emitted; a field is only ever added, with a default.
"""

from datetime import datetime
from typing import ClassVar

import msgspec

from conductor_local.payload import Payload
from conductor_local.program import Failure, Path


class Event(msgspec.Struct, gc=False, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every event has; `frame` and `path` locate it inside the execution (0 and () for the execution itself)."""

    in_history: ClassVar[bool] = True
    in_lifecycle: ClassVar[bool] = False

    seq: int = 0
    at: datetime
    history_id: int = 0
    cause: int = 0
    lifecycle_id: int = 0
    frame: int = 0
    path: Path = ()


class ExecutionStarted(Event, kw_only=True, tag=True):
    in_lifecycle: ClassVar[bool] = True
    input: Payload


class ExecutionSucceeded(Event, kw_only=True, tag=True):
    in_lifecycle: ClassVar[bool] = True
    output: Payload


class ExecutionFailed(Event, kw_only=True, tag=True):
    """`node` and `title` name the step that failed: the innermost one, at `path`."""

    in_lifecycle: ClassVar[bool] = True
    failure: Failure
    node: str = ""
    title: str = ""


class ExecutionTimedOut(Event, kw_only=True, tag=True):
    in_lifecycle: ClassVar[bool] = True
    failure: Failure


class ExecutionAborted(Event, kw_only=True, tag=True):
    in_lifecycle: ClassVar[bool] = True
    failure: Failure


class ExecutionRedriven(Event, kw_only=True, tag=True):
    in_lifecycle: ClassVar[bool] = True
    redrives: int


class NodeEvent(Event, kw_only=True):
    """What every event about one visit of a node has."""

    node: str
    title: str = ""


class NodeEntered(NodeEvent, kw_only=True, tag=True):
    """`kind` is the node's kind in lower case; `function` what a task calls; `arguments` None when the input itself is used."""

    in_lifecycle: ClassVar[bool] = True
    kind: str
    input: Payload
    arguments: Payload | None = None
    function: str | None = None


class NodeExited(NodeEvent, kw_only=True, tag=True):
    """`result` is what the work gave (None when that is the output), `attempts` how often it was tried."""

    in_lifecycle: ClassVar[bool] = True
    kind: str
    output: Payload
    result: Payload | None = None
    assigned: dict[str, Payload] | None = None
    attempts: int = 1
    next: str | None = None


class NodeFailed(NodeEvent, kw_only=True, tag=True):
    """The node failed for good and nothing here handles it."""

    in_history: ClassVar[bool] = False
    in_lifecycle: ClassVar[bool] = True
    kind: str
    failure: Failure
    attempts: int = 1


class NodeCaught(NodeEvent, kw_only=True, tag=True):
    """The node failed for good and its own catch goes on at `next` with `output`."""

    in_lifecycle: ClassVar[bool] = True
    kind: str
    failure: Failure
    output: Payload
    assigned: dict[str, Payload] | None = None
    attempts: int = 1
    next: str


class NodeAborted(NodeEvent, kw_only=True, tag=True):
    """The node was still at work when something around it ended it."""

    kind: str


class RetryScheduled(NodeEvent, kw_only=True, tag=True):
    """Attempt `attempt` (counted from 1) failed; the next starts at `retry_at`."""

    in_history: ClassVar[bool] = False
    in_lifecycle: ClassVar[bool] = True
    failure: Failure
    attempt: int
    retry_at: datetime


class EvaluationFailed(NodeEvent, kw_only=True, tag=True):
    """An expression of the node failed; `location` is its place within the node, "" for the node as a whole."""

    failure: Failure
    location: str = ""


class TaskScheduled(NodeEvent, kw_only=True, tag=True):
    resource: str
    resource_kind: str
    attempt: int
    arguments: Payload
    timeout_s: float | None = None
    heartbeat_s: float | None = None
    credentials: Payload | None = None


class TaskStarted(NodeEvent, kw_only=True, tag=True):
    """`started_at` is when the call began; the event itself is recorded when the engine next hears of the task."""

    started_at: datetime
    worker: str | None = None


class TaskSubmitted(NodeEvent, kw_only=True, tag=True):
    """The call was accepted elsewhere; the result comes later by callback. `output` is the answer to the call itself."""

    output: Payload


class TaskSucceeded(NodeEvent, kw_only=True, tag=True):
    """`logs` is what the function said in this attempt, a list of `{"at", "level", "message"}`; None: nothing."""

    result: Payload
    logs: Payload | None = None


class TaskFailed(NodeEvent, kw_only=True, tag=True):
    """`logs` as in `TaskSucceeded`."""

    failure: Failure
    logs: Payload | None = None


class TaskTimedOut(NodeEvent, kw_only=True, tag=True):
    failure: Failure


class ParallelStarted(NodeEvent, kw_only=True, tag=True):
    branches: int


class ParallelSucceeded(NodeEvent, kw_only=True, tag=True):
    pass


class ParallelFailed(NodeEvent, kw_only=True, tag=True):
    pass


class MapStarted(NodeEvent, kw_only=True, tag=True):
    length: int


class MapSucceeded(NodeEvent, kw_only=True, tag=True):
    pass


class MapFailed(NodeEvent, kw_only=True, tag=True):
    pass


class MapRunStarted(NodeEvent, kw_only=True, tag=True):
    """Executions of their own are started for the items; `run` names this run of the map labelled `label`.

    `concurrency` is how many run at once (0: as many as can), the others how many items may fail (None: not said). `items` is how
    many there are, None when they are yet to be read.
    """

    run: str
    label: str
    concurrency: int = 0
    tolerated_count: int | None = None
    tolerated_percentage: float | None = None
    is_batched: bool = False
    items: int | None = None


class MapRunCounted(NodeEvent, kw_only=True, tag=True):
    """The items of a run have been read."""

    in_history: ClassVar[bool] = False
    items: int


class MapRunUpdated(NodeEvent, kw_only=True, tag=True):
    """The limits of a run were changed; these are all of them, as in `MapRunStarted`."""

    in_history: ClassVar[bool] = False
    concurrency: int = 0
    tolerated_count: int | None = None
    tolerated_percentage: float | None = None


class MapRunRedriven(NodeEvent, kw_only=True, tag=True):
    """A run that did not succeed goes on, for the time `redrives`, with what had not succeeded in it."""

    run: str
    label: str
    redrives: int


class MapRunAborted(NodeEvent, kw_only=True, tag=True):
    """A run was still at work when something around it ended it."""


class MapRunSucceeded(NodeEvent, kw_only=True, tag=True):
    pass


class MapRunFailed(NodeEvent, kw_only=True, tag=True):
    failure: Failure


class IterationStarted(NodeEvent, kw_only=True, tag=True):
    index: int


class IterationSucceeded(NodeEvent, kw_only=True, tag=True):
    index: int


class IterationFailed(NodeEvent, kw_only=True, tag=True):
    index: int


class IterationAborted(NodeEvent, kw_only=True, tag=True):
    index: int


AnyEvent = (
    ExecutionStarted
    | ExecutionSucceeded
    | ExecutionFailed
    | ExecutionTimedOut
    | ExecutionAborted
    | ExecutionRedriven
    | NodeEntered
    | NodeExited
    | NodeFailed
    | NodeCaught
    | NodeAborted
    | RetryScheduled
    | EvaluationFailed
    | TaskScheduled
    | TaskStarted
    | TaskSubmitted
    | TaskSucceeded
    | TaskFailed
    | TaskTimedOut
    | ParallelStarted
    | ParallelSucceeded
    | ParallelFailed
    | MapStarted
    | MapSucceeded
    | MapFailed
    | MapRunStarted
    | MapRunCounted
    | MapRunUpdated
    | MapRunRedriven
    | MapRunAborted
    | MapRunSucceeded
    | MapRunFailed
    | IterationStarted
    | IterationSucceeded
    | IterationFailed
    | IterationAborted
)
