"""What must hold when the faults have ended: asked of the API, of Redis itself, and of Kafka by a consumer of its own."""

import asyncio
import json
from collections import Counter, defaultdict
from typing import Any

import httpx
import redis
from tests.e2e import kill_workflow as workflow
from tests.services.topics import read_topic

from .clients import Clients
from .deployment import PARTITIONS, PREFIX

AT_ONCE = 10


async def check_instances(clients: Clients) -> dict[str, list[str]]:
    """Check every instance that was acknowledged; return the ids of its lifecycle events."""
    places = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(timeout=30, base_url=clients.url) as client, asyncio.TaskGroup() as checking:
        tasks = {
            id: checking.create_task(_check_instance(client, places, id, workflow.outcome(clients.payloads[number])))
            for number, id in clients.ids.items()
        }
    return {id: task.result() for id, task in tasks.items()}


async def _check_instance(client: httpx.AsyncClient, places: asyncio.Semaphore, id: str, outcome: dict[str, Any]) -> list[str]:
    async with places:
        instance = (await client.get(f"/workflows/instances/{id}")).json()
        lifecycle = (await client.get(f"/workflows/instances/{id}/events?limit=1000")).json()["items"]
        engine = (await client.get(f"/workflows/instances/{id}/events?view=engine&limit=1000")).json()["items"]
    assert (instance["status"], instance["currentPayload"]) == ("COMPLETED", outcome), instance
    assert [event["id"] for event in lifecycle] == [f"{id}:{place}" for place in range(1, len(lifecycle) + 1)]
    assert [event["seq"] for event in engine] == list(range(1, len(engine) + 1))
    types = [event["type"] for event in lifecycle]
    assert (types.count("WORKFLOW_STARTED"), types.count("WORKFLOW_COMPLETED"), types[-1]) == (1, 1, "WORKFLOW_COMPLETED")
    ended = Counter((event["stepId"], json.dumps(event.get("path"))) for event in lifecycle if event["type"] == "STEP_COMPLETED")
    assert max(ended.values()) == 1, f"the result of a step of {id} was applied twice: {ended}"
    return [event["id"] for event in lifecycle]


def check_topic(broker: str, expected: dict[str, list[str]]) -> int:
    """Check that every event is on the topic, in order once repeats are dropped; return how many were repeated."""
    seen: dict[str, dict[str, None]] = defaultdict(dict)
    repeated = 0
    for record in read_topic(broker, "workflow_events"):
        headers: dict[str, Any] = dict(record.headers() or ())
        id, subject = headers["ce_id"].decode(), headers["ce_subject"].decode()
        assert json.loads(record.value() or b"")["id"] == id
        repeated += id in seen[subject]
        seen[subject].setdefault(id)
    assert seen.keys() == expected.keys()
    for subject, ids in expected.items():
        assert list(seen[subject]) == ids, f"the events of {subject} on the topic"
    return repeated


def check_store(kept: redis.Redis, instances: int) -> None:
    """Check in Redis itself that nothing is owed, and that no row is there that belongs to nothing."""
    counted = 0
    for partition in range(PARTITIONS):
        base = f"{PREFIX}:{{p{partition}}}:"
        assert [kept.zcard(base + "due"), kept.zcard(base + "taken")] == [0, 0], f"work is left in partition {partition}"
        runs = {key.decode().rpartition(":")[2] for key in kept.scan_iter(f"{base}run:*", count=1000)}
        for kind in ("events", "payloads"):
            rest = {key.decode().rpartition(":")[2] for key in kept.scan_iter(f"{base}{kind}:*", count=1000)} - runs
            assert not rest, f"{kind} of no instance: {rest}"
        for run in runs:
            left = [field for field in kept.hkeys(f"{base}run:{run}") if bytes(field).startswith((b"work:", b"frame:"))]  # type: ignore[arg-type]
            assert not left, f"{run} still has {left}"
        assert kept.zcard(base + "runs:SUCCEEDED") == kept.zcard(base + "ended") == len(runs)
        assert [kept.zcard(f"{base}runs:{status}") for status in ("PENDING", "RUNNING", "FAILED", "SUSPENDED")] == [0] * 4
        counted += len(runs)
    for key in kept.scan_iter(f"{PREFIX}:*:answer:*", count=1000):
        assert kept.ttl(key) >= 0 or not kept.exists(key), f"{key!r} would stay for good"
    assert counted == instances
