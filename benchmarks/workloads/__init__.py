"""One workload per file; each has `async def run(options) -> list[Figure]`."""

from benchmarks.workloads import latency, map_items, startup, throughput

WORKLOADS = {"W1": throughput.run, "W2": latency.run, "W3": startup.run, "W4": map_items.run}

__all__ = ["WORKLOADS"]
