"""`python -m benchmarks --profile [WORKFLOW]`: one W1 load with the server under cProfile.

The server process runs `benchmarks.profiled`, which profiles the event loop's thread; the writer's thread shows as waiting. The
profiler makes everything slower, Python calls most of all, so read shares from it and no times. For times without that cost, and
for the writer's thread, run the load and in a second terminal: `py-spy record --threads -o profile.svg --pid <pid of the server>`.
"""

import asyncio
import pstats
import sys
from pathlib import Path

import uvloop

from benchmarks.client import Clients
from benchmarks.server import HERE, Server, serve_arguments
from benchmarks.workloads.throughput import CONNECTIONS, measure

COUNT = 500
LINES = 45


class ProfiledServer(Server):
    """The product under cProfile."""

    def __init__(self, report: Path) -> None:
        super().__init__("engine")
        self._report = report

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "benchmarks.profiled", str(self._report), *serve_arguments(self.port, self._data)]


def profile(workflow: str) -> int:
    """Run the load, print where the time went and say where the whole profile lies."""
    report = HERE.parent / "build" / "profile.pstats"
    report.parent.mkdir(exist_ok=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_load(ProfiledServer(report), workflow))
    pstats.Stats(str(report)).sort_stats("tottime").print_stats(LINES)
    print(f"the whole profile: python -m pstats {report.relative_to(Path.cwd()) if report.is_relative_to(Path.cwd()) else report}")
    print((__doc__ or "").partition("\n\n")[2])
    return 0


async def _load(server: Server, workflow: str) -> None:
    try:
        server.start()
        (await server.answered("/metrics")).close()
        clients = await Clients.open(server.port, CONNECTIONS)
        rate = await measure(clients, "engine", workflow, COUNT)
        print(f"{workflow}: {rate:,.0f} instances/s under the profiler")
        clients.close()
    finally:
        server.stop()
