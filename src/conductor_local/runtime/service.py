"""The application: everything the API and the command line can ask for. They talk to nothing else.

This is the only place that mints ids and seeds, and the only one that turns a person's words (a definition's name, an idempotency
key) into the engine's. Errors are those of `errors.py`.
"""

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b

import msgspec

from conductor_local import language
from conductor_local.engine.effects import AnyWork, Deliver
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import (
    AnyMessage,
    Heartbeat,
    Redrive,
    Start,
    Stop,
    TaskFailed,
    TaskSucceeded,
    WorkId,
    decode_token,
    encode_token,
)
from conductor_local.engine.state import ENDED, OPEN, REDRIVABLE, Execution, Head, Status, TaskMemo, create_execution
from conductor_local.errors import Conflict, InvalidRequest, NotFound, Unavailable
from conductor_local.payload import Json, Payload, json_fault
from conductor_local.program import Failure, Limits
from conductor_local.runtime import instances
from conductor_local.runtime.changes import EVERYTHING, Changes
from conductor_local.runtime.map_run_views import MapRunView, children_of, fill_counts, runs_of
from conductor_local.runtime.ports import (
    Activities,
    ActivityTask,
    Bus,
    Clock,
    Created,
    Definition,
    PendingTask,
    Published,
    Query,
    Store,
)
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.relay import Relay
from conductor_local.runtime.views import STATUS_NAMES, Defined, FunctionView, Instance, InstancePage, Statistics
from conductor_local.runtime.worker import Worker

ASL = "asl"
PARTITIONS = 1  # one process owns everything; more come with more workers
POLL_S = 1.0  # how long a change made by another process can go unseen by a waiting reader
ANSWER_S = 10.0  # how long cancel and redrive wait to see what they asked for
READ_MAX = 1_000  # events read at once
Document = bytes | str | dict[str, Json] | language.Source
"""A definition as a caller has it: JSON text, decoded, or read from a text in which problems are to be shown."""
_RANDOM_74_BITS = 0xFFF << 64 | (1 << 62) - 1


def mint() -> int:
    """Return 128 unguessable bits."""
    return secrets.randbits(128)


