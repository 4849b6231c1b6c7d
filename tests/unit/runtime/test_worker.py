"""The worker follows the bus: it owns what it is given, and lets go of what is taken away."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from conductor_local.program import Limits
from conductor_local.runtime import worker as worker_module
from conductor_local.runtime.owner import Tools
from conductor_local.runtime.ports import Assigned, Nudged, Revoked
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.worker import Worker
from conductor_local.stores.memory import MemoryStore

from .rig import Functions, HandClock, until


class Bus:
    """Implements `Bus`: says what the test says."""

    def __init__(self, *, arbitrates: bool = False) -> None:
        self.arbitrates = arbitrates
        self.changes: asyncio.Queue[Assigned | Revoked | Nudged | None] = asyncio.Queue()

    async def nudge(self, partition: int) -> None:
        self.changes.put_nowait(Nudged(partition))

    async def assignments(self) -> AsyncIterator[Assigned | Revoked | Nudged]:
        while (change := await self.changes.get()) is not None:
            yield change

    async def close(self) -> None:
        self.changes.put_nowait(None)


def worker_on(bus: Bus, store: MemoryStore | None = None) -> Worker:
    store = store or MemoryStore()
    return Worker(bus, Tools(store, Functions(), HandClock(), Programs(store, Limits())))


async def test_partitions_come_and_go() -> None:
    bus = Bus()
    worker = worker_on(bus)
    assert worker.is_idle
    running = asyncio.create_task(worker.run())
    for change in (Assigned(0), Assigned(1)):
        bus.changes.put_nowait(change)
    await until(lambda: worker.owner(0) and worker.owner(1) and worker.is_idle)
    bus.changes.put_nowait(Revoked(0))
    await until(lambda: worker.owner(0) is None)
    assert [owner.partition for owner in worker.owners] == [1]
    await bus.close()
    await running
    assert worker.owner(1) is None


async def test_what_is_said_of_a_partition_that_is_not_here_is_passed_over() -> None:
    bus = Bus()
    worker = worker_on(bus)
    running = asyncio.create_task(worker.run())
    for change in (Nudged(7), Revoked(7), Assigned(0)):
        bus.changes.put_nowait(change)
    await until(lambda: worker.owner(0))
    await bus.close()
    await running


@pytest.mark.parametrize("arbitrates", [True, False])
async def test_a_partition_that_a_late_process_took_is_taken_back_where_somebody_arbitrates(
    arbitrates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "LATE_S", 0.01)
    bus, store = Bus(arbitrates=arbitrates), MemoryStore()
    worker = worker_on(bus, store)
    running = asyncio.create_task(worker.run())
    bus.changes.put_nowait(Assigned(0))
    await until(lambda: worker.owner(0))
    first = worker.owners[0]
    await store.acquire(0)
    first.wake()
    await until(lambda: first.is_fenced)
    if arbitrates:
        await until(lambda: worker.owner(0) and worker.owner(0) is not first)
    else:
        await asyncio.sleep(0.05)
        assert worker.owner(0) is None
    await bus.close()
    await running
