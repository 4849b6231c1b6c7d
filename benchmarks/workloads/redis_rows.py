"""W7: the store on Redis alone: commits beside bare writes, round trips, memory, and what a million sleepers would cost.

The bare probe has as many writers on connections of their own, each of which writes one row and one event in a transaction and
waits for the answer; the same commits are also made on SQLite with `synchronous=FULL`. Executions are those of a workflow that
waits, made by the engine; the curve says how long a start, a list of fifty and the firing of one timer take while so many others
sleep.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from redis import asyncio as bare
from scripts.services.daemon import Daemon

from benchmarks import services
from benchmarks.figures import Figure, Target
from benchmarks.options import Options
from conductor_local.engine.advance import advance
from conductor_local.engine.effects import AnyWork, Deliver
from conductor_local.engine.messages import Start, TimerFired
from conductor_local.engine.state import Execution, Step, create_execution
from conductor_local.payload import Payload
from conductor_local.program import Body, Pass, Program, Wait
from conductor_local.runtime.ids import mint, new_id, partition_of
from conductor_local.runtime.ports import Query, Store
from conductor_local.stores.redis import RedisStore
from conductor_local.stores.sqlite import SqliteStore

AT = datetime(2030, 1, 1, tzinfo=UTC)
LONG, SOON = timedelta(days=30), timedelta(seconds=1)
PARTITIONS, WRITERS, COMMITS = 64, 50, 6_000
SLEEPERS, SLEEPERS_ALL = (100, 10_000), (100, 10_000, 100_000)
PROBES = 40
Once = Callable[[int], Coroutine[Any, Any, None]]


async def run(options: Options) -> list[Figure]:
    figures = []
    for fsync in ("always", "everysec"):
        with services.redis(fsync) as kept:
            figures += await commits(options, kept, fsync)
    with services.redis("everysec") as kept:
        figures += await curve(SLEEPERS if options.quick else SLEEPERS_ALL, kept)
    return figures


# --- commits -------------------------------------------------------------------------------------------------------------------


async def commits(options: Options, kept: Daemon, fsync: str) -> list[Figure]:
    """Measure commits a second beside bare writes and beside SQLite, and how often Redis had to read from a connection for one."""
    name = f"commits by {WRITERS} writers, {fsync}"
    figure = Figure(workload="W7", name=name, unit="commits/s")
    beside = Figure(workload="W7", name=f"{name}, beside SQLite", unit="commits/s", beside="SQLite")
    trips = Figure(workload="W7", name=f"round trips, {fsync}", unit="per commit", target=Target(bound=1.0))
    count = COMMITS // options.rounds
    async with (
        _store(kept) as (store, epochs),
        _sqlite() as (file, file_epochs),
        bare.Redis(port=kept.port, max_connections=WRITERS) as redis,
    ):
        for round in range(options.rounds):

            async def write(number: int, round: int = round) -> None:
                async with redis.pipeline(transaction=True) as pipe:
                    pipe.hset(f"bare:{round}:{number}", "head", "x" * 500)
                    pipe.rpush("events", "y" * 500)
                    await pipe.execute()

            commit = await _commits(store, epochs, count, f"round {round}")
            before = (await redis.info("stats"))["total_reads_processed"]
            figure.add("engine", await _rate(commit, count))
            after = (await redis.info("stats"))["total_reads_processed"]
            trips.add("engine", (after - before) / count)
            figure.add("probe", await _rate(write, count))
            beside.add("engine", figure.engine[-1])
            beside.add("probe", await _rate(await _commits(file, file_epochs, count, f"round {round}"), count))
    return [figure, beside, trips]


async def _commits(store: Store, epochs: list[int], count: int, name: str) -> Once:
    """Start executions, and return what makes the first commit of one."""
    begun = await _start_all(store, count, name, epochs)

    async def commit(number: int) -> None:
        execution, step = begun[number]
        await store.commit(step, epoch=epochs[execution.head.partition])

    return commit


async def _rate(once: Once, count: int) -> float:
    todo = iter(range(count))

    async def write() -> None:
        for number in todo:
            await once(number)

    began = time.perf_counter()
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return count / (time.perf_counter() - began)


# --- sleepers ------------------------------------------------------------------------------------------------------------------


async def curve(sleepers: tuple[int, ...], kept: Daemon) -> list[Figure]:
    """Measure one store that fills up with sleeping executions."""
    idle = Figure(workload="W7", name="memory of a sleeping instance", unit="bytes")
    ended = Figure(workload="W7", name="memory of one that has ended", unit="bytes")
    figures: list[Figure] = []
    async with _store(kept) as (store, epochs), bare.Redis(port=kept.port) as redis:
        empty, asleep = (await redis.info("memory"))["used_memory"], 0
        for wanted in sleepers:
            await _sleep_all(store, wanted - asleep, f"sleepers {wanted}", epochs)
            asleep = wanted
            while (await redis.info("persistence"))["aof_rewrite_in_progress"]:
                await asyncio.sleep(0.5)
            figures += await _point(store, epochs, asleep)
        idle.add("engine", ((await redis.info("memory"))["used_memory"] - empty) / asleep)
        before = (await redis.info("memory"))["used_memory"]
        count = 2_000
        for execution, step in await _start_all(store, count, "ended", epochs, wait=SOON):
            await store.commit(step, epoch=epochs[execution.head.partition])
            execution.apply(step)
            await _fire(store, epochs, execution)
        ended.add("engine", ((await redis.info("memory"))["used_memory"] - before) / count)
    return [*figures, idle, ended]


async def _point(store: RedisStore, epochs: list[int], asleep: int) -> list[Figure]:
    named = {
        name: Figure(workload="W7", name=f"{name} beside {asleep:,} sleepers", unit="ms")
        for name in ("a start", "a list of fifty", "a timer that fires")
    }
    for probe in range(PROBES):
        began = time.perf_counter()
        ((execution, step),) = await _start_all(store, 1, f"probe {asleep} {probe}", epochs, wait=SOON)
        named["a start"].add("engine", _ms(began))
        await store.commit(step, epoch=epochs[execution.head.partition])
        execution.apply(step)
        began = time.perf_counter()
        await store.list(Query(limit=50))
        named["a list of fifty"].add("engine", _ms(began))
        began = time.perf_counter()
        await _fire(store, epochs, execution)
        named["a timer that fires"].add("engine", _ms(began))
    return list(named.values())


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1_000


async def _fire(store: RedisStore, epochs: list[int], execution: Execution) -> None:
    """Claim the one timer that is due and commit what comes of it: the end of the execution."""
    partition, now = execution.head.partition, AT + 2 * SOON
    claimed = await store.claim(partition, epochs[partition], now, 10)
    ((found, row),) = claimed.work
    assert found == execution.head.id
    step = advance(_program(SOON), execution, TimerFired(at=now, work_id=row.id))
    step.consumed = [row.id]
    await store.commit(step, epoch=epochs[partition])


async def _sleep_all(store: RedisStore, count: int, name: str, epochs: list[int]) -> None:
    for first in range(0, count, 1_000):
        begun = await _start_all(store, min(1_000, count - first), f"{name} {first}", epochs)
        await asyncio.gather(*(store.commit(step, epoch=epochs[execution.head.partition]) for execution, step in begun))


async def _start_all(
    store: Store, count: int, name: str, epochs: list[int], wait: timedelta = LONG
) -> list[tuple[Execution, Step]]:  # fmt: skip
    """Store executions; return them with the step that brings each to its wait."""
    begun = [_begin(f"{name} {number}", wait) for number in range(count)]
    await asyncio.gather(*(store.create(execution, work, epoch=epochs[execution.head.partition]) for execution, work, _ in begun))
    return [(execution, step) for execution, _, step in begun]


def _begin(name: str, wait: timedelta) -> tuple[Execution, list[AnyWork], Step]:
    id = new_id(AT, mint())
    execution = create_execution(
        id=id, name=id, definition="digest", definition_id="definition", definition_name="sleep",
        partition=partition_of(id, PARTITIONS), seed=1, input=Payload({"order": name, "lines": [{"sku": "A-1"}]}), at=AT,
    )  # fmt: skip
    work: list[AnyWork] = [Deliver(id="in-start", due_at=AT, message=Start(at=AT))]
    step = advance(_program(wait), execution, Start(at=AT))
    step.consumed = ["in-start"]
    return execution, work, step


def _program(wait: timedelta) -> Program:
    sleep = Wait(name="sleep", title="sleep", next="end", until=lambda scope: AT + wait)
    return Program(body=Body("sleep", {"sleep": sleep, "end": Pass(name="end", title="end", next=None)}))


@asynccontextmanager
async def _store(kept: Daemon) -> AsyncIterator[tuple[RedisStore, list[int]]]:
    """Open a store and acquire all its partitions; gives the epochs too."""
    store = RedisStore(f"redis://{kept.address}", partitions=PARTITIONS)
    await store.open()
    try:
        yield store, [await store.acquire(partition) for partition in range(PARTITIONS)]
    finally:
        await store.close()


@asynccontextmanager
async def _sqlite() -> AsyncIterator[tuple[Store, list[int]]]:
    """The same on a file that is removed afterwards."""
    with TemporaryDirectory(prefix="conductor-bench-") as folder:
        store = SqliteStore(Path(folder) / "conductor.db")
        await store.open()
        try:
            yield store, [await store.acquire(partition) for partition in range(PARTITIONS)]
        finally:
            await store.close()