class Service:
    """One object for all faces. `functions` gives what is registered now; `figures` fills in the process's own statistics."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        clock: Clock,
        worker: Worker,
        programs: Programs,
        changes: Changes,
        *,
        functions: Callable[[], Sequence[FunctionView]],
        limits: Limits,
        relays: Sequence[Relay] = (),
        figures: Callable[[Statistics], None] = lambda statistics: None,
        mint: Callable[[], int] = mint,
        activities: Activities | None = None,
    ) -> None:
        self._store, self._bus, self._clock, self._worker = store, bus, clock, worker
        self._programs, self._changes, self._limits = programs, changes, limits
        self._functions, self._figures, self._mint = functions, figures, mint
        self._relays = relays
        self._activities = activities

    # --- definitions ---------------------------------------------------------------------------------------------------------

    async def define(self, document: Document, *, id: str | None = None, name: str | None = None) -> Defined:
        """Check and store a definition; mints the id unless given. Text keeps its line numbers for problems.

        `name` is for a document that has none, such as a state machine. Raises `DefinitionError`, `Conflict` when the name (or
        id) is taken, `InvalidRequest`.
        """
        source = _source(document)
        if "id" in source.document:
            raise InvalidRequest("The server mints the id of a definition; leave it out.", pointer="/id", code="ID_NOT_ALLOWED")
        now = self._clock.now()
        name = _name_of(source, name)
        return await self._store_definition(source, name, id=id or self._new_id(), created_at=now, replaces=None)

    async def redefine(self, id: str, changes: bytes | str | dict[str, Json]) -> Defined:
        """Change the top-level fields that `changes` has and check the result as a whole.

        Raises `NotFound`, `DefinitionError`, `Conflict`.
        """
        old = await self._definition_by_id(id)
        source = _source(changes)
        if source.document.get("id", id) != id:
            raise InvalidRequest(f"The id of a definition cannot be changed; this is '{id}'.", pointer="/id", code="ID_MISMATCH")
        changed = {name: value for name, value in source.document.items() if name != "id"}
        merged = {**old.document.value, **changed}
        if merged.keys() != source.document.keys():
            source = language.from_document(merged)
        name = _name_of(source, old.name)
        return await self._store_definition(source, name, id=id, created_at=old.created_at, replaces=old.digest)

    async def publish(self, document: Document, *, name: str | None = None) -> Defined:
        """Store a whole definition under its name, new or in place of the one that has it: what watching a file needs.

        `name` is for a document that has none. Raises `DefinitionError`, `Conflict`, `InvalidRequest`.
        """
        source = _source(document)
        name = _name_of(source, name)
        old = await self._store.definition(name) if name else None
        if old is None or old.name != name:
            return await self.define(document, name=name)
        return await self._store_definition(source, name, id=old.id, created_at=old.created_at, replaces=old.digest)

    async def _store_definition(
        self, source: language.Source, name: str | None, *, id: str, created_at: datetime, replaces: str | None
    ) -> Defined:  # fmt: skip
        source = source.without("id", "name") if language.dialect_of(source.document) == ASL else source.without("id")
        compiled = language.compile(source, functions=[view.name for view in self._functions()], limits=self._limits)
        if name is None:
            raise InvalidRequest(
                "A state machine needs a name here: give it as 'name' beside 'StartAt'.", pointer="/name", code="NAME_MISSING"
            )  # fmt: skip
        document = Payload(source.document)
        digest = blake2b(compiled.dialect.encode() + b"\0" + document.encoded, digest_size=16).hexdigest()
        definition = Definition(
            id=id, name=name, dialect=compiled.dialect, document=document, digest=digest,
            created_at=created_at, updated_at=self._clock.now(),
        )  # fmt: skip
        if digest != replaces or await self._is_renamed(id, name):
            await self._store.put_definition(definition, replaces=replaces)
            self._programs.keep(digest, compiled.program)
        return Defined(definition=definition, warnings=compiled.warnings)

    async def _is_renamed(self, id: str, name: str) -> bool:
        stored = await self._store.definition(id)
        return stored is None or stored.name != name

    async def definition(self, id_or_name: str) -> Defined:
        """Raises `NotFound`."""
        return Defined(definition=await self._definition(id_or_name))

    async def definitions(self) -> Sequence[Defined]:
        """All, oldest first."""
        return [Defined(definition=definition) for definition in await self._store.definitions()]

    async def delete_definition(self, id: str) -> None:
        """Raises `NotFound`. Running instances go on."""
        if not await self._store.delete_definition(id):
            raise NotFound(f"There is no workflow definition with the id '{id}'.")

    async def _definition(self, id_or_name: str) -> Definition:
        definition = await self._store.definition(id_or_name)
        if definition is None:
            raise NotFound(f"There is no workflow definition with the id or name '{id_or_name}'.")
        return definition

    async def _definition_by_id(self, id: str) -> Definition:
        definition = await self._store.definition(id)
        if definition is None or definition.id != id:
            raise NotFound(f"There is no workflow definition with the id '{id}'.")
        return definition

    # --- instances -----------------------------------------------------------------------------------------------------------

    async def start(self, id_or_name: str, payload: Json, *, name: str | None = None) -> Instance:
        """Start an instance, durable on return, status PENDING.

        `name` is an idempotency key within the definition: the same name with the same payload returns the instance that is
        there. Raises `NotFound`, `Conflict` (same name, other payload), `InvalidRequest` (payload not JSON or too large).
        """
        input = self._checked_input(payload)
        definition = await self._definition(id_or_name)
        execution = self._new_execution(definition, input, name)
        head = execution.head
        created = await self._create(execution)
        if not created.is_new:
            return await self._already_there(created.head, input, name)
        pending = instances.summary(head)
        pending.history = []
        return pending

    async def _create(self, execution: Execution) -> Created:
        """Store an execution and see that it begins; one of that id that is there already stays as it is."""
        head = execution.head
        work: list[AnyWork] = [Deliver(id="in-start", due_at=head.at, message=Start(at=head.at))]
        owner = self._worker.owner(head.partition)
        try:
            created = await self._store.create(execution, work, epoch=owner.epoch if owner else None)
        except (Unavailable, asyncio.CancelledError):
            if owner is not None:
                owner.doubt()  # perhaps it is there, born claimed, and nobody would ever look at it
            raise
        if created.is_new:
            if owner is not None:
                owner.adopt(execution, work)
            else:
                await self._bus.nudge(head.partition)
        return created

    def _checked_input(self, payload: Json) -> Payload:
        if fault := json_fault(payload):
            raise InvalidRequest(f"The payload is not JSON: {fault[1]}.", pointer=f"/payload{fault[0]}", code="NOT_JSON")
        input = Payload(payload)
        if input.size > self._limits.payload_bytes:
            raise InvalidRequest(
                f"The payload is {input.size:,} bytes; at most {self._limits.payload_bytes:,} are allowed.",
                pointer="/payload",
                code="PAYLOAD_TOO_LARGE",
            )
        return input

    def _new_execution(self, definition: Definition, input: Payload, name: str | None) -> Execution:
        id = self._new_id() if name is None else _id_of(definition.id, name)
        return create_execution(
            id=id, name=name or id, definition=definition.digest, definition_id=definition.id, definition_name=definition.name,
            partition=partition_of(id), seed=self._mint() >> 64, input=input, at=self._clock.now(),
        )  # fmt: skip

    async def _already_there(self, head: Head, input: Payload, name: str | None) -> Instance:
        if not _is_same(head.input, input):
            raise Conflict(f"The idempotency key '{name}' was used before with another payload, for instance {head.id}.")
        return instances.instance(head, await self._all_events(head.id))

    def _new_id(self) -> str:
        """Mint a UUID of version 7 (RFC 9562): ids made at about the same time lie side by side in a store's index."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        variant = 0b10 << 62
        return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | (self._mint() & _RANDOM_74_BITS) | variant))

    async def instance(self, instance_id: str) -> Instance:
        """With history. Raises `NotFound`."""
        head = await self._head(instance_id)
        return instances.instance(head, await self._all_events(instance_id))

    async def _head(self, instance_id: str) -> Head:
        head = await self._store.describe(instance_id)
        if head is None:
            raise NotFound(f"There is no workflow instance with the id '{instance_id}'.")
        return head

    async def _all_events(self, instance_id: str) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        while True:
            batch = await self._store.events(instance_id, events[-1].seq if events else 0, READ_MAX)
            events.extend(batch)
            if len(batch) < READ_MAX:
                return events

    async def instances(self, query: Query) -> InstancePage:
        """Newest first, without histories."""
        page = await self._store.list(query)
        shown = InstancePage(items=[instances.summary(head) for head in page.heads])
        if page.cursor is not None:
            shown.cursor = page.cursor
        return shown

    async def cancel(self, instance_id: str, *, error: str | None = None, cause: str | None = None) -> Instance:
        """End it as cancelled; returns once it has ended. Raises `NotFound`, `Conflict` when it has already ended."""
        head = await self._head(instance_id)
        if head.status in ENDED:
            raise Conflict(f"Instance {instance_id} has already ended as {instances.summary(head).status}.")
        if head.status is Status.SUSPENDED:
            raise Conflict(
                f"Instance {instance_id} is parked on a fault of Conductor; the next start of the server tries it again."
            )
        await self._post(head, Stop(at=self._clock.now(), failure=Failure(error, cause)))
        return await self._see(instance_id, lambda head: head.status in ENDED)

    async def redrive(self, instance_id: str) -> Instance:
        """Run an unsuccessful instance again from where it failed. Raises `NotFound`, `Conflict`."""
        head = await self._head(instance_id)
        if head.status not in REDRIVABLE:
            status = instances.summary(head).status
            raise Conflict(f"Instance {instance_id} is {status}; only one that FAILED, TIMED_OUT or was CANCELLED can be redriven.")
        limit = (await self._programs.get(head.definition)).limits.events
        if limit is not None and head.next_history_id >= limit:
            raise Conflict(f"Instance {instance_id} has as many events as its history may hold ({limit:,}); start a new one.")
        redrives = head.redrives
        await self._post(head, Redrive(at=self._clock.now()))
        return await self._see(instance_id, lambda head: head.redrives > redrives)

    async def _post(self, head: Head, message: AnyMessage) -> None:
        row = Deliver(id=f"in-{self._mint():032x}", due_at=message.at, message=message)
        if not await self._store.post(head.id, head.partition, [row]):
            raise NotFound(f"There is no workflow instance with the id '{head.id}'.")
        await self._bus.nudge(head.partition)

    async def _see(self, instance_id: str, happened: Callable[[Head], bool]) -> Instance:
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._until(instance_id, happened)
        except TimeoutError:
            raise Unavailable("The request is stored, and no worker has acted on it yet; look at the instance later.") from None
        return await self.instance(instance_id)

    async def _until(self, instance_id: str, happened: Callable[[Head], bool]) -> None:
        with self._changes.watch(instance_id) as changed:
            while True:
                changed.clear()
                if happened(await self._head(instance_id)):
                    return
                await _wait(changed)

    async def delete_instance(self, instance_id: str) -> None:
        """Raises `NotFound`, `Conflict` when it has not ended or its events may not all have been published."""
        if any([await relay.lag() for relay in self._relays]):
            raise Conflict("Events are still being published; delete the instance when they are all out.")
        if not await self._store.delete(instance_id):
            head = await self._head(instance_id)
            raise Conflict(f"Instance {instance_id} is {instances.summary(head).status}; cancel it before you delete it.")

    async def wait(self, instance_id: str) -> Instance:
        """Return the instance once it has ended."""
        await self._until(instance_id, lambda head: head.status in ENDED)
        return await self.instance(instance_id)

    # --- executions for the items of a map run (`runtime/map_runs.py`) ------------------------------------------------------------

    async def start_item(self, parent: Head, processor: str, label: str, payload: Json, *, name: str) -> Head:
        """Start an execution of a machine inside the parent's own; one of that name is returned as it stands, whatever its input.

        Raises `InvalidRequest`.
        """
        execution = create_execution(
            id=item_id(parent, label, name), name=name, definition=f"{parent.definition}{processor}",
            definition_id=f"{parent.definition_id}/{label}", definition_name=f"{parent.definition_name}/{label}",
            partition=partition_of(item_id(parent, label, name)), seed=self._mint() >> 64, input=self._checked_input(payload),
            at=self._clock.now(),
        )  # fmt: skip
        return (await self._create(execution)).head

    async def map_runs(self, instance_id: str) -> list[MapRunView]:
        """Return the map runs of an instance, newest first, with counts. Raises `NotFound`."""
        head = await self._head(instance_id)
        runs = runs_of(head, await self._all_events(instance_id))
        for run in runs:
            await fill_counts(run, partial(self._item, head, run.label))
        return runs

    async def map_run_items(self, instance_id: str, run: str) -> list[Head]:
        """Return the executions of one map run of an instance, in the order of their items. Raises `NotFound`."""
        head = await self._head(instance_id)
        for view in runs_of(head, await self._all_events(instance_id)):
            if view.run == run:
                return [item async for item in children_of(view, partial(self._item, head, view.label))]
        raise NotFound(f"Instance {instance_id} has no map run '{run}'.")

    async def _item(self, parent: Head, label: str, name: str) -> Head | None:
        return await self._store.describe(item_id(parent, label, name))

    # --- tasks that are answered from outside (`ports.Executions`, `ports.Callbacks`) ----------------------------------------

    async def start_child(self, id_or_name: str, payload: Json, *, name: str) -> Head:
        """Start an execution for a task of another one; see `start`."""
        return await self._head((await self.start(id_or_name, payload, name=name)).instance_id)

    async def ended(self, id: str) -> Head:
        """Return the head of an execution once it has ended. Raises `NotFound`."""
        await self._until(id, lambda head: head.status in ENDED)
        return await self._head(id)

    async def stop(self, id: str, failure: Failure) -> None:
        """Ask for the end of an execution; unlike `cancel` it neither waits nor complains."""
        head = await self._store.describe(id)
        if head is not None and head.status not in ENDED:
            await self._post(head, Stop(at=self._clock.now(), failure=failure))

    async def send_task_success(self, token: str, output: str) -> None:
        """End a task that waits for its callback with the JSON text `output`.

        Raises `InvalidRequest` (INVALID_TOKEN, INVALID_OUTPUT), `NotFound` (no such task), `Conflict` (nobody waits any more).
        """
        head, work_id = await self._open_task(token)
        result = _json_text(output)
        await self._post(head, TaskSucceeded(at=self._clock.now(), work_id=work_id, result=result))

    async def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """End a task that waits for its callback as failed. Raises as `send_task_success` does."""
        head, work_id = await self._open_task(token)
        await self._post(head, TaskFailed(at=self._clock.now(), work_id=work_id, failure=Failure(error, cause)))

    async def send_task_heartbeat(self, token: str) -> None:
        """Say that somebody still works on a task. Raises as `send_task_success` does."""
        head, work_id = await self._open_task(token)
        await self._post(head, Heartbeat(at=self._clock.now(), work_id=work_id))

    async def _open_task(self, token: str) -> tuple[Head, WorkId]:
        named = decode_token(token)
        if named is None:
            raise InvalidRequest("This is not a task token; send the one that the task was given.", code="INVALID_TOKEN")
        execution = await self._store.load(named[0])
        if execution is None:
            raise NotFound("There is no task with this token.")
        if named[1] not in _tasks(execution):
            raise Conflict("Nobody waits for an answer with this token any more: the task has ended or run out of time.")
        return execution.head, named[1]

    async def pending_tasks(self) -> Sequence[PendingTask]:
        """All tasks whose call was accepted and that wait for a callback, those of the newest executions first."""
        found: list[PendingTask] = []
        query = Query(statuses=frozenset({Status.RUNNING}))
        while True:
            page = await self._store.list(query)
            for head in page.heads:
                if execution := await self._store.load(head.id):
                    found += _pending(execution)
            if page.cursor is None:
                return found
            query = msgspec.structs.replace(query, cursor=page.cursor)

    async def get_activity_task(self, arn: str, worker: str | None = None, *, wait_s: float = 60.0) -> ActivityTask | None:
        """Take the call of an activity that has waited longest; None when none has come within `wait_s` seconds."""
        return None if self._activities is None else await self._activities.take(arn, worker, wait_s)

    # --- events --------------------------------------------------------------------------------------------------------------

    async def events(self, instance_id: str, *, after: int = 0, limit: int = READ_MAX) -> Sequence[AnyEvent]:
        """Internal events with `seq` above `after`. Raises `NotFound`."""
        events = await self._store.events(instance_id, after, limit)
        if not events:
            await self._head(instance_id)
        return events

    async def follow(self, instance_id: str, *, after: int = 0) -> AsyncIterator[AnyEvent]:
        """Yield events as they are committed, after those there are; ends when the instance has ended and all were yielded."""
        with self._changes.watch(instance_id) as changed:
            while True:
                changed.clear()
                for event in await self._store.events(instance_id, after, READ_MAX):
                    yield event
                    after = event.seq
                head = await self._head(instance_id)
                if head.next_seq - 1 > after:
                    continue
                if head.status in ENDED:
                    return
                await _wait(changed)

    async def feed(self, *, cursor: int = 0, limit: int = 500) -> Sequence[Published]:
        """Commits of all instances behind `cursor`, in commit order."""
        return await self._store.outbox(0, cursor, limit)

    async def follow_feed(self, *, cursor: int | None = None) -> AsyncIterator[Published]:
        """Yield commits of all instances as they happen; `cursor` None begins now."""
        position = await self._store.outbox_end(0) if cursor is None else cursor
        with self._changes.watch(EVERYTHING) as changed:
            while True:
                changed.clear()
                commits = await self._store.outbox(0, position, READ_MAX)
                for commit in commits:
                    yield commit
                    position = commit.cursor
                if not commits:
                    await _wait(changed)

    # --- the process ---------------------------------------------------------------------------------------------------------

    def functions(self) -> Sequence[FunctionView]:
        """All registered functions, by name."""
        return self._functions()

    async def statistics(self) -> Statistics:
        """Figures for `/metrics` and people."""
        statistics = Statistics(instances={})
        for status, count in (await self._store.counts()).items():
            name = STATUS_NAMES[status]
            statistics.instances[name] = statistics.instances.get(name, 0) + count
        tools = self._worker.tools
        statistics.function_calls, statistics.function_failures = tools.calls, tools.failures
        statistics.functions_running = sum(owner.running for owner in self._worker.owners)
        statistics.backlog = sum(owner.backlog for owner in self._worker.owners)
        statistics.relay_lag = sum([await relay.lag() for relay in self._relays])
        self._figures(statistics)
        return statistics

    async def ready(self) -> dict[str, str]:
        """What is missing before this process can work, by part; empty when it is ready."""
        if any(owner.is_fenced for owner in self._worker.owners):
            return {"worker": "another process took over the data file; stop one of the two and restart the other"}
        if not self._worker.owners or any(owner.epoch is None for owner in self._worker.owners):
            return {"worker": "waiting for the store"}
        return {}


