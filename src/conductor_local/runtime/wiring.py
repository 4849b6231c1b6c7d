"""Puts a process together: the only module that knows the concrete adapters."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path

from conductor_local.buses.local import LocalBus
from conductor_local.engine.state import Step
from conductor_local.errors import Conflict
from conductor_local.functions import Registry, load
from conductor_local.functions.activity import ActivityQueues
from conductor_local.functions.aws import AwsCalls
from conductor_local.functions.aws_clients import Clients
from conductor_local.functions.aws_endpoints import Endpoints
from conductor_local.functions.builtin import builtin_functions
from conductor_local.functions.dispatch_all import Runners
from conductor_local.functions.executions_api import OwnApi
from conductor_local.functions.lambda_context import with_lambda_context
from conductor_local.functions.map_run import MapRuns, WithMapRuns, buckets_at
from conductor_local.functions.python import PythonRunner
from conductor_local.functions.registry import Function
from conductor_local.language.asl import Identity
from conductor_local.program import Limits
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.clock import SystemClock, VirtualClock
from conductor_local.runtime.map_runs import Items
from conductor_local.runtime.owner import Tools
from conductor_local.runtime.ports import Clock, EventSink, StatesApi, Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.relay import Relay
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.views import Statistics
from conductor_local.runtime.worker import Worker
from conductor_local.sinks.file import FileSink
from conductor_local.stores.memory import MemoryStore
from conductor_local.stores.sqlite import SqliteStore

SAMPLE_ID = "sample-user-signup"
IN_MEMORY = Path(":memory:")

log = logging.getLogger("conductor")


@dataclass(slots=True)
class Runtime:
    """A process at work. `reload_functions` loads the function files again; when it raises, the old functions stay."""

    service: Service
    reload_functions: Callable[[], None]
    clock: Clock


MakeApi = Callable[[Service, Settings, Clock], StatesApi]
"""Makes what answers tasks that call AWS's API of Step Functions."""


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, is_virtual: bool = False, functions: Sequence[Function] = (), own_api: MakeApi | None = None
) -> AsyncIterator[Runtime]:  # fmt: skip
    """Open the store, start a worker, and let go of both in the end.

    `is_virtual` runs on a clock that skips every wait; `functions` are there beside those of the settings; without `own_api` tasks
    cannot call AWS's API of this process. Raises `SettingsError`, `Unavailable`.
    """
    shelf = _Functions(settings, functions)
    store = _store(settings)
    await store.open()
    try:
        async with _running(settings, store, shelf, is_virtual, own_api) as service:
            yield Runtime(service, shelf.load, shelf.clock)
    finally:
        await shelf.runner.close()
        await store.close()


class _Functions:
    """The registry in use, and how to load it anew."""

    def __init__(self, settings: Settings, given: Sequence[Function]) -> None:
        self._settings = settings
        self._given = given
        self.clock: Clock = SystemClock()
        self.registry = Registry()
        self.load()
        self.runner = PythonRunner(lambda: self.registry, threads=settings.function_threads)

    def load(self) -> None:
        builtin = builtin_functions(self._settings.time_scale, now=lambda: self.clock.now(), sleep=asyncio.sleep)
        registry = load(self._settings.functions, builtin=builtin)
        for function in self._given:
            registry.add(function)
        self.registry = with_lambda_context(registry)


def _store(settings: Settings) -> Store:
    if settings.data == IN_MEMORY:
        return MemoryStore()
    return SqliteStore(settings.data, durability=settings.durability)


@asynccontextmanager
async def _running(
    settings: Settings, store: Store, shelf: _Functions, is_virtual: bool, make_api: MakeApi | None
) -> AsyncIterator[Service]:  # fmt: skip
    limits = Limits(payload_bytes=settings.payload_bytes_max)
    home = Identity(region=settings.region)
    bus, changes, programs = LocalBus(), Changes(), Programs(store, limits, home)
    sinks = [FileSink(Path(settings.events_file))] if settings.events_file else []
    totals = Statistics(instances={})

    def committed(step: Step, seconds: float) -> None:
        totals.commits += 1
        totals.commit_seconds += seconds
        totals.started += step.head.version == 1
        changes.changed(step.head.id)
        worker.committed(step.head.partition)

    def figures(statistics: Statistics) -> None:
        statistics.commits, statistics.commit_seconds, statistics.started = totals.commits, totals.commit_seconds, totals.started

    if is_virtual:
        shelf.clock = VirtualClock(shelf.clock.now(), is_idle=lambda: worker.is_idle and map_runs.is_idle)
    tools = Tools(
        store,
        shelf.runner,
        shelf.clock,
        programs,
        committed,
        lost_tasks=settings.lost_tasks,
        invocations_max=settings.invocations_max,
    )
    relays = partial(_relays, store, sinks)
    worker, activities = Worker(bus, tools, relays), ActivityQueues()
    service = Service(
        store, bus, shelf.clock, worker, programs, changes,
        functions=lambda: shelf.registry.views(), limits=limits, sinks=[sink.name for sink in sinks], figures=figures,
        queues=activities,
    )  # fmt: skip
    endpoints = Endpoints(settings.aws_endpoints, os.environ)
    aws, own_api = AwsCalls(endpoints, os.environ), OwnApi(Clients(settings.region, os.environ))
    runners = Runners(shelf.runner, activities, service, service, settings.connections, aws, own_api)
    if make_api is not None:
        own_api.attach(partial(make_api, service, settings, shelf.clock))
    buckets = buckets_at(settings.buckets, endpoints, Clients(home.region, os.environ))
    map_runs = MapRuns(Items(store, bus, shelf.clock, programs, changes, service), buckets)
    tools.runner = WithMapRuns(map_runs, runners)
    working = asyncio.create_task(worker.run(), name="worker")
    try:
        if settings.sample:
            await _define_sample(service)
        yield service
    finally:
        await bus.close()
        await working
        await runners.close()
        for sink in sinks:
            with suppress(OSError):  # what it could not write comes again: its cursor was not moved
                await sink.close()


def _relays(store: Store, sinks: Sequence[EventSink], partition: int) -> list[Relay]:
    return [Relay(store, sink, partition) for sink in sinks]


async def _define_sample(service: Service) -> None:
    document = files("conductor_local.samples").joinpath(f"{SAMPLE_ID}.json").read_bytes()
    with suppress(Conflict):  # it is there already, perhaps as the user changed it
        await service.define(document, id=SAMPLE_ID)
