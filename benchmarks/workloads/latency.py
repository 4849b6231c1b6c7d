"""W2: how long one run of three function steps takes, trigger to end, one at a time on an idle server.

The end is seen by asking for the instance again and again on the same connection, without a pause; the probe is asked in the same
way, so both pay for the questions and for the half round trip by which the answer is late. The same again as a state machine,
beside the steps language.
"""

import time

import msgspec

from benchmarks.client import Connection
from benchmarks.figures import Figure, Target, machine_figure, percentile
from benchmarks.options import Options
from benchmarks.server import MACHINE, Server, pair
from benchmarks.workloads.ends import until_ended
from benchmarks.workloads.throughput import payload

RUNS = 200
WARM_UP = 20
NAME = "async-3"


async def run(options: Options) -> list[Figure]:
    p50 = Figure(workload="W2", name="three function steps, p50", unit="ms", target=Target(bound=3.0, relative=True))
    p99 = Figure(workload="W2", name="three function steps, p99", unit="ms")
    machine = machine_figure(p50)
    count = RUNS // 4 if options.quick else RUNS
    async with pair() as servers:
        for server in servers.values():
            await measure(server, NAME, WARM_UP)
        await measure(servers["engine"], NAME + MACHINE, WARM_UP)
        for _ in range(options.rounds):
            for kind, server in servers.items():
                samples = await measure(server, NAME, count)
                p50.add(kind, percentile(samples, 0.50) * 1_000)
                p99.add(kind, percentile(samples, 0.99) * 1_000)
            samples = await measure(servers["engine"], NAME + MACHINE, count)
            machine.add("engine", percentile(samples, 0.50) * 1_000)
            machine.add("probe", p50.engine[-1])
    return [p50, p99, machine]


async def measure(server: Server, name: str, count: int) -> list[float]:
    """Run `count` instances one after the other; return what each took in seconds."""
    async with server.clients(1) as clients:
        return [await run_one(clients.first, name, index) for index in range(count)]


async def run_one(connection: Connection, name: str, index: int) -> float:
    """Run one instance; return what it took in seconds."""
    body = msgspec.json.encode({"payload": payload(index)})
    began = time.perf_counter()
    answer = await connection.post(f"/workflows/{name}/trigger", body)
    await until_ended(connection, answer.json()["instanceId"])
    return time.perf_counter() - began
