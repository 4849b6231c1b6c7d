"""One process at work: store, bus, worker, relays and service, connected and let go of in the right order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from typing import TypeVar

from conductor_local.engine.state import Step
from conductor_local.errors import ConductorError, Conflict, Unavailable
from conductor_local.functions.activity import ActivityQueues
from conductor_local.functions.activity_board import ActivityBoard
from conductor_local.functions.registry import Function
from conductor_local.language.asl import Identity
from conductor_local.program import Limits
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.chronicle import Chronicle
from conductor_local.runtime.clock import VirtualClock
from conductor_local.runtime.map_runs import Items
from conductor_local.runtime.news import MakeNews
from conductor_local.runtime.owner import Tools
from conductor_local.runtime.ports import Bus, Clock, EventSink, Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.relay import Relay
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.tail import Tail
from conductor_local.runtime.views import Statistics
from conductor_local.runtime.wiring.adapters import Ping, open_bus, sinks_of, store_of
from conductor_local.runtime.wiring.calls import Calls, MakeApi, calls_of
from conductor_local.runtime.wiring.company import Portrait, company_of, new_id
from conductor_local.runtime.wiring.publishing import publishing_of
from conductor_local.runtime.wiring.shelf import Shelf
from conductor_local.runtime.worker import Upkeep, Worker

SAMPLE_ID = "sample-user-signup"
RETRY_S_FIRST, RETRY_S_MAX = 0.5, 5.0  # pauses while a service is waited for
Waiting = Callable[[Unavailable], None]
"""Hears what is waited for, and why."""
T = TypeVar("T")


@dataclass(slots=True)
class Runtime:
    """A process at work. `reload_functions` loads the function files again; when it raises, the old functions stay.

    `id` is what other processes call this one.
    """

    service: Service
    reload_functions: Callable[[], None]
    clock: Clock
    worker: Worker
    id: str


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, is_virtual: bool = False, functions: Sequence[Function] = (), own_api: MakeApi | None = None,
    news: MakeNews | None = None, waiting: Waiting | None = None,
) -> AsyncIterator[Runtime]:  # fmt: skip
    """Open the store, start a worker, and let go of both in the end.

    `is_virtual` runs on a clock that skips every wait; `functions` are there beside those of the settings; without `own_api` tasks
    cannot call AWS's API of this process, without `news` nothing is published to AWS-compatible services. With `waiting` a Redis
    or Kafka that is away is waited for, and every failed attempt is told to it. Raises `SettingsError`,
    `Unavailable`.
    """
    shelf = Shelf(settings, functions)
    store, upkeep = store_of(settings)
    sinks = sinks_of(settings)
    try:
        await _opened(store.open, waiting)
        bus, ping = await _opened(partial(open_bus, settings), waiting)
        async with _working(_Parts(settings, store, upkeep, bus, ping, sinks, shelf), is_virtual, own_api, news) as runtime:
            yield runtime
    finally:
        for sink in sinks:
            with suppress(OSError):  # what it could not write comes again: its cursor was not moved
                await sink.close()
        await shelf.runner.close()
        await store.close()


async def _opened(open: Callable[[], Awaitable[T]], waiting: Waiting | None) -> T:
    """Open a part, now or when it is there."""
    pause_s = RETRY_S_FIRST
    while True:
        try:
            return await open()
        except Unavailable as error:
            if waiting is None:
                raise
            waiting(error)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, RETRY_S_MAX)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a process is made of."""

    settings: Settings
    store: Store
    upkeep: Upkeep | None
    bus: Bus
    ping: Ping | None
    sinks: Sequence[EventSink]
    shelf: Shelf

    def relays(self, partition: int) -> list[Relay]:
        """Make the relays of a partition."""
        return [Relay(self.store, sink, partition) for sink in self.sinks]


@asynccontextmanager
async def _working(parts: _Parts, is_virtual: bool, make_api: MakeApi | None, make_news: MakeNews | None) -> AsyncIterator[Runtime]:
    settings, store, bus, shelf = parts.settings, parts.store, parts.bus, parts.shelf
    changes, totals = Changes(), Statistics(instances={})
    limits = Limits(payload_bytes=settings.payload_bytes_max)
    programs = Programs(store, limits, Identity(region=settings.region))
    publishing = publishing_of(settings, Chronicle(store, programs), make_news)
    parts = replace(parts, sinks=[*parts.sinks, *publishing.sinks])

    def committed(step: Step, seconds: float) -> None:
        totals.commits += 1
        totals.commit_seconds += seconds
        totals.commit_latency.observe(seconds)
        totals.started += step.head.version == 1
        changes.changed(step.head.id)
        worker.committed(step.head.partition)

    def figures(statistics: Statistics) -> None:
        statistics.commits, statistics.commit_seconds, statistics.started = totals.commits, totals.commit_seconds, totals.started
        statistics.commit_latency = totals.commit_latency

    if is_virtual:
        shelf.clock = VirtualClock(shelf.clock.now(), is_idle=lambda: worker.is_idle and calls.map_runs.is_idle)
    tools = Tools(
        store, shelf.runner, shelf.clock, programs, committed,
        lost_tasks=settings.lost_tasks, invocations_max=settings.invocations_max,
    )  # fmt: skip
    worker, own_id = Worker(bus, tools, parts.relays, parts.upkeep), new_id()
    board = ActivityBoard(store, shelf.clock, lambda arn: service.activities.exists(arn), own_id) if bus.arbitrates else None
    queues = board or ActivityQueues(lambda arn: service.activities.exists(arn))
    portrait = Portrait(
        settings, shelf.clock, worker, totals.commit_latency, lambda: [view.name for view in shelf.registry.views()],
        own_id, shelf.clock.now(), lambda: service.sink_lag(),
    )  # fmt: skip
    census, tower = company_of(settings, store, shelf.clock, portrait, parts.ping, board.forget if board else None)
    service = Service(
        store, bus, shelf.clock, worker, programs, changes,
        functions=shelf.views, limits=limits, sinks=[sink.name for sink in parts.sinks],
        partitions=settings.partition_count, figures=figures, queues=queues, tower=tower,
    )  # fmt: skip
    items = Items(store, bus, shelf.clock, programs, changes, service)
    calls: Calls = calls_of(settings, service, items, queues, shelf.runner, shelf.clock, make_api)
    tools.runner = calls.runner
    tail = Tail(store, changes, settings.partition_count, lambda partition: worker.owner(partition) is not None)
    try:
        await census.admit()
    except ConductorError:
        await bus.close()
        raise
    working = asyncio.create_task(worker.run(), name="worker")
    beside = [asyncio.create_task(census.run(), name="census")]
    if bus.arbitrates:
        beside.append(asyncio.create_task(tail.run(), name="tail"))
    try:
        if settings.sample:
            await _define_sample(service)
        yield Runtime(service, shelf.load, shelf.clock, worker, portrait.id)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await worker.stop()
        await bus.close()
        await working
        await census.leave()
        if board is not None:
            await board.close()
        await calls.runners.close()
        publishing.close()


async def _define_sample(service: Service) -> None:
    document = files("conductor_local.samples").joinpath(f"{SAMPLE_ID}.json").read_bytes()
    with suppress(Conflict):  # it is there already, perhaps as the user changed it
        await service.define(document, id=SAMPLE_ID)
