"""All protocols between the runtime and the outside. READ THIS THIRD.

The store is the truth; everything else may forget. Each method states its contract in words a test can check: the suites in
`conductor_local.testing` check them on every adapter. Times are aware UTC datetimes. Every method may raise `Unavailable`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from conductor_local.engine.effects import AnyWork, Invoke
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import AnyMessage, WorkId
from conductor_local.engine.state import Execution, Head, Status, Step
from conductor_local.language.asl import Identity
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure, Item
from conductor_local.runtime.records import Definition, Pinned, Record

# --- what a store is asked and answers -------------------------------------------------------------------------------------


class Query(msgspec.Struct, kw_only=True, frozen=True):
    """Which executions to list, newest start first. `cursor` is what the page before gave; bounds on `started_at` are half-open.

    Without a `definition_id` the executions that map runs started for items are left out: theirs are named `<id>/<label>`.
    """

    statuses: frozenset[Status] = frozenset()
    definition_id: str | None = None
    started_from: datetime | None = None
    started_before: datetime | None = None
    cursor: str | None = None
    limit: int = 50


class Page(msgspec.Struct, kw_only=True, frozen=True):
    """One page of heads; `cursor` None on the last one."""

    heads: Sequence[Head]
    cursor: str | None = None


class Claimed(msgspec.Struct, gc=False, kw_only=True, frozen=True):
    """Work that is now this owner's, with its execution ids; `next_due_at`: when the earliest unclaimed row falls due."""

    work: Sequence[tuple[str, AnyWork]]
    next_due_at: datetime | None = None


class Published(msgspec.Struct, kw_only=True, frozen=True):
    """The events of one commit as the outbox hands them on. `cursor` is the position just behind them."""

    cursor: int
    execution_id: str
    definition_id: str
    definition_name: str
    events: Sequence[AnyEvent]


class Created(msgspec.Struct, kw_only=True, frozen=True):
    """What `Store.create` found: `head` as stored, and whether this call stored it."""

    head: Head
    is_new: bool


# --- the ports -----------------------------------------------------------------------------------------------------------------