def _tasks(execution: Execution) -> dict[WorkId, tuple[str, TaskMemo]]:
    """Return the tasks in flight: node and memo by work."""
    open_frames = (frame for frame in execution.frames.values() if frame.status in OPEN)
    if execution.head.status in ENDED:
        return {}
    return {frame.memo.work_id: (frame.node, frame.memo) for frame in open_frames if isinstance(frame.memo, TaskMemo)}


def _pending(execution: Execution) -> list[PendingTask]:
    id = execution.head.id
    return [
        PendingTask(token=encode_token(id, work_id), execution_id=id, node=node, asked_at=memo.asked_at)
        for work_id, (node, memo) in _tasks(execution).items()
        if memo.submitted
    ]


def _json_text(text: str) -> Payload:
    """Check a JSON text; it is kept as it stands."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidRequest(f"The output of a task is a JSON text, and this is none: {error}.", code="INVALID_OUTPUT") from None
    if fault := json_fault(value):
        raise InvalidRequest(f"The output of a task is not usable: {fault[1]}, at '{fault[0] or '/'}'.", code="INVALID_OUTPUT")
    return Payload.from_encoded(text.encode())


def _source(document: Document) -> language.Source:
    if isinstance(document, language.Source):
        return document
    return language.from_document(document) if isinstance(document, dict) else language.read(document)


def _is_same(stored: Payload, sent: Payload) -> bool:
    """Whether two payloads say the same; the order of an object's keys says nothing."""
    return stored == sent or _sorted(stored) == _sorted(sent)


def _sorted(payload: Payload) -> bytes:
    return msgspec.json.encode(payload.value, order="sorted")


def _name_of(source: language.Source, given: str | None) -> str | None:
    """Return the name a document gives itself, else the one it was given; None leaves the complaint to the compiler."""
    name = source.document.get("name", given)
    return name if isinstance(name, str) and name else None


def _id_of(definition_id: str, name: str) -> str:
    """Derive an instance id from definition and name, so that the same name meets itself in one place."""
    digest = blake2b(f"{definition_id}\0{name}".encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def item_id(parent: Head, label: str, name: str) -> str:
    """Derive the id of the execution that a map run named so."""
    return _id_of(f"{parent.definition_id}/{label}", name)


def partition_of(execution_id: str) -> int:
    """Return the partition an execution lives in for good."""
    return int.from_bytes(blake2b(execution_id.encode(), digest_size=8).digest()) % PARTITIONS


async def _wait(changed: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(POLL_S):
            await changed.wait()
    except TimeoutError:
        return
