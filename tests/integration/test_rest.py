"""The REST contract, every row, against the real runtime in one process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from conductor_local.api.app import create_app
from conductor_local.api.examples import BODIES
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

SIGN_UP = {"payload": {"email": "ada@example.com", "password": "correct horse"}}
SAMPLE = "/workflows/sample-user-signup"
Json = dict[str, Any]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(data=tmp_path / "conductor.db", time_scale=0)
    async with open_runtime(settings) as runtime:
        app = create_app(runtime.service, settings)
        transport = httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as client:
            yield client


def definition(name: str, **step: Any) -> Json:
    return {"name": name, "startAt": "only", "steps": {"only": {"type": "function", "functionName": "logAnalytics", **step}}}


WAITING = {"name": "Waiting", "startAt": "wait", "steps": {"wait": {"type": "wait", "seconds": 3600}}}


async def create(client: httpx.AsyncClient, document: Json) -> Json:
    answer = await client.post("/workflows/definitions", json=document)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    assert answer.headers["location"] == f"/workflows/definitions/{found['id']}"
    return found


async def trigger(client: httpx.AsyncClient, id_or_name: str, body: Json | None = None, **headers: str) -> Json:
    answer = await client.post(f"/workflows/{id_or_name}/trigger", json=body or {}, headers=headers)
    assert answer.status_code == 202, answer.text
    found: Json = answer.json()
    assert answer.headers["location"] == f"/workflows/instances/{found['instanceId']}"
    return found


async def ended(client: httpx.AsyncClient, instance_id: str) -> Json:
    async with asyncio.timeout(10):
        while True:
            found: Json = (await client.get(f"/workflows/instances/{instance_id}")).json()
            if found["status"] not in ("PENDING", "RUNNING"):
                return found
            await asyncio.sleep(0.005)


def check_problem(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: Json = answer.json()
    assert (body["status"], body["statusCode"], body["message"]) == (status, status, body["detail"])
    return body


# --- definitions ---------------------------------------------------------------------------------------------------------------


async def test_the_sample_is_there_after_the_first_start(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/workflows/definitions")).json()
    assert [(one["id"], one["name"]) for one in listed] == [("sample-user-signup", "Sample User Signup Workflow")]


async def test_a_definition_is_created_read_changed_and_deleted(client: httpx.AsyncClient) -> None:
    made = await create(client, definition("Mine"))
    path = f"/workflows/definitions/{made['id']}"
    read = await client.get(path)
    assert read.status_code == 200
    assert read.json() == {"id": made["id"], **definition("Mine")}
    changed = await client.put(path, json={"description": "now with words"})
    assert changed.status_code == 200
    assert changed.json() == {**read.json(), "description": "now with words"}
    gone = await client.delete(path)
    assert (gone.status_code, gone.content) == (204, b"")
    for answer in (await client.get(path), await client.put(path, json={}), await client.delete(path)):
        check_problem(answer, 404)


async def test_a_second_definition_of_a_name_is_a_conflict(client: httpx.AsyncClient) -> None:
    await create(client, definition("Mine"))
    check_problem(await client.post("/workflows/definitions", json=definition("Mine")), 409)


async def test_an_unknown_function_is_a_warning(client: httpx.AsyncClient) -> None:
    made = await create(client, definition("Mine", functionName="logAnalytic"))
    assert made["warnings"][0]["pointer"] == "/steps/only/functionName"


async def test_a_bad_definition_lists_pointers_with_lines(client: httpx.AsyncClient) -> None:
    text = '{"name": "Bad",\n "startAt": "nowhere",\n "steps": {"only": {"type": "function", "functionName": "f", "x": 1}}}'
    answer = await client.post("/workflows/definitions", content=text, headers={"content-type": "application/json"})
    faults = {fault["pointer"]: fault for fault in check_problem(answer, 400)["errors"]}
    assert faults["/startAt"]["line"] == 2
    assert faults["/steps/only/x"]["line"] == 3


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"name": 1}', '"\\ud800"', "{}", '{"name":"x","startAt":"a","steps":{}}'])
async def test_a_bad_definition_body_is_400(client: httpx.AsyncClient, text: str) -> None:
    headers = {"content-type": "application/json"}
    check_problem(await client.post("/workflows/definitions", content=text, headers=headers), 400)
    if text != "{}":
        check_problem(await client.put("/workflows/definitions/sample-user-signup", content=text, headers=headers), 400)


async def test_a_change_is_checked_as_a_whole(client: httpx.AsyncClient) -> None:
    made = await create(client, definition("Mine"))
    answer = await client.put(f"/workflows/definitions/{made['id']}", json={"startAt": "nowhere"})
    assert check_problem(answer, 400)["errors"][0]["pointer"] == "/startAt"


# --- instances -----------------------------------------------------------------------------------------------------------------


async def test_a_trigger_answers_pending_and_the_instance_completes(client: httpx.AsyncClient) -> None:
    started = await trigger(client, "sample-user-signup", SIGN_UP)
    assert started["status"] == "PENDING"
    assert started["initialPayload"] == SIGN_UP["payload"]
    found = await ended(client, started["instanceId"])
    assert found["status"] == "COMPLETED"
    assert [record["stepId"] for record in found["history"]] == ["validateInput", "createUser", "sendEmail", "logAnalytics"]
    assert {record["status"] for record in found["history"]} == {"SUCCESS"}
    assert found["endedAt"].endswith("Z")


async def test_a_trigger_takes_a_name_and_no_body(client: httpx.AsyncClient) -> None:
    answer = await client.post("/workflows/Sample%20User%20Signup%20Workflow/trigger")
    assert answer.status_code == 202
    found = await ended(client, answer.json()["instanceId"])
    assert found["status"] == "FAILED"
    assert found["error"] == "Error in step Validate User Input: Validation Error: Email and password are required."
    assert found["currentStepId"] == "validateInput"


async def test_an_idempotency_key_starts_once(client: httpx.AsyncClient) -> None:
    one = await trigger(client, "sample-user-signup", SIGN_UP, **{"idempotency-key": "order 7"})
    two = await trigger(client, "sample-user-signup", SIGN_UP, **{"idempotency-key": "order 7"})
    assert one["instanceId"] == two["instanceId"]
    check_problem(await client.post(f"{SAMPLE}/trigger", json={"payload": {}}, headers={"idempotency-key": "order 7"}), 409)


async def test_what_is_not_there_is_404(client: httpx.AsyncClient) -> None:
    for method, path in [
        ("POST", "/workflows/nothing/trigger"),
        ("GET", "/workflows/instances/nothing"),
        ("GET", "/workflows/instances/nothing/events"),
        ("GET", "/workflows/instances/nothing/events?follow"),
        ("POST", "/workflows/instances/nothing/cancel"),
        ("POST", "/workflows/instances/nothing/redrive"),
        ("DELETE", "/workflows/instances/nothing"),
    ]:
        check_problem(await client.request(method, path), 404)


async def test_a_payload_over_the_limit_is_413(client: httpx.AsyncClient) -> None:
    check_problem(await client.post(f"{SAMPLE}/trigger", json={"payload": {"text": "x" * 300_000}}), 413)


async def test_running_instances_survive_their_definition(client: httpx.AsyncClient) -> None:
    made = await create(client, WAITING)
    started = await trigger(client, made["id"])
    assert (await client.delete(f"/workflows/definitions/{made['id']}")).status_code == 204
    cancelled = await client.post(f"/workflows/instances/{started['instanceId']}/cancel", json={"cause": "enough"})
    assert cancelled.status_code == 200
    assert cancelled.json()["status"] == "CANCELLED"
    listed = await client.get("/workflows/instances", params={"definition": made["id"]})
    assert [one["instanceId"] for one in listed.json()["items"]] == [started["instanceId"]]


async def test_cancel_redrive_and_delete_say_when_they_cannot(client: httpx.AsyncClient) -> None:
    await create(client, WAITING)
    path = f"/workflows/instances/{(await trigger(client, 'Waiting'))['instanceId']}"
    check_problem(await client.delete(path), 409)
    check_problem(await client.post(f"{path}/redrive"), 409)
    assert (await client.post(f"{path}/cancel")).json()["status"] == "CANCELLED"
    check_problem(await client.post(f"{path}/cancel"), 409)
    redriven = await client.post(f"{path}/redrive")
    assert (redriven.status_code, redriven.json()["status"]) == (202, "RUNNING")
    await client.post(f"{path}/cancel")
    assert (await client.delete(path)).status_code == 204
    check_problem(await client.get(path), 404)


async def test_instances_are_listed_in_pages(client: httpx.AsyncClient) -> None:
    started = [(await trigger(client, "sample-user-signup", SIGN_UP))["instanceId"] for _ in range(5)]
    for instance_id in started:
        await ended(client, instance_id)
    found: list[str] = []
    query: dict[str, Any] = {"limit": 2, "status": "COMPLETED,FAILED", "definition": "Sample User Signup Workflow"}
    while True:
        page = (await client.get("/workflows/instances", params=query)).json()
        assert all("history" not in item for item in page["items"])
        found += [item["instanceId"] for item in page["items"]]
        if "cursor" not in page:
            break
        query["cursor"] = page["cursor"]
    assert sorted(found) == sorted(started)


async def test_instances_are_filtered_by_status_and_time(client: httpx.AsyncClient) -> None:
    instance = await ended(client, (await trigger(client, "sample-user-signup"))["instanceId"])
    at = instance["startedAt"]
    for query, count in [
        ({"status": "FAILED"}, 1),
        ({"status": ["PENDING", "COMPLETED"]}, 0),
        ({"startedFrom": at}, 1),
        ({"startedBefore": at}, 0),
        ({"definition": "nothing"}, 0),
    ]:
        page = await client.get("/workflows/instances", params=cast("Any", query))
        assert len(page.json()["items"]) == count, query


async def test_a_made_up_cursor_is_400(client: httpx.AsyncClient) -> None:
    check_problem(await client.get("/workflows/instances", params={"cursor": "made up"}), 400)


# --- events, functions, the server itself --------------------------------------------------------------------------------------


async def test_the_events_of_an_instance_are_paged(client: httpx.AsyncClient) -> None:
    instance_id = (await trigger(client, "sample-user-signup", SIGN_UP))["instanceId"]
    await ended(client, instance_id)
    items: list[Json] = []
    after = 0
    while True:
        page = (await client.get(f"/workflows/instances/{instance_id}/events", params={"after": after, "limit": 3})).json()
        if page["after"] == after:
            break
        items, after = items + page["items"], page["after"]
    assert [item["type"] for item in items] == [
        "WORKFLOW_STARTED",
        *["STEP_STARTED", "STEP_COMPLETED"] * 4,
        "WORKFLOW_COMPLETED",
    ]
    assert [item["id"] for item in items] == [f"{instance_id}:{number}" for number in range(1, 11)]
    assert "correct horse" not in str(items)


async def test_the_engine_view_shows_more_and_no_secrets(client: httpx.AsyncClient) -> None:
    instance_id = (await trigger(client, "sample-user-signup", SIGN_UP))["instanceId"]
    await ended(client, instance_id)
    answer = await client.get(f"/workflows/instances/{instance_id}/events?view=engine")
    items = answer.json()["items"]
    assert [item["seq"] for item in items] == list(range(1, len(items) + 1))
    assert {"ExecutionStarted", "TaskScheduled", "NodeExited"} <= {item["type"] for item in items}
    assert "correct horse" not in answer.text
    check_problem(await client.get(f"/workflows/instances/{instance_id}/events?view=x"), 400)


async def test_the_feed_has_all_instances_in_order(client: httpx.AsyncClient) -> None:
    ids = [(await trigger(client, "sample-user-signup", SIGN_UP))["instanceId"] for _ in range(2)]
    for instance_id in ids:
        await ended(client, instance_id)
    page = (await client.get("/workflows/events")).json()
    assert {item["instanceId"] for item in page["items"]} == set(ids)
    assert len(page["items"]) == 20
    assert (await client.get(f"/workflows/events?cursor={page['cursor']}")).json() == {"items": [], "cursor": page["cursor"]}


async def test_functions_are_listed(client: httpx.AsyncClient) -> None:
    names = {one["name"] for one in (await client.get("/workflows/functions")).json()}
    assert names >= {"validateUserData", "createUserInDB", "sendWelcomeEmail", "logAnalytics", "makeExternalApiCall"}


async def test_the_server_is_ready_and_counts(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(10):
        while (await client.get("/readyz")).status_code != 200:
            await asyncio.sleep(0.005)
    await ended(client, (await trigger(client, "sample-user-signup", SIGN_UP))["instanceId"])
    text = (await client.get("/metrics")).text
    assert 'conductor_instances{status="COMPLETED"} 1.0' in text
    assert "conductor_function_calls_total 4.0" in text


async def test_the_examples_of_the_document_work(client: httpx.AsyncClient) -> None:
    examples = {name: body["content"]["application/json"]["example"] for name, body in BODIES.items()}
    made = await create(client, examples["createDefinition"])
    assert "warnings" not in made
    assert (await client.put(f"/workflows/definitions/{made['id']}", json=examples["changeDefinition"])).status_code == 200
    await trigger(client, made["id"], examples["trigger"])
    await create(client, WAITING)
    waiting = await trigger(client, "Waiting")
    cancelled = await client.post(f"/workflows/instances/{waiting['instanceId']}/cancel", json=examples["cancelInstance"])
    assert cancelled.json()["error"] == "the order was withdrawn"
