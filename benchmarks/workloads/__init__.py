"""One workload per file; each has `async def run(options) -> list[Figure]`."""

from benchmarks.workloads import aws_face, latency, map_items, redis_load, redis_rows, startup, throughput

WORKLOADS = {
    "W1": throughput.run, "W2": latency.run, "W3": startup.run, "W4": map_items.run, "W5": aws_face.run, "W6": redis_load.run,
    "W7": redis_rows.run,
}  # fmt: skip

__all__ = ["WORKLOADS"]
