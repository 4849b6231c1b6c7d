"""W1: how many ten-step instances per second, from the first trigger to the end of the last, through fifty connections.

Three rows: steps that only compute, steps that call an async function, steps that call a sync one; each again as a state machine in
the Amazon States Language, on the same server and beside the row in the steps language. The clock stops when the server
says that all have completed; then their number is checked, and some results one by one.
"""

import time

import msgspec

from benchmarks.client import Clients
from benchmarks.figures import Figure, Target, machine_figure
from benchmarks.options import Options
from benchmarks.server import MACHINE, Server, pair
from benchmarks.workloads.ends import completed, until_completed

CONNECTIONS = 50
STEPS = 10
SAMPLES = 20
POLL_S = 0.1  # /metrics reads every partition of a store on Redis: asked more often it would be what is measured
LOADS = (
    ("data-10", "data steps", 2_000, Target(bound=0.40, at_least=True, relative=True)),
    ("async-10", "async function steps", 1_500, Target(bound=0.25, at_least=True, relative=True)),
    ("sync-10", "sync function steps", 1_500, Target(bound=0.25, at_least=True, relative=True)),
)


async def run(options: Options) -> list[Figure]:
    return [figure for load in LOADS for figure in await rows(options, *load)]


async def rows(options: Options, name: str, label: str, load: int, target: Target) -> list[Figure]:
    """Measure one kind of step, on servers of its own: what other rows left behind shall not weigh on it."""
    count = load // 4 if options.quick else load
    figure = Figure(workload="W1", name=label, unit="instances/s", target=target)
    machine = machine_figure(figure)
    async with pair() as servers:
        for server in servers.values():
            await round_of(server, name, count // 4)
        await round_of(servers["engine"], name + MACHINE, count // 4)
        for _ in range(options.rounds):
            for kind, server in servers.items():
                figure.add(kind, await round_of(server, name, count))
            machine.add("engine", await round_of(servers["engine"], name + MACHINE, count))
            machine.add("probe", figure.engine[-1])
    return [figure, machine]


async def round_of(server: Server, name: str, count: int) -> float:
    """Measure one server once."""
    async with server.clients(CONNECTIONS) as clients:
        return await measure(clients, server.kind, name, count)


async def measure(clients: Clients, kind: str, name: str, count: int) -> float:
    """Start `count` instances, wait until all have completed, check them and return instances per second."""
    before = await completed(clients.first)
    bodies = [msgspec.json.encode({"payload": payload(index)}) for index in range(count)]
    began = time.perf_counter()
    answers = await clients.post_all(f"/workflows/{name}/trigger", bodies)
    await until_completed(clients.first, before + count, poll_s=POLL_S)
    took = time.perf_counter() - began
    assert all(answer.status == 202 for answer in answers), answers[0]
    ids = [answer.json()["instanceId"] for answer in answers]
    assert len(set(ids)) == count
    for index in range(0, count, max(1, count // SAMPLES)):
        check((await clients.first.get(f"/workflows/instances/{ids[index]}")).json(), kind, index)
    return count / took


def payload(index: int) -> dict[str, object]:
    """Make a small order, different for every instance."""
    return {"order": index, "customer": {"name": f"customer {index}", "tier": "gold"}, "lines": [{"sku": "A-1", "quantity": 2}]}


def check(instance: dict[str, object], kind: str, index: int) -> None:
    """Fail loudly when an instance is not what it must be: a fast wrong answer is no figure."""
    assert instance["status"] == "COMPLETED", instance
    assert instance["currentPayload"] == payload(index), instance
    if kind == "probe":
        assert instance["step"] == STEPS, instance
    else:
        history = instance["history"]
        assert isinstance(history, list)
        assert [record["status"] for record in history] == ["SUCCESS"] * STEPS, history
