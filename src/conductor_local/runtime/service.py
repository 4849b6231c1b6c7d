"""The application: everything the API and the command line can ask for. They talk to nothing else.

This is the only place that mints ids and seeds, and the only one that turns a person's words (a definition's name, an idempotency
key) into the engine's. What is checked before it is stored lies beside it: `definitions.py`, `tasks.py`, `ids.py`. Errors are those
of `errors.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import msgspec

from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import Redrive, Stop
from conductor_local.engine.state import ENDED, REDRIVABLE, Head, Status
from conductor_local.errors import Conflict, NotFound, Problem, Unavailable
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure, Limits
from conductor_local.runtime import instances
from conductor_local.runtime.activities import ActivityRegister
from conductor_local.runtime.answers import Answers
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.chronicle import Chronicle
from conductor_local.runtime.definitions import Definitions, Document
from conductor_local.runtime.executions import Asked, Executions
from conductor_local.runtime.feed import Feed
from conductor_local.runtime.ids import mint, named_id, partition_of
from conductor_local.runtime.logged import logging_label
from conductor_local.runtime.machines import Machines
from conductor_local.runtime.map_run_views import runs_of
from conductor_local.runtime.map_runs_update import RunUpdates
from conductor_local.runtime.overview import Overview, Watchtower
from conductor_local.runtime.ports import (
    Activities,
    ActivityTask,
    Bus,
    Child,
    Clock,
    Deferred,
    Failed,
    Later,
    Page,
    Query,
    Record,
    Store,
    Succeeded,
    TaskCall,
)
from conductor_local.runtime.post import Post
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.reading import READ_MAX, Reading
from conductor_local.runtime.relay import lag
from conductor_local.runtime.runs import Runs
from conductor_local.runtime.search import items_page, run_of, search
from conductor_local.runtime.stages import StagesView, VisitStages
from conductor_local.runtime.starting import Order, Starter
from conductor_local.runtime.version_views import Published, published_of
from conductor_local.runtime.views import STATUS_NAMES, Defined, FunctionView, Instance, InstancePage, Statistics
from conductor_local.runtime.worker import Worker

ANSWER_S = 10.0  # how long cancel and redrive wait to see what they asked for
REDRIVE, TOKEN_VALID = "redrive", timedelta(minutes=15)  # AWS remembers the client tokens of redrives so long


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
        sinks: Sequence[str] = (),
        partitions: int = 1,
        figures: Callable[[Statistics], None] = lambda statistics: None,
        mint: Callable[[], int] = mint,
        queues: Activities | None = None,
        tower: Watchtower | None = None,
    ) -> None:
        self._store, self._bus, self._clock, self._worker = store, bus, clock, worker
        self._definitions = Definitions(store, clock, programs, functions=functions, limits=limits, mint=mint)
        self._programs, self._changes = programs, changes
        self._functions, self._figures, self._mint = functions, figures, mint
        self._sinks, self._partitions, self._feed = sinks, partitions, Feed(store, changes, partitions)
        self._reading, self._post = Reading(store), Post(store, bus, mint)
        self._starter = Starter(store, bus, clock, worker, limits, mint, partitions)
        self.chronicle = Chronicle(store, programs)
        self.executions = Executions(store, programs, self._starter)
        self.activities = ActivityRegister(store, clock)
        self.machines = Machines(store, clock, programs, mint=mint, stop=self.stop)
        self.runs = Runs(store, programs, self._starter, RunUpdates(store, bus, clock, changes), mint)
        self.tasks = Answers(store, programs, clock, self._post)
        self._queues, self._tower = queues, tower
        self._stages = VisitStages(store, programs)

    # --- definitions ---------------------------------------------------------------------------------------------------------

    async def define(self, document: Document, *, id: str | None = None, name: str | None = None) -> Defined:
        """See `Definitions.define`."""
        with suppress(Conflict):
            return await self._definitions.define(document, id=id, name=name)
        await self.machines.all()  # the name may be that of a machine which is being deleted and whose executions have all ended
        return await self._definitions.define(document, id=id, name=name)

    async def redefine(self, id: str, changes: bytes | str | dict[str, Json], *, whole: bool = False) -> Defined:
        """See `Definitions.redefine`."""
        return await self._definitions.redefine(id, changes, whole=whole)

    def check_definition(self, document: Document) -> Sequence[Problem]:
        """See `Definitions.check`."""
        return self._definitions.check(document)

    async def publish(self, document: Document, *, name: str | None = None) -> Defined:
        """See `Definitions.publish`."""
        return await self._definitions.publish(document, name=name)

    async def definition(self, id_or_name: str) -> Defined:
        """Raises `NotFound`."""
        return await self._definitions.one(id_or_name)

    async def definitions(self) -> Sequence[Defined]:
        """All, oldest first."""
        return await self._definitions.all()

    async def delete_definition(self, id: str) -> None:
        """Raises `NotFound`. Running instances go on."""
        await self._definitions.delete(id)

    # --- instances -----------------------------------------------------------------------------------------------------------

    async def start(self, id_or_name: str, payload: Json, *, name: str | None = None) -> Instance:
        """Start an instance, durable on return, status PENDING.

        `name` is an idempotency key within the definition: the same name with the same payload returns the instance that is
        there. Raises `NotFound`, `Conflict` (same name, other payload), `InvalidRequest` (payload not JSON or too large).
        """
        input = self._starter.checked_value(payload)
        definition = await self._definitions.find(id_or_name)
        id = self._starter.new_id() if name is None else named_id(definition.id, name)
        created = await self._starter.start(
            Order(
                id=id, name=name, definition=definition.digest, definition_id=definition.id, definition_name=definition.name,
                input=input, labels=logging_label(definition.machine),
            )
        )  # fmt: skip
        if not created.is_new:
            return await self._already_there(created.head, input, name)
        pending = instances.summary(created.head)
        pending.history = []
        return pending

    async def _already_there(self, head: Head, input: Payload, name: str | None) -> Instance:
        if not _is_same(head.input, input):
            raise Conflict(f"The idempotency key '{name}' was used before with another payload, for instance {head.id}.")
        return await self._whole(head)

    async def instance(self, instance_id: str) -> Instance:
        """With history. Raises `NotFound`."""
        return await self._whole(await self._reading.head(instance_id))

    async def _whole(self, head: Head) -> Instance:
        return await self.executions.name(instances.instance(head, await self.all_events(head.id)), head)

    async def summary(self, instance_id: str) -> Instance:
        """Without history. Raises `NotFound`."""
        return instances.summary(await self._reading.head(instance_id))

    async def all_events(self, instance_id: str) -> list[AnyEvent]:
        """See `Reading.all_events`."""
        return await self._reading.all_events(instance_id)

    async def instance_definition(self, instance_id: str) -> Json:
        """Return the document an instance is pinned to, whatever became of its definition. Raises `NotFound`."""
        _, document, _ = await self._programs.document((await self._reading.head(instance_id)).definition)
        return document

    async def stages(self, instance_id: str, event: int) -> StagesView:
        """See `VisitStages.of`. Raises `NotFound`."""
        return await self._stages.of(await self._reading.head(instance_id), event)

    async def instances(self, query: Query, *, text: str | None = None) -> InstancePage:
        """Newest first, without histories; with a `text` those in which it stands (`search.py`)."""
        return _shown(await (self._store.list(query) if not text else search(self._store, query, text)))

    async def instances_of(self, instance_id: str, run: str, query: Query, *, text: str | None = None) -> InstancePage:
        """The executions of a map run of an instance, in the order of their items. Raises `NotFound`."""
        head = await self._reading.head(instance_id)
        view = run_of(runs_of(head, await self.all_events(instance_id)), run)
        if view is None:
            raise NotFound(f"Instance {instance_id} has no map run '{run}'.")
        return _shown(await items_page(view, partial(self.runs.item, head, view.label), query, text))

    async def published(self, id_or_name: str) -> Published:
        """Versions and aliases of a definition. Raises `NotFound`."""
        return published_of((await self._definitions.one(id_or_name)).definition)

    async def cancel(self, instance_id: str, *, error: str | None = None, cause: str | None = None) -> Instance:
        """End it as cancelled; returns once it has ended. Raises `NotFound`, `Conflict` when it has already ended."""
        head = await self._reading.head(instance_id)
        if head.status in ENDED:
            raise Conflict(f"Instance {instance_id} has already ended as {instances.summary(head).status}.")
        if head.status is Status.SUSPENDED:
            raise Conflict(
                f"Instance {instance_id} is parked on a fault of Conductor; the next start of the server tries it again."
            )
        await self._post.to(head, Stop(at=self._clock.now(), failure=Failure(error, cause)))
        return await self._see(instance_id, lambda head: head.status in ENDED)

    async def redrive(self, instance_id: str) -> Instance:
        """Run an unsuccessful instance again from where it failed. Raises `NotFound`, `Conflict`."""
        head = await self._reading.head(instance_id)
        if head.status not in REDRIVABLE:
            status = instances.summary(head).status
            raise Conflict(f"Instance {instance_id} is {status}; only one that FAILED, TIMED_OUT or was CANCELLED can be redriven.")
        limit = (await self._programs.get(head.definition)).limits.events
        if limit is not None and head.next_history_id >= limit:
            raise Conflict(f"Instance {instance_id} has as many events as its history may hold ({limit:,}); start a new one.")
        redrives = head.redrives
        await self._post.to(head, Redrive(at=self._clock.now()))
        return await self._see(instance_id, lambda head: head.redrives > redrives)

    async def redrive_once(self, instance_id: str, token: str) -> datetime:
        """Redrive; return when. The same token again, within `TOKEN_VALID`, gives the same answer. Raises as `redrive` does."""
        key = f"{instance_id}:{token}"
        known = await self._store.record(REDRIVE, key)
        if known is not None:
            at = datetime.fromisoformat(known.value.value)
            if self._clock.now() - at < TOKEN_VALID:
                return at
        await self.redrive(instance_id)
        at = (await self._reading.head(instance_id)).redriven_at or self._clock.now()
        replaces = known.revision if known else None
        record = Record(kind=REDRIVE, key=key, value=Payload(at.isoformat()), revision=(replaces or 0) + 1)
        with suppress(Conflict):  # the same request came twice at once
            await self._store.put_record(record, replaces=replaces)
        return at

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
                if happened(await self._reading.head(instance_id)):
                    return
                await self._changes.wait(changed)

    async def delete_instance(self, instance_id: str) -> None:
        """Raises `NotFound`, `Conflict` when it has not ended or its events may not all have been published."""
        if any([await lag(self._store, partition_of(instance_id, self._partitions), sink) for sink in self._sinks]):
            raise Conflict("Events are still being published; delete the instance when they are all out.")
        if not await self._store.delete(instance_id):
            head = await self._reading.head(instance_id)
            raise Conflict(f"Instance {instance_id} is {instances.summary(head).status}; cancel it before you delete it.")

    async def wait(self, instance_id: str) -> Instance:
        """Return the instance once it has ended."""
        await self._until(instance_id, lambda head: head.status in ENDED)
        return await self.instance(instance_id)

    # --- what tasks do with other executions (`ports.Executions`) ------------------------------------------------------------

    async def start_child(self, machine: str, payload: Json, *, name: str) -> Child:
        """Start an execution for a task of another one."""
        input, found = self._starter.checked_value(payload), await self.machines.at(machine)
        asked = Asked(definition=found.definition, digest=found.digest, input=input, name=name, labels=found.labels)
        created = await self.executions.start(asked)
        if not created.is_new and not _is_same(created.head.input, input):
            raise Conflict(f"The execution '{name}' is there with another input.")
        return await self.executions.child(created.head)

    async def ended(self, id: str) -> Head:
        """Return the head of an execution once it has ended. Raises `NotFound`."""
        await self._until(id, lambda head: head.status in ENDED)
        return await self._reading.head(id)

    async def stop(self, id: str, failure: Failure) -> None:
        """Ask for the end of an execution; unlike `cancel` it neither waits nor complains."""
        head = await self._store.describe(id)
        if head is not None and head.status not in ENDED:
            await self._post.to(head, Stop(at=self._clock.now(), failure=failure))

    async def get_activity_task(self, arn: str, worker: str | None = None, *, wait_s: float = 60.0) -> ActivityTask | None:
        """Take the call of an activity that has waited longest; None when none has come within `wait_s` seconds."""
        return None if self._queues is None else await self._queues.take(arn, worker, wait_s)

    # --- trying a state out --------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """The time of this process."""
        return self._clock

    async def call_once(self, call: TaskCall) -> Succeeded | Failed | Deferred:
        """Make a call that belongs to no stored execution, and wait for its end; it is not repeated after a crash."""
        tools = self._worker.tools
        async with tools.invocations:
            tools.calls += 1
            outcome = await tools.runner.run(call)
        return await outcome.end() if isinstance(outcome, Later) else outcome

    # --- events --------------------------------------------------------------------------------------------------------------

    async def events(self, instance_id: str, *, after: int = 0, limit: int = READ_MAX) -> Sequence[AnyEvent]:
        """Internal events with `seq` above `after`. Raises `NotFound`."""
        events = await self._store.events(instance_id, after, limit)
        if not events:
            await self._reading.head(instance_id)
        return events

    async def follow(self, instance_id: str, *, after: int = 0) -> AsyncIterator[AnyEvent]:
        """Yield events as they are committed, after those there are; ends when the instance has ended and all were yielded."""
        with self._changes.watch(instance_id) as changed:
            while True:
                changed.clear()
                for event in await self._store.events(instance_id, after, READ_MAX):
                    yield event
                    after = event.seq
                head = await self._reading.head(instance_id)
                if head.next_seq - 1 > after:
                    continue
                if head.status in ENDED:
                    return
                await self._changes.wait(changed)

    @property
    def feed(self) -> Feed:
        """The commits of all instances."""
        return self._feed

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
        statistics.store_errors = tools.store_errors
        statistics.partitions_owned = sum(owner.epoch is not None and not owner.is_fenced for owner in self._worker.owners)
        statistics.sink_lag = await self.sink_lag()
        statistics.relay_lag = sum(statistics.sink_lag.values())
        self._figures(statistics)
        return statistics

    async def sink_lag(self) -> dict[str, int]:
        """How far each sink is behind in the partitions of this process, in positions of the outbox."""
        relays = self._worker.relays
        lag = dict.fromkeys(self._sinks, 0)
        for relay, behind in zip(relays, await asyncio.gather(*(relay.lag() for relay in relays)), strict=True):
            lag[relay.sink_name] = lag.get(relay.sink_name, 0) + behind
        return lag

    async def overview(self) -> Overview:
        """Return what there is to see of all processes that work on this store. Raises `Unavailable`."""
        if self._tower is None:
            raise Unavailable("This process does not keep an overview.")
        return await self._tower.overview(await self.ready())

    async def ready(self) -> dict[str, str]:
        """What is missing before this process can work, by part; empty when it is ready."""
        if self._tower is not None and self._tower.shares:
            return await self._tower.missing()
        if any(owner.is_fenced for owner in self._worker.owners):
            return {"worker": "another process took over the data; stop one of the two and restart the other"}
        if not self._worker.owners or any(owner.epoch is None for owner in self._worker.owners):
            return {"worker": "waiting for the store"}
        return {}


def _shown(page: Page) -> InstancePage:
    items = [instances.summary(head) for head in page.heads]
    return InstancePage(items=items, cursor=msgspec.UNSET if page.cursor is None else page.cursor)


def _is_same(stored: Payload, sent: Payload) -> bool:
    """Whether two payloads say the same; the order of an object's keys says nothing."""
    return stored == sent or _sorted(stored) == _sorted(sent)


def _sorted(payload: Payload) -> bytes:
    return msgspec.json.encode(payload.value, order="sorted")