class Store(Protocol):
    """State, work, events, definitions and records. What a method acknowledged survives the death of the process."""

    async def open(self) -> None:
        """Connect, create or migrate. Raises `SettingsError` when what is there is not a store this version can use."""

    async def close(self) -> None:
        """Finish what was begun and let go. Nothing may be called afterwards."""

    # definitions

    async def put_definition(self, definition: Definition, *, replaces: int | None) -> None:
        """Store a definition and pin its document under its digest, in one transaction.

        `replaces` is the revision it takes the place of, None for a new one. Raises `Conflict` when the name or id is taken by
        another definition, or when the stored revision is no longer `replaces`.
        """

    async def definition(self, id_or_name: str) -> Definition | None:
        """Return the definition of that id, else of that name."""

    async def definitions(self) -> Sequence[Definition]:
        """Return all, oldest first."""

    async def delete_definition(self, id: str) -> bool:
        """Forget a definition; tell whether it was there. Documents that executions are pinned to stay readable."""

    async def document(self, digest: str) -> Pinned | None:
        """Return what is pinned under a digest, also that of a replaced or deleted definition."""

    # records

    async def put_record(self, record: Record, *, replaces: int | None) -> None:
        """Store a record. Raises `Conflict` when the stored revision is not `replaces` (None: there is none)."""

    async def record(self, kind: str, key: str) -> Record | None:
        """Return one record."""

    async def records(self, kind: str) -> Sequence[Record]:
        """Return all of a kind, by key."""

    async def delete_record(self, kind: str, key: str) -> bool:
        """Forget a record; tell whether it was there."""

    # executions

    async def create(self, execution: Execution, work: Sequence[AnyWork], *, epoch: int | None = None) -> Created:
        """Store a new execution and its first work in one transaction, once per execution id.

        With the owner's `epoch` the work is born claimed by it. When the id is there already nothing is written and the stored head
        comes back with `is_new` False; the caller decides whether that is a conflict.
        """

    async def load(self, execution_id: str) -> Execution | None:
        """Return head and frames as of the latest commit."""

    async def commit(self, step: Step, *, epoch: int) -> None:
        """Apply one step in one transaction: head, frames, events, new work, consumed and cancelled work. All or nothing.

        New `Invoke` and `Deliver` rows that are due at once are born claimed by `epoch`; timers are not. Raises `Conflict` when the
        stored version is not `step.head.version - 1`, `Fenced` when the partition's epoch is no longer `epoch`; then nothing was
        written. Commits of one store become durable in the order they were called; many may share one transaction of the database.
        """

    async def post(self, execution_id: str, partition: int, work: Sequence[AnyWork]) -> bool:
        """Add unclaimed work from outside, idempotent by work id. False, and nothing written, when there is no such execution."""

    async def describe(self, execution_id: str) -> Head | None:
        """Return the head alone."""

    async def list(self, query: Query) -> Page:
        """Return one page. An execution that existed before the first page and was not deleted appears exactly once."""

    async def counts(self) -> dict[Status, int]:
        """How many executions stand at each status."""

    async def delete(self, execution_id: str) -> bool:
        """Forget an ended execution with all its rows, events not yet read from the outbox included.

        False when it is not there or has not ended.
        """

    # work

    async def acquire(self, partition: int) -> int:
        """Become the owner: return an epoch above every earlier one. All work claimed under an older epoch is free again."""

    async def claim(self, partition: int, epoch: int, now: datetime, limit: int) -> Claimed:
        """Take up to `limit` unclaimed rows due at `now`, earliest first; equally due rows come in the order they were added.

        A row is given to an epoch once. Raises `Fenced`.
        """

    async def suspend(self, execution_id: str, epoch: int, reason: str) -> None:
        """Park: status SUSPENDED with `reason`, version + 1, all its rows unclaimable until the next `acquire`.

        Raises `Fenced`, and `NotFound` when there is no such execution.
        """

    # events

    async def events(self, execution_id: str, after: int, limit: int) -> Sequence[AnyEvent]:
        """Return up to `limit` events with `seq` above `after`, in order."""

    async def outbox(self, partition: int, cursor: int, limit: int) -> Sequence[Published]:
        """Return up to `limit` commits behind `cursor` (0: the beginning) in commit order; what was shown stays the prefix."""

    async def outbox_end(self, partition: int) -> int:
        """Return the cursor behind the latest commit; 0 when there is none."""

    async def cursor(self, partition: int, sink: str) -> int:
        """Return where `sink` has got to; 0 at first."""

    async def save_cursor(self, partition: int, sink: str, cursor: int) -> None:
        """Remember where `sink` has got to."""


class Assigned(msgspec.Struct, frozen=True):
    """This process owns `partition` from now on."""

    partition: int


class Revoked(msgspec.Struct, frozen=True):
    """This process no longer owns `partition`."""

    partition: int


class Nudged(msgspec.Struct, frozen=True):
    """There is new work in `partition`."""

    partition: int


class Bus(Protocol):
    """Says who owns which partition and wakes owners. A hint: a lost or doubled nudge costs time, never work.

    `arbitrates`: there is a third party that knows who owns what, so that a process fenced in spite of it may acquire again.
    """

    @property
    def arbitrates(self) -> bool: ...

    async def nudge(self, partition: int) -> None:
        """Wake the owner of `partition`, wherever it is."""

    def assignments(self) -> AsyncIterator[Assigned | Revoked | Nudged]:
        """Yield what changes for this process until it is closed."""

    async def close(self) -> None:
        """End `assignments`."""


class EventSink(Protocol):
    """Somewhere lifecycle events go, at least once and in order per execution. `name` is the key of its cursor."""

    name: str

    async def publish(self, commits: Sequence[Published]) -> None:
        """Return when all are safe there; raise `Unavailable` when that cannot be said, and they will come again."""

    async def close(self) -> None:
        """Flush and let go."""


