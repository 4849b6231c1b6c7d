"""The tasks that wait for an answer, over REST: the list, its pages, and the three answers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.rest_server import PATIENCE_S, Json, Server, serving

from conductor_local.functions.registry import describe

ARN = "arn:aws:states:us-east-1:000000000000:activity:pack"
ASK: Json = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Arguments": {"FunctionName": "ask", "Payload": {"token": "{% $states.context.Task.Token %}", "password": "hush", "n": 1}},
    "End": True,
}
APPROVAL: Json = {"name": "Approval", "QueryLanguage": "JSONata", "StartAt": "Ask", "States": {"Ask": ASK}}
TEAM: Json = {
    "name": "Team",
    "QueryLanguage": "JSONata",
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "Items": "{% [1..5] %}",
            "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Ask one", "States": {"Ask one": ASK}},
            "End": True,
        }
    },
}
PACKING: Json = {"name": "Packing", "StartAt": "Pack", "States": {"Pack": {"Type": "Task", "Resource": ARN, "End": True}}}


async def ask(event: Any) -> str:
    return "asked"


@pytest.fixture(params=["memory", "file"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Server]:
    data = {} if request.param == "memory" else {"data": tmp_path / "c.db"}
    async with serving(describe(ask, name="ask"), **data) as server:
        yield server


async def until(server: Server, holds: Callable[[list[Json]], bool] = bool) -> list[Json]:
    """Wait until the tasks that are listed are as they should be."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            items: list[Json] = (await server.get("/workflows/tasks", limit=200))["items"]
            if holds(items):
                return items
            await asyncio.sleep(0.01)


async def answer(server: Server, what: str, **body: Any) -> int:
    return (await server.client.post(f"/workflows/tasks/{what}", json=body)).status_code


async def test_a_callback_is_listed_with_what_the_task_was_given_and_secrets_masked(server: Server) -> None:
    id = await server.start(APPROVAL)
    [task] = await until(server)
    assert (task["instanceId"], task["workflowName"], task["stepId"]) == (id, "Approval", "Ask")
    assert (task["kind"], task["resource"], "taken" in task) == ("callback", ASK["Resource"], False)
    assert task["input"]["Payload"] == {"token": "***", "password": "***", "n": 1}
    assert task["askedAt"].endswith("Z")


async def test_an_answer_ends_the_task_and_a_second_one_is_a_conflict(server: Server) -> None:
    id = await server.start(APPROVAL)
    [task] = await until(server)
    assert await answer(server, "heartbeat", token=task["token"]) == 204
    assert await answer(server, "success", token=task["token"], output={"approved": [True, None]}) == 204
    assert (await server.ended(id))["currentPayload"] == {"approved": [True, None]}
    assert await answer(server, "success", token=task["token"], output=1) == 409
    assert await answer(server, "heartbeat", token=task["token"]) == 409
    assert (await server.get("/workflows/tasks")) == {"items": []}


async def test_a_failure_is_the_failure_of_the_step(server: Server) -> None:
    id = await server.start(APPROVAL)
    [task] = await until(server)
    assert await answer(server, "failure", token=task["token"], error="Denied", cause="by the boss") == 204
    assert (await server.ended(id))["errorDetails"] == {"error": "Denied"}


@pytest.mark.parametrize("what", ["success", "failure", "heartbeat"])
async def test_what_is_no_token_is_a_400_and_what_leads_nowhere_a_404(server: Server, what: str) -> None:
    output = {"output": 1} if what == "success" else {}
    assert await answer(server, what, token="no token!", **output) == 400
    assert await answer(server, what, token="bm9ib2R5LzEuMQ", **output) == 404
    assert await answer(server, what, **output) == 400


async def test_a_success_without_an_output_is_refused(server: Server) -> None:
    await server.start(APPROVAL)
    [task] = await until(server)
    assert await answer(server, "success", token=task["token"]) == 400
    assert await until(server) == [task]


async def test_an_activity_is_listed_before_and_after_a_worker_took_it(server: Server) -> None:
    await server.service.activities.create(ARN, "pack")
    id = await server.start(PACKING, {"box": 7})
    [task] = await until(server)
    assert (task["kind"], task["taken"], task["resource"], task["input"]) == ("activity", False, ARN, {"box": 7})
    assert await server.service.get_activity_task(ARN, "anna", wait_s=5) is not None
    await until(server, lambda items: bool(items) and items[0]["taken"])
    assert await answer(server, "success", token=task["token"], output="packed") == 204
    assert (await server.ended(id))["currentPayload"] == "packed"


async def test_pages_show_every_task_once_newest_instances_first_while_others_are_answered(server: Server) -> None:
    first = await server.start(TEAM)
    await until(server, lambda items: len(items) == 5)
    second = await server.start(TEAM)
    everything = await until(server, lambda items: len(items) == 10)
    assert [task["instanceId"] for task in everything] == [second] * 5 + [first] * 5
    page = await server.get("/workflows/tasks", limit=3)
    shown = page["items"]
    assert await answer(server, "success", token=shown[1]["token"], output=1) == 204
    await until(server, lambda items: len(items) == 9)
    while "cursor" in page:
        page = await server.get("/workflows/tasks", limit=3, cursor=page["cursor"])
        assert len(page["items"]) <= 3
        shown += page["items"]
    assert shown == everything


@pytest.mark.parametrize("cursor", ["nonsense", "1:", "x:5:a", "1:x:a", "-1:5:a"])
async def test_what_is_no_cursor_is_refused(server: Server, cursor: str) -> None:
    refused = await server.client.get("/workflows/tasks", params={"cursor": cursor})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "INVALID_CURSOR")
