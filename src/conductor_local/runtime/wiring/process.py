"""One process at work: store, bus, worker, relays and service, connected and let go of in the right order."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files

from conductor_local.engine.state import Step
from conductor_local.errors import Conflict
from conductor_local.functions.activity import ActivityQueues
from conductor_local.functions.registry import Function
from conductor_local.language.asl import Identity
from conductor_local.program import Limits
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.clock import VirtualClock
from conductor_local.runtime.map_runs import Items
from conductor_local.runtime.owner import Tools
from conductor_local.runtime.ports import Bus, Clock, EventSink, Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.relay import Relay
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.views import Statistics
from conductor_local.runtime.wiring.adapters import open_bus, sinks_of, store_of
from conductor_local.runtime.wiring.calls import Calls, MakeApi, calls_of
from conductor_local.runtime.wiring.shelf import Shelf
from conductor_local.runtime.worker import Upkeep, Worker

SAMPLE_ID = "sample-user-signup"


@dataclass(slots=True)
class Runtime:
    """A process at work. `reload_functions` loads the function files again; when it raises, the old functions stay."""

    service: Service
    reload_functions: Callable[[], None]
    clock: Clock


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, is_virtual: bool = False, functions: Sequence[Function] = (), own_api: MakeApi | None = None
) -> AsyncIterator[Runtime]:  # fmt: skip
    """Open the store, start a worker, and let go of both in the end.

    `is_virtual` runs on a clock that skips every wait; `functions` are there beside those of the settings; without `own_api` tasks
    cannot call AWS's API of this process. Raises `SettingsError`, `Unavailable`.
    """
    shelf = Shelf(settings, functions)
    store, upkeep = store_of(settings)
    sinks = sinks_of(settings)
    try:
        await store.open()
        bus = await open_bus(settings)
        async with _working(_Parts(settings, store, upkeep, bus, sinks, shelf), is_virtual, own_api) as service:
            yield Runtime(service, shelf.load, shelf.clock)
    finally:
        for sink in sinks:
            with suppress(OSError):  # what it could not write comes again: its cursor was not moved
                await sink.close()
        await shelf.runner.close()
        await store.close()


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a process is made of."""

    settings: Settings
    store: Store
    upkeep: Upkeep | None
    bus: Bus
    sinks: Sequence[EventSink]
    shelf: Shelf

    def relays(self, partition: int) -> list[Relay]:
        """Make the relays of a partition."""
        return [Relay(self.store, sink, partition) for sink in self.sinks]


@asynccontextmanager
async def _working(parts: _Parts, is_virtual: bool, make_api: MakeApi | None) -> AsyncIterator[Service]:
    settings, store, bus, shelf = parts.settings, parts.store, parts.bus, parts.shelf
    changes, totals = Changes(), Statistics(instances={})
    limits = Limits(payload_bytes=settings.payload_bytes_max)
    programs = Programs(store, limits, Identity(region=settings.region))

    def committed(step: Step, seconds: float) -> None:
        totals.commits += 1
        totals.commit_seconds += seconds
        totals.started += step.head.version == 1
        changes.changed(step.head.id)
        worker.committed(step.head.partition)

    def figures(statistics: Statistics) -> None:
        statistics.commits, statistics.commit_seconds, statistics.started = totals.commits, totals.commit_seconds, totals.started

    if is_virtual:
        shelf.clock = VirtualClock(shelf.clock.now(), is_idle=lambda: worker.is_idle and calls.map_runs.is_idle)
    tools = Tools(
        store, shelf.runner, shelf.clock, programs, committed,
        lost_tasks=settings.lost_tasks, invocations_max=settings.invocations_max,
    )  # fmt: skip
    worker, queues = Worker(bus, tools, parts.relays, parts.upkeep), ActivityQueues(lambda arn: service.activities.exists(arn))
    service = Service(
        store, bus, shelf.clock, worker, programs, changes,
        functions=lambda: shelf.registry.views(), limits=limits, sinks=[sink.name for sink in parts.sinks],
        partitions=settings.partition_count, figures=figures, queues=queues,
    )  # fmt: skip
    items = Items(store, bus, shelf.clock, programs, changes, service)
    calls: Calls = calls_of(settings, service, items, queues, shelf.runner, shelf.clock, make_api)
    tools.runner = calls.runner
    working = asyncio.create_task(worker.run(), name="worker")
    try:
        if settings.sample:
            await _define_sample(service)
        yield service
    finally:
        await bus.close()
        await working
        await calls.runners.close()


async def _define_sample(service: Service) -> None:
    document = files("conductor_local.samples").joinpath(f"{SAMPLE_ID}.json").read_bytes()
    with suppress(Conflict):  # it is there already, perhaps as the user changed it
        await service.define(document, id=SAMPLE_ID)
