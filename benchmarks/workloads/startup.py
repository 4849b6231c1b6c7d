"""W3: how long from the start of the process to the first accepted request, and the memory it then needs while idle.

The request is a trigger, so the server has its definitions, functions and store by then, and the instance is durable.
"""

import asyncio
import time

from benchmarks.figures import Figure, Target
from benchmarks.options import Options
from benchmarks.server import Server

IDLE_S = 1.0
TRIGGER = b'{"payload":{"order":1}}'


async def run(options: Options) -> list[Figure]:
    begin = Figure(workload="W3", name="start to first accepted trigger", unit="s", target=Target(bound=0.6))
    memory = Figure(workload="W3", name="idle memory", unit="MB", target=Target(bound=70))
    for _ in range(options.rounds):
        for kind in ("engine", "probe"):
            took, resident = await measure(kind)
            begin.add(kind, took)
            memory.add(kind, resident)
    return [begin, memory]


async def measure(kind: str) -> tuple[float, float]:
    """Start a server; return seconds to its first 202 and its resident memory in MB a little later."""
    server = Server(kind)
    try:
        began = time.perf_counter()
        server.start()
        connection = await server.answered("/workflows/data-10/trigger", TRIGGER)
        took = time.perf_counter() - began
        await asyncio.sleep(IDLE_S)
        resident = server.resident_mb()
        connection.close()
    finally:
        server.stop()
    return took, resident
