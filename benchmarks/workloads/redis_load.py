"""W6: W1 on Redis, all beside each other in every round.

always, everysec    one process on Redis with that `appendfsync`, beside one on SQLite with `synchronous=FULL`
publication         one process on Redis that also publishes every event to Kafka, beside one that does not
a second worker     an API and two workers that share partitions through Kafka, beside an API and one worker
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from scripts.services.daemon import Daemon

from benchmarks import services
from benchmarks.figures import Figure, Target
from benchmarks.options import Options
from benchmarks.server import Server
from benchmarks.workloads.throughput import round_of

NAME, LOAD = "async-10", 1_500
SPREAD_S = 8.0  # until a group of workers has shared out its partitions


async def run(options: Options) -> list[Figure]:
    count = LOAD // 4 if options.quick else LOAD
    with services.redis("always") as always, services.redis("everysec") as everysec, services.kafka() as kafka:
        return [
            *await on_redis(options, count, always, everysec),
            await publication(options, count, everysec, kafka),
            await second_worker(options, count, everysec, kafka),
        ]


async def on_redis(options: Options, count: int, always: Daemon, everysec: Daemon) -> list[Figure]:
    """Measure both settings of Redis beside SQLite."""
    figures = {name: _figure(f"async function steps, Redis {name}", 1.0, "SQLite") for name in ("always", "everysec")}
    async with _server({}) as sqlite, _server(_on(always)) as first, _server(_on(everysec)) as second:
        servers = {"always": first, "everysec": second}
        for server in (sqlite, *servers.values()):
            await round_of(server, NAME, count // 4)
        for _ in range(options.rounds):
            beside = await round_of(sqlite, NAME, count)
            for name, figure in figures.items():
                figure.add("engine", await round_of(servers[name], NAME, count))
                figure.add("probe", beside)
    return list(figures.values())


async def publication(options: Options, count: int, kept: Daemon, broker: Daemon) -> Figure:
    """Measure with and without events on a topic."""
    figure = _figure("the same, published to Kafka", 0.85, "unpublished")
    with_kafka = {**_on(kept, "published"), "KAFKA_BROKER": broker.address}
    async with _server(_on(kept, "unpublished")) as without, _server(with_kafka) as published:
        await asyncio.sleep(SPREAD_S)
        await _compare(options, count, figure, published, without)
    return figure


async def second_worker(options: Options, count: int, kept: Daemon, broker: Daemon) -> Figure:
    """Measure two workers beside one. Both groups are there all the time; the one that is not measured is idle."""
    figure = _figure("an API and two workers", 1.0, "one worker")
    groups = [{**_on(kept, f"group-{size}"), "KAFKA_BROKER": broker.address, "KAFKA_GROUP_ID": f"group-{size}"} for size in (1, 2)]
    async with contextlib.AsyncExitStack() as running:
        one, two = [await running.enter_async_context(_server({**group, "CONDUCTOR_WORKS": "false"})) for group in groups]
        for settings in (groups[0], groups[1], groups[1]):
            worker = Server("worker", settings)
            running.callback(worker.stop)
            worker.start()
        await asyncio.sleep(SPREAD_S)
        await _compare(options, count, figure, two, one)
    return figure


async def _compare(options: Options, count: int, figure: Figure, measured: Server, beside: Server) -> None:
    for server in (measured, beside):
        await round_of(server, NAME, count // 4)
    for _ in range(options.rounds):
        figure.add("engine", await round_of(measured, NAME, count))
        figure.add("probe", await round_of(beside, NAME, count))


def _figure(name: str, bound: float, beside: str) -> Figure:
    target = Target(bound=bound, at_least=True, relative=True)
    return Figure(workload="W6", name=name, unit="instances/s", target=target, beside=beside)


def _on(kept: Daemon, prefix: str = "conductor") -> dict[str, str]:
    return {"REDIS_URL": f"redis://{kept.address}", "CONDUCTOR_REDIS_PREFIX": prefix}


@contextlib.asynccontextmanager
async def _server(settings: Mapping[str, str]) -> AsyncIterator[Server]:
    server = Server("engine", settings)
    server.start()
    try:
        (await server.answered("/metrics")).close()
        yield server
    finally:
        server.stop()
