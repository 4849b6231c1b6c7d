"""One execution at rest: a head and its frames. This is the truth that a store keeps, row by row.

A `Frame` is one body at work: the root, a branch, a map iteration. It stands at one node. Rules: frames and heads in an `Execution`
are never changed in place; `advance` returns a `Step` that says what changed, a store commits it, and only then `Execution.apply`
takes it over. A composite's counters live in the memo of the frame that stands at it; its children are frames of their own.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from conductor_local.engine.effects import AnyWork
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import WorkId
from conductor_local.payload import Payload
from conductor_local.program import Failure, Path


class Status(StrEnum):
    """Where an execution stands. SUSPENDED: parked on a fault of ours, nothing lost, tried again by the next process."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUSPENDED = "SUSPENDED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


ENDED = frozenset({Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT, Status.ABORTED})
REDRIVABLE = ENDED - {Status.SUCCEEDED}


class FrameStatus(StrEnum):
    """Where a frame stands.

    READY runs in this step; WAITING waits for work or children; DONE is a child with its output; FAILED and ABORTED are kept
    for a redrive.
    """

    READY = "READY"
    WAITING = "WAITING"
    DONE = "DONE"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


OPEN = frozenset({FrameStatus.READY, FrameStatus.WAITING})


class TaskMemo(msgspec.Struct, gc=False, omit_defaults=True, tag=True):
    """A task in flight: `submitted`, its callback ends it; `accepted`, its call waits for a job.

    `heartbeat_by` moves with every heartbeat, the timer stays and re-arms itself.
    """

    work_id: WorkId
    timeout_timer: WorkId | None = None
    heartbeat_timer: WorkId | None = None
    heartbeat_s: float = 0.0
    heartbeat_by: datetime | None = None
    submitted: bool = False
    accepted: bool = False
    asked_at: datetime | None = None


class WaitMemo(msgspec.Struct, gc=False, tag=True):
    """A Wait until `timer`; `result` passes through."""

    timer: WorkId
    result: Payload


class RetryMemo(msgspec.Struct, gc=False, tag=True):
    """A back-off until `timer`."""

    timer: WorkId


class ParallelMemo(msgspec.Struct, gc=False, tag=True):
    """`running` branches have not ended."""

    running: int


class MapMemo(msgspec.Struct, gc=False, tag=True):
    """Items are admitted in order up to `window` at once; `admitted` have started, `running` have not ended."""

    items: Payload
    arguments: Payload
    window: int
    admitted: int = 0
    running: int = 0


class MapRunMemo(msgspec.Struct, gc=False, tag=True):
    """A map run: `work_id` waits for its outcome; `order` is what was asked for, with what was changed since.

    `work_id` None: the run is over and did not succeed; a redrive goes on with it. `items` is how many a reader found.
    """

    work_id: WorkId | None
    order: Payload
    items: int | None = None


Memo = TaskMemo | WaitMemo | RetryMemo | ParallelMemo | MapMemo | MapRunMemo


class Frame(msgspec.Struct, gc=False, kw_only=True, omit_defaults=True):
    """One body at work. `attempt` 0 means: about to enter `node`; `retries` counts per Retrier in this visit."""

    id: int
    parent: int | None = None
    path: Path = ()
    node: str
    input: Payload
    variables: dict[str, Payload] = {}
    status: FrameStatus = FrameStatus.READY
    attempt: int = 0
    retries: list[int] = []
    entered_at: datetime | None = None
    entered_event: int = 0
    tail: int = 0
    memo: Memo | None = None
    output: Payload | None = None
    redriven: bool = False
    schema: int = 1

    @property
    def index(self) -> int:
        """Which branch or item of the parent's composite this is."""
        return int(self.path[-1])


class Head(msgspec.Struct, gc=False, kw_only=True, omit_defaults=True):
    """What an execution is apart from its frames. `definition` is the digest it is pinned to; `seed` feeds its entropy."""

    id: str
    name: str
    definition: str
    definition_id: str
    definition_name: str
    partition: int = 0
    version: int = 0
    status: Status = Status.PENDING
    seed: int
    input: Payload
    started_at: datetime
    ended_at: datetime | None = None
    at: datetime
    """The latest instant this execution has seen; time never goes backwards for it."""
    output: Payload | None = None
    failure: Failure | None = None
    node: str | None = None
    """Where the root stands; where the failed node is, once it failed; None when it succeeded."""
    failed_title: str | None = None
    suspension: str | None = None
    """Why it is parked: the fault's traceback."""
    redrives: int = 0
    redriven_at: datetime | None = None
    round: int = 0
    """For an execution of a map run: how often the run had been redriven when this one was last begun."""
    deadline: WorkId | None = None
    continuing: WorkId | None = None
    """The Continue that frames still ready wait for."""
    next_id: int = 1
    next_seq: int = 1
    next_history_id: int = 1
    next_lifecycle_id: int = 1
    draws: int = 0
    labels: dict[str, str] = {}
    """What a face wants to know again about how it was started; nothing to the engine."""
    schema: int = 1


class Step(msgspec.Struct, gc=False, kw_only=True):
    """What one `advance` changed, never the whole. `frames` maps an id to its new frame, or None where it is gone.

    `work` is new, `cancelled` names rows nobody wants any more; `consumed` names the rows whose messages this step handled
    (filled in by the mailbox). `head.version` is one above the version the step was made from.
    """

    head: Head
    frames: dict[int, Frame | None]
    events: list[AnyEvent]
    work: list[AnyWork]
    cancelled: list[WorkId]
    consumed: list[WorkId] = []


class Execution(msgspec.Struct, gc=False):
    """Head and frames as last committed."""

    head: Head
    frames: dict[int, Frame] = {}

    def apply(self, step: Step) -> None:
        """Take over a step that has been committed."""
        self.head = step.head
        for frame_id, frame in step.frames.items():
            if frame is None:
                self.frames.pop(frame_id, None)
            else:
                self.frames[frame_id] = frame


def create_execution(
    *,
    id: str,
    name: str,
    definition: str,
    definition_id: str,
    definition_name: str,
    partition: int,
    seed: int,
    input: Payload,
    at: datetime,
    labels: dict[str, str] | None = None,
    round: int = 0,
) -> Execution:
    """Make an execution that has not begun; a `Start` message begins it."""
    return Execution(
        Head(
            id=id, name=name, definition=definition, definition_id=definition_id, definition_name=definition_name,
            partition=partition, seed=seed, input=input, started_at=at, at=at, labels=labels or {},
            round=round,
        )
    )  # fmt: skip
