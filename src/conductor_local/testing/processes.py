"""Simulated processes: the production worker, service and relay on a store, bus and functions that fail.

Rules: what a process holds in memory dies with it; the store's content, the cluster and the ledger do not.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from conductor_local.engine.state import Step
from conductor_local.errors import Unavailable
from conductor_local.functions.map_run import MapRuns, Nowhere, WithMapRuns
from conductor_local.program import Limits
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.map_runs import Items
from conductor_local.runtime.owner import Tools
from conductor_local.runtime.ports import Published, Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.relay import Relay
from conductor_local.runtime.service import Service
from conductor_local.runtime.worker import Worker
from conductor_local.stores.memory import MemoryStore
from conductor_local.stores.sqlite import SqliteStore
from conductor_local.testing.cluster import Cluster, FaultyBus
from conductor_local.testing.faults import Life, Rates, ScriptedFunctions, faulty_store
from conductor_local.testing.interception import Intercept, InterceptedStore
from conductor_local.testing.ledger import Ledger
from conductor_local.testing.simloop import SimClock, SimLoop

T = TypeVar("T")
LIMITS = Limits(payload_bytes=100_000_000)  # a workflow that is drawn may double its payload at every step
TAKEN = 0.4  # the share of the others' partitions that a new process is given


class ConnectionLost(Exception):
    """The process died, or the client gave up, before an answer came."""


class World:
    """What outlives processes. `plant` puts a bug in front of the real store, for tests of the simulator itself."""

    def __init__(
        self, loop: SimLoop, rates: Rates, folder: Path | None, plant: Intercept | None, *, partitions: int = 1
    ) -> None:  # fmt: skip
        self.loop, self.random, self.rates = loop, loop.random, rates
        self.ledger = Ledger()
        self.clock = SimClock(loop)
        self.cluster = Cluster(partitions, loop.random, rates)
        self.processes: list[Process] = []
        self._folder, self._plant = folder, plant
        self._memory = MemoryStore()
        self._opened: list[SqliteStore] = []

    async def open_store(self) -> Store:
        """Open the truth as a new process would: a connection of its own to one file, or the one memory."""
        if self._folder is None:
            return self._memory
        store = SqliteStore(self._folder / "conductor.db", durability="normal")
        await store.open()
        self._opened.append(store)
        return store

    async def start(self, *, tell_old: bool = True) -> "Process":
        """Start a process and give it the partition; of several, those without an owner and some of the others."""
        store = await self.open_store()
        if self._plant is not None:
            store = InterceptedStore(store, self._plant)
        process = Process(self, InterceptedStore(store, self.ledger.intercept), f"process {len(self.processes) + 1}")
        self.processes.append(process)
        self.cluster.join(process.bus)
        wanted = set(self.cluster.without_owner())
        for partition in range(self.cluster.partitions):
            if self.cluster.partitions == 1 or partition in wanted or self.random.random() < TAKEN:
                self.cluster.give(partition, process.bus, tell_old=tell_old)
        return process

    @property
    def alive(self) -> list["Process"]:
        """The processes that live, oldest first."""
        return [process for process in self.processes if process.life.is_alive]

    async def close(self) -> None:
        """Let go of every file that was opened."""
        for process in self.alive:
            process.life.end()
        await asyncio.sleep(1)
        for store in self._opened:
            with suppress(Unavailable):
                await store.close()


class Process:
    """One process at work."""

    def __init__(self, world: World, store: Store, name: str) -> None:
        self.life = Life(name)
        self.bus = FaultyBus(world.cluster, self.life)
        random = world.random
        faulty = faulty_store(store, self.life, random, world.rates, world.ledger.counts)
        programs, changes = Programs(faulty, LIMITS), Changes()
        sink = Sink(self.life, world)

        def committed(step: Step, seconds: float) -> None:
            changes.changed(step.head.id)
            worker.committed(step.head.partition)

        functions = ScriptedFunctions(self.life, random, world.ledger.called)
        tools = Tools(faulty, functions, world.clock, programs, committed, invocations_max=random.choice([1, 3, 1_000]))
        worker = Worker(self.bus, tools, lambda partition: [Relay(faulty, sink, partition)])
        self._service = Service(
            faulty, self.bus, world.clock, worker, programs, changes,
            functions=list, limits=LIMITS, mint=lambda: random.getrandbits(128),
            partitions=world.cluster.partitions,
        )  # fmt: skip
        items = Items(faulty, self.bus, world.clock, programs, changes, self._service)
        tools.runner = WithMapRuns(MapRuns(items, Nowhere()), functions)
        self.life.spawn(worker.run())

    async def ask(self, request: Callable[[Service], Coroutine[Any, Any, T]], *, patience_s: float = 60.0) -> T:
        """Make a request; raise `ConnectionLost` when the process dies or the client's patience ends first."""
        task = self.life.spawn(request(self._service))
        waits: list[asyncio.Future[Any]] = [task, self.life.ended]
        await asyncio.wait(waits, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        if not self.life.is_alive or not task.done():
            task.cancel()
            raise ConnectionLost(self.life.name)
        return task.result()


class Sink:
    """Implements `EventSink`: hands on to the ledger, sometimes without being able to say so."""

    name = "ledger"

    def __init__(self, life: Life, world: World) -> None:
        self._life, self._world = life, world

    async def publish(self, commits: Sequence[Published]) -> None:
        await self._world.loop.pause()
        self._life.check()
        if self._world.random.random() < self._world.rates.unavailable_before:
            raise Unavailable("simulated: the sink is away")
        self._world.ledger.published(commits)
        if self._world.random.random() < self._world.rates.unavailable_after:
            raise Unavailable("simulated: the sink does not answer")

    async def close(self) -> None:
        """There is nothing to flush."""
