"""How the workloads learn that instances have ended, in the same way from the product and from the probe."""

import asyncio
import re

from benchmarks.client import Connection

_COMPLETED = re.compile(rb'^conductor_instances\{[^}]*status="COMPLETED"[^}]*\} ([0-9.e+]+)$', re.MULTILINE)
WAIT_S_MAX = 120.0


async def completed(connection: Connection) -> int:
    """Return how many instances have completed, from the metrics."""
    answer = await connection.get("/metrics")
    found = _COMPLETED.search(answer.body)
    return int(float(found[1])) if found else 0


async def until_completed(connection: Connection, count: int, *, poll_s: float) -> None:
    """Return once exactly `count` instances have completed; more than that, or too long a wait, ends the benchmark."""
    async with asyncio.timeout(WAIT_S_MAX):
        while (now := await completed(connection)) < count:
            await asyncio.sleep(poll_s)
    if now != count:
        raise SystemExit(f"{now} instances completed where {count} were started")


async def until_ended(connection: Connection, instance_id: str) -> None:
    """Return once GET of the instance says COMPLETED, asking again as soon as it has answered."""
    path = f"/workflows/instances/{instance_id}"
    async with asyncio.timeout(WAIT_S_MAX):
        while (status := (await connection.get(path)).json()["status"]) != "COMPLETED":
            if status not in {"PENDING", "RUNNING"}:
                raise SystemExit(f"instance {instance_id} ended {status}")