class TaskCall(msgspec.Struct, gc=False, kw_only=True, frozen=True):
    """One call of a function, as the `Invoke` row asked for it.

    `is_traced` asks an HTTP task to show its request and response, `reveals_secrets` what a connection added to them too.
    """

    execution_id: str
    execution_name: str
    definition_name: str
    invoke: Invoke
    is_traced: bool = False
    reveals_secrets: bool = False

    @property
    def idempotency_key(self) -> str:
        """Stable across repetitions after a crash, different for every attempt."""
        return f"{self.execution_id}:{self.invoke.id}"


class Succeeded(msgspec.Struct, gc=False, frozen=True):
    """The call gave `result`, which is JSON. `submitted` is what a job answered when it was accepted; None: it was no job.

    `trace` is the request and the response of a call that was traced, in the shapes of AWS's `InspectionData`. `logs` is what the
    function said, a list of `{"at", "level", "message"}`; None: nothing.
    """

    result: Payload
    submitted: Payload | None = None
    trace: dict[str, Json] | None = None
    logs: Payload | None = None


class Failed(msgspec.Struct, gc=False, frozen=True):
    """The call failed; the rest as in `Succeeded`."""

    failure: Failure
    submitted: Payload | None = None
    trace: dict[str, Json] | None = None
    logs: Payload | None = None


class Deferred(msgspec.Struct, gc=False, frozen=True):
    """The call was accepted and will be answered by callback.

    `output` is the answer to the call itself, None when there is none to show; `worker` is who took the call.
    """

    output: Payload | None
    worker: str | None = None


class Later(msgspec.Struct, frozen=True):
    """The call has begun something that takes its time and is nothing that this process does: `end` waits for it.

    It is awaited without one of the places that limit how many calls run at once, and does not keep a virtual clock from going on.
    `submitted` is what a job answered when it was accepted; None: it is no job.
    """

    end: Callable[[], Awaitable[Succeeded | Failed | Deferred]]
    submitted: Payload | None = None


MAP_ITEMS = "map-items"
"""The kind of resource that finds the items in a file's text: `{"reader": …, "body": …}`, the reader as in a map run's order."""
UNWANTED = "unwanted"
"""With this message a call is cancelled whose step is over: what it began may be stopped. Without it, the process is ending."""


class FunctionRunner(Protocol):
    """Runs calls. Never raises for what user code does: that is a `Failed`. May be cancelled at any await."""

    async def run(self, call: TaskCall) -> Succeeded | Failed | Deferred | Later:
        """Make one call and wait for its end."""


class Child(msgspec.Struct, kw_only=True, frozen=True):
    """An execution that a task started, its ARN and that of its machine."""

    head: Head
    arn: str
    machine_arn: str


class Executions(Protocol):
    """What a task may do with other executions. `id` is an execution's."""

    async def start_child(self, machine: str, payload: Json, *, name: str) -> Child:
        """Start an execution, durable on return; the same name and payload again meet the one that is there.

        `machine` is the ARN of a machine, a version or an alias, or a definition's name or id. Raises `NotFound`, `Conflict` (same
        name, other payload), `InvalidRequest` (MACHINE_DELETING, an input that is none).
        """

    async def ended(self, id: str) -> Head:
        """Return the head once the execution has ended. Raises `NotFound`."""

    async def stop(self, id: str, failure: Failure) -> None:
        """Ask for its end as aborted, durable on return; what has ended or is not there stays as it is."""


