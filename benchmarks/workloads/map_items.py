"""W4: one instance that maps over a thousand items, trigger to end: items that only compute, and items that call a function.

The same again as a state machine, beside the steps language.
"""

import time

import msgspec

from benchmarks.client import Clients
from benchmarks.figures import Figure, Target, machine_figure
from benchmarks.options import Options
from benchmarks.server import MACHINE, Server, pair
from benchmarks.workloads.ends import completed, until_completed

ITEMS = [{"item": index} for index in range(1_000)]
BODY = msgspec.json.encode({"payload": {"items": ITEMS}})
POLL_S = 0.001
LOADS = (("mapdata-1000", "map over 1,000 items, data"), ("mapasync-1000", "map over 1,000 items, async function"))


async def run(options: Options) -> list[Figure]:
    figures = []
    async with pair() as servers:
        for name, label in LOADS:
            figure = Figure(workload="W4", name=label, unit="s", target=Target(bound=0.12))
            machine = machine_figure(figure)
            for server in servers.values():
                await round_of(server, name)
            await round_of(servers["engine"], name + MACHINE)
            for _ in range(options.rounds):
                for kind, server in servers.items():
                    figure.add(kind, await round_of(server, name))
                machine.add("engine", await round_of(servers["engine"], name + MACHINE))
                machine.add("probe", figure.engine[-1])
            figures += [figure, machine]
    return figures


async def round_of(server: Server, name: str) -> float:
    """Measure one server once."""
    async with server.clients(1) as clients:
        return await measure(clients, name)


async def measure(clients: Clients, name: str) -> float:
    """Run one instance; return what it took in seconds."""
    connection = clients.first
    before = await completed(connection)
    began = time.perf_counter()
    answer = await connection.post(f"/workflows/{name}/trigger", BODY)
    await until_completed(connection, before + 1, poll_s=POLL_S)
    took = time.perf_counter() - began
    ended = (await connection.get(f"/workflows/instances/{answer.json()['instanceId']}")).json()
    assert ended["status"] == "COMPLETED", ended["status"]
    assert ended["currentPayload"] == ITEMS
    return took
