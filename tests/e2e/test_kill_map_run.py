"""A distributed Map under SIGKILL: no item is lost, none succeeds twice, and a redrive repeats only what had not succeeded."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from .kill_server import Server
from .kill_workflow import DEFINITION, LAMBDA, MACHINE_NAME

pytestmark = pytest.mark.e2e

ITEMS, BAD, WINDOW = 20, 13, 3
SEED, KILLS = 4, 6
PATIENCE_S = 60.0

MACHINE: dict[str, Any] = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map", "Label": "each", "ItemsPath": "$.items", "MaxConcurrency": WINDOW, "End": True,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Work",
                "States": {
                    "Work": {"Type": "Task", "Resource": f"{LAMBDA}work", "End": True, "Retry": [
                        {"ErrorEquals": ["FirstTime"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 2},
                    ]},
                },
            },
        },
    },
}  # fmt: skip

FUNCTIONS = f'''\
"""Work that takes its time, fails at first for some items, and for one of them until somebody has repaired it."""

import asyncio
from pathlib import Path

from conductor_local.functions import Context

_FOLDER = Path(__file__).parent


class FirstTime(Exception):
    pass


async def work(n, context: Context):
    with (_FOLDER / "calls.log").open("a") as log:
        log.write(context.idempotency_key + "\\n")
    await asyncio.sleep(0.15)
    if n % 4 == 0 and context.attempt == 1:
        raise FirstTime("as always")
    if n == {BAD} and not (_FOLDER / "repaired").exists():
        raise ValueError("broken")
    return n * n
'''


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    (tmp_path / "workflow.json").write_text(json.dumps(DEFINITION))
    (tmp_path / f"{MACHINE_NAME}.asl.json").write_text(json.dumps(MACHINE))
    (tmp_path / "functions.py").write_text(FUNCTIONS)
    server = Server(tmp_path)
    yield server
    await server.close()


async def kill_again_and_again(server: Server, random: Random) -> None:
    """Kill the server at any moment, so often, and start it for the last time."""
    for _ in range(KILLS):
        await asyncio.sleep(random.uniform(0.05, 0.5))
        await server.kill()
        await server.start()


async def end_of(server: Server, client: httpx.AsyncClient, id: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            instance = (await client.get(f"{server.url}/workflows/instances/{id}")).json()
            if instance["status"] not in ("PENDING", "RUNNING") and server.rows("SELECT count(*) FROM work") == [(0,)]:
                return dict(instance)
            await asyncio.sleep(0.1)


async def ends_of_items(server: Server, client: httpx.AsyncClient) -> dict[int, list[str]]:
    """Return by item how its execution ended, each time."""
    found = {}
    for (id,) in server.rows("SELECT id FROM executions WHERE definition_id LIKE '%/each'"):
        path = f"{server.url}/workflows/instances/{id}"
        item = (await client.get(path)).json()["initialPayload"]
        events = (await client.get(f"{path}/events?view=engine")).json()["items"]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert item not in found, "an item has two executions"
        ends = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted")
        found[item] = [event["type"] for event in events if event["type"] in ends]
    return found


async def test_no_item_is_lost_or_succeeds_twice(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    random = Random(SEED)
    await server.start()
    async with httpx.AsyncClient(timeout=30) as client:
        trigger = f"{server.url}/workflows/{MACHINE_NAME}/trigger"
        id = (await client.post(trigger, json={"payload": {"items": list(range(ITEMS))}})).json()["instanceId"]
        await kill_again_and_again(server, random)
        failed = await end_of(server, client, id)
        before = await ends_of_items(server, client)
        assert failed["status"] == "FAILED"
        assert before[BAD] == ["ExecutionFailed"]
        assert BAD < len(before) <= BAD + WINDOW
        (server.folder / "repaired").touch()
        assert (await client.post(f"{server.url}/workflows/instances/{id}/redrive")).status_code == 202
        await kill_again_and_again(server, random)
        ended = await end_of(server, client, id)
        after = await ends_of_items(server, client)
    assert (ended["status"], ended["currentPayload"]) == ("COMPLETED", [n * n for n in range(ITEMS)])
    assert sorted(after) == list(range(ITEMS))
    assert all(ends.count("ExecutionSucceeded") == 1 and ends[-1] == "ExecutionSucceeded" for ends in after.values())
    done = {item: ends for item, ends in before.items() if ends == ["ExecutionSucceeded"]}
    assert len(done) > BAD - WINDOW
    assert {item: after[item] for item in done} == done, "what had succeeded was run again"
    assert after[BAD] == ["ExecutionFailed", "ExecutionSucceeded"]
    assert "Traceback" not in server.log.read_text()
    assert await server.stop() == 0
    calls = Counter(server.calls())
    with capsys.disabled():
        print(f"\nmap run: {2 * KILLS} kills, {calls.total() - len(calls)} of {len(calls)} function calls repeated")