class ItemExecutions(Protocol):
    """What the runner of map runs may do with the executions of items. `parent` is the execution whose node waits for the run."""

    async def head(self, id: str) -> Head | None:
        """Return an execution as of its latest commit; None when there is none of that id."""

    async def values(self, parent: Head, work_id: WorkId) -> Callable[[Item], Json] | None:
        """Return what makes an item's value of the item; None when no node waits for that work any more.

        What it returns raises `EvaluationError`.
        """

    async def order(self, parent: Head, work_id: WorkId) -> dict[str, Json] | None:
        """Return the order of a run as it stands now, as `engine/nodes/map_run.py` describes it; None as for `values`."""

    async def identity(self, definition: str) -> Identity:
        """Return what the ARNs of the executions are made of that run this document."""

    async def note_run(self, parent: Head, run: str) -> None:
        """Remember whose a run is, durable on return; the same again changes nothing."""

    async def count_items(self, parent: Head, work_id: WorkId, items: int) -> None:
        """Tell how many items a reader has found, durable on return; the same again changes nothing."""

    async def start_item(
        self, parent: Head, processor: str, label: str, payload: Json, *, run: str, name: str, round: int = 0
    ) -> Head:
        """Start an execution of the machine at the pointer `processor` of the parent's document, durable on return.

        One of that name and label is returned as it stands, whatever its input. A new one bears `round`: how often the run has been
        redriven. Raises `InvalidRequest` for what is no payload.
        """

    async def redrive_item(self, item: Head, *, round: int) -> None:
        """Ask for an ended execution to run again, from where it failed or, of type Express, from its beginning; durable on return.

        Once a round, however often it is asked for. When it has been heard of, the execution bears `round`, even where it could not
        run again because its history is full.
        """

    def id_of(self, parent: Head, label: str, name: str) -> str:
        """Return the id that `start_item` gives."""

    def watch(self, id: str) -> AbstractContextManager[asyncio.Event]:
        """Give an event that is set after every commit of an execution. A hint: it may be lost when another process commits."""

    async def stop_item(self, id: str, failure: Failure, *, round: int) -> None:
        """Ask for the end of an execution as aborted, durable on return; one that takes part in a later round goes on.

        What has ended or is not there stays as it is.
        """


class Callbacks(Protocol):
    """Answers to tasks that wait for one. `token` is what the task was given.

    Each is durable on return. Raises `InvalidRequest` for what is no token, `NotFound` when there is no such task, and `Conflict`
    when nobody waits for the answer any more.
    """

    async def send_task_success(self, token: str, output: str) -> None:
        """End the task with `output`, a JSON text. Raises `InvalidRequest` with the code INVALID_OUTPUT when it is not one."""

    async def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """End the task as failed."""

    async def send_task_heartbeat(self, token: str) -> None:
        """Say that somebody is still at work."""


class StatesApi(Protocol):
    """AWS's API of Step Functions as this process answers it, for tasks that call it."""

    async def __call__(self, operation: str, parameters: dict[str, Json]) -> dict[str, Json] | Failure:
        """Answer one call. Names are the API's, times aware datetimes; a refusal is a `Failure` with the API's code and message."""


class ActivityTask(msgspec.Struct, kw_only=True, frozen=True):
    """A call that a worker took."""

    token: str
    input: Payload


class Activities(Protocol):
    """Hands calls to the workers that ask for them."""

    async def take(self, arn: str, worker: str | None, wait_s: float) -> ActivityTask | None:
        """Return the call that has waited longest, each to one worker; None when none has come within `wait_s` seconds."""


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Return the present instant in whole milliseconds, UTC; never earlier than before."""

    async def sleep_until(self, at: datetime) -> None:
        """Return when `now()` is at least `at`."""


__all__ = [
    "UNWANTED", "Activities", "ActivityTask", "AnyMessage", "AnyWork", "Assigned", "Bus", "Callbacks", "Child", "Claimed", "Clock",
    "Created", "Deferred", "Definition", "EventSink", "Executions", "Failed", "FunctionRunner", "ItemExecutions", "Json", "Later",
    "Nudged", "Page", "Pinned", "Published", "Query", "Record", "Revoked", "StatesApi", "Store", "Succeeded",
    "TaskCall", "WorkId",
]  # fmt: skip
