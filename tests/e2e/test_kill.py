"""The promise of durability, tested on real processes: SIGKILL at any moment loses nothing and doubles nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import httpx
import pytest

from . import kill_workflow as workflow
from .kill_server import Server

pytestmark = pytest.mark.e2e

SEED = 20
INSTANCES = 300
KILLS = 20
EARLY, LATE = 9, 6  # triggers of one life: soon after its start, and just before its end
PAUSE_S_MAX = 12.0
QUIET_S = 45.0


@dataclass
class Run:
    """What the clients of a server know."""

    server: Server
    client: httpx.AsyncClient
    payloads: list[dict[str, Any]]
    ids: dict[int, str] = field(default_factory=dict)
    requests: int = 0


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    workflow.write(tmp_path)
    server = Server(tmp_path)
    yield server
    await server.close()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30) as client:
        yield client


async def test_nothing_is_lost_or_doubled_by_twenty_kills(
    server: Server, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    random, began = Random(SEED), monotonic()
    run = Run(server, client, [workflow.payload(n, random, PAUSE_S_MAX) for n in range(INSTANCES)])
    allowed = asyncio.Semaphore(0)
    busy = 0  # kills that met work under way
    async with asyncio.TaskGroup() as clients:
        for n in range(INSTANCES):
            clients.create_task(trigger(run, n, allowed))
        for _ in range(KILLS):
            await server.start()
            release(allowed, EARLY)
            await asyncio.sleep(random.uniform(0.02, 0.7))  # what is tested is dying at any moment
            release(allowed, LATE)
            await asyncio.sleep(random.uniform(0.0, 0.02))
            busy += bool(server.rows("SELECT 1 FROM work LIMIT 1")) or len(run.ids) < INSTANCES
            await server.kill()
        await server.start()
        release(allowed, INSTANCES)
    await until_quiet(run)
    await check(run)
    calls = Counter(server.calls())
    assert len(calls) == sum(map(workflow.attempts, run.payloads)), "an attempt of a function was left out or made up"
    assert await server.stop() == 0
    assert busy == KILLS, "a kill met a server that had nothing to do"
    with capsys.disabled():
        print(
            f"\n{KILLS} kills, {server.lives} starts, {run.requests - INSTANCES} triggers repeated, "
            f"{calls.total() - len(calls)} of {len(calls)} function calls repeated, {monotonic() - began:.1f} s"
        )


async def test_of_two_servers_on_one_file_the_second_takes_over(
    tmp_path: Path, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    workflow.write(tmp_path)
    first, second = Server(tmp_path, "first"), Server(tmp_path, "second")
    random = Random(SEED)
    run = Run(first, client, [workflow.payload(n, random, 1.0) for n in range(60)])
    try:
        await first.start()
        await asyncio.gather(*(trigger(run, n) for n in range(30)))
        await second.start()
        await asyncio.gather(*(trigger(run, n) for n in range(30, 45)))
        run.server = second
        await asyncio.gather(*(trigger(run, n) for n in range(45, 60)))
        await until_quiet(run)
        assert "another process took over" in (await client.get(f"{first.url}/readyz")).json()["missing"]["worker"]
        assert (await client.get(f"{second.url}/readyz")).json()["status"] == "ready"
        await check(run)
        calls = Counter(second.calls())
        assert len(calls) == sum(map(workflow.attempts, run.payloads))
        assert [await first.stop(), await second.stop()] == [0, 0]
        with capsys.disabled():
            print(f"\ntwo servers on one file: {calls.total() - len(calls)} of {len(calls)} function calls repeated")
    finally:
        await first.close()
        await second.close()


# --- clients -------------------------------------------------------------------------------------------------------------------


def release(allowed: asyncio.Semaphore, number: int) -> None:
    """Let so many clients go on."""
    for _ in range(number):
        allowed.release()


async def trigger(run: Run, n: int, allowed: asyncio.Semaphore | None = None) -> None:
    """Trigger instance `n`, again and again with the same key, until a 202 has come."""
    if allowed is not None:
        await allowed.acquire()
    headers = {"Idempotency-Key": f"order-{n}"}
    while n not in run.ids:
        await run.server.is_up.wait()
        url = f"{run.server.url}/workflows/{workflow.name_of(n)}/trigger"
        run.requests += 1
        try:
            answer = await run.client.post(url, json={"payload": run.payloads[n]}, headers=headers)
        except httpx.TransportError:
            continue
        assert answer.status_code == 202, answer.text
        run.ids[n] = answer.json()["instanceId"]


async def get(run: Run, path: str) -> Any:
    """Return what the server answers."""
    answer = await run.client.get(run.server.url + path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def until_quiet(run: Run) -> None:
    """Wait until every instance has ended."""
    async with asyncio.timeout(QUIET_S):
        while (await get(run, "/workflows/instances?status=PENDING,RUNNING&limit=1"))["items"]:
            await asyncio.sleep(0.2)


# --- the truth afterwards --------------------------------------------------------------------------------------------------------


async def check(run: Run) -> None:
    """Check every instance, its events, and that nothing is left to do."""
    assert sorted(await listed(run)) == sorted(run.ids.values())
    assert len(set(run.ids.values())) == len(run.payloads)
    assert run.server.rows("SELECT count(*) FROM work") == [(0,)]
    for n, instance_id in run.ids.items():
        await check_instance(run, instance_id, workflow.outcome(run.payloads[n]))
    for log in run.server.folder.glob("*.log"):
        assert "Traceback" not in log.read_text(), log.read_text()


async def listed(run: Run) -> list[str]:
    """Return the ids of all instances, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        page = await get(run, f"/workflows/instances?limit=100{cursor}")
        found += [item["instanceId"] for item in page["items"]]
        if "cursor" not in page:
            return found
        cursor = f"&cursor={page['cursor']}"


async def check_instance(run: Run, instance_id: str, outcome: dict[str, Any]) -> None:
    """Check what an instance came to, and that its events leave nothing out and say nothing twice."""
    path = f"/workflows/instances/{instance_id}"
    instance = await get(run, path)
    assert (instance["status"], instance["currentPayload"]) == ("COMPLETED", outcome)
    lifecycle = (await get(run, f"{path}/events"))["items"]
    types = [event["type"] for event in lifecycle]
    assert [event["id"] for event in lifecycle] == [f"{instance_id}:{place}" for place in range(1, len(lifecycle) + 1)]
    assert (types[0], types[-1]) == ("WORKFLOW_STARTED", "WORKFLOW_COMPLETED")
    assert (types.count("WORKFLOW_STARTED"), types.count("WORKFLOW_COMPLETED")) == (1, 1)
    engine = (await get(run, f"{path}/events?view=engine"))["items"]
    assert [event["seq"] for event in engine] == list(range(1, len(engine) + 1))
