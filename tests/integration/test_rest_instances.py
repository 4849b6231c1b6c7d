"""Finding instances, what AWS's API calls them, the executions of map runs, versions: what the console asks beside the basics."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace
from tests.integration.rest_server import PATIENCE_S, Json, Server, serving

from conductor_local.functions.registry import describe
from conductor_local.program import Failure
from conductor_local.runtime import search
from conductor_local.runtime.records import Definition

PASS: Json = {"name": "Passing", "StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WAIT: Json = {"name": "Waiting", "StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 3600, "End": True}}}
FAIL: Json = {"name": "Failing", "StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "NoCard", "Cause": "the card expired"}}}
FLEET: Json = {
    "name": "Fleet",
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.numbers",
            "MaxConcurrency": 2,
            "ToleratedFailurePercentage": 100,
            "Label": "fleet",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Work",
                "States": {
                    "Work": {
                        "Type": "Task",
                        "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work",
                        "ResultPath": "$.done",
                        "End": True,
                    }
                },
            },
            "End": True,
        }
    },
}
PATH = "/workflows/instances"


class Gate:
    """Holds the calls of `work` until it is opened; every third one fails."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()

    async def work(self, event: Any) -> str:
        await self.is_open.wait()
        if event["n"] % 3 == 0:
            raise ValueError(f"number {event['n']} is broken")
        return "done"


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def server(gate: Gate) -> AsyncIterator[Server]:
    async with serving(describe(gate.work, name="work")) as server:
        yield server


async def found(server: Server, **parameters: Any) -> list[str]:
    """Return the ids on all pages."""
    page = await server.get(PATH, **parameters)
    ids = [item["instanceId"] for item in page["items"]]
    while "cursor" in page:
        page = await server.get(PATH, **parameters, cursor=page["cursor"])
        assert len(page["items"]) <= parameters.get("limit", 50)
        ids += [item["instanceId"] for item in page["items"]]
    return ids


async def test_a_text_is_found_in_id_name_workflow_error_and_payloads_in_any_case(server: Server) -> None:
    await server.service.publish(PASS)
    named = (await server.service.start("Passing", {"said": 'Grüße "an" Ada'}, name="order-77")).instance_id
    failed = await server.start(FAIL, {"n": 1})
    await server.ended(named)
    await server.ended(failed)
    assert await found(server, text=named[:13].upper()) == [named]
    assert await found(server, text="ORDER-77") == [named]
    assert await found(server, text="passin") == [named]
    assert await found(server, text="CARD expired") == [failed]
    assert await found(server, text="GRÜße") == [named]
    assert await found(server, text='"an" ada') == [named]
    assert await found(server, text="nowhere") == []
    assert await found(server, text="a", status="FAILED") == [failed]


async def test_pages_of_a_search_show_every_match_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LOOKED_MAX", 7)
    monkeypatch.setattr(search, "_LISTED", 4)
    await server.service.publish(PASS)
    ids = [(await server.service.start("Passing", {"even": n % 2 == 0})).instance_id for n in range(30)]
    wanted = [id for id in await found(server) if id in ids[::2]]
    assert len(wanted) == 15
    assert await found(server, text='"even":true', limit=3) == wanted
    assert await found(server, text='"even":true', limit=50) == wanted


async def begun(server: Server, gate: Gate, count: int) -> tuple[str, Json]:
    id = await server.start(FLEET, {"numbers": [{"n": n} for n in range(count)]})
    async with asyncio.timeout(PATIENCE_S):
        while True:
            items = (await server.get(f"{PATH}/{id}/map-runs"))["items"]
            if items and items[0]["executions"]["running"] == 2:
                return id, items[0]
            await asyncio.sleep(0.01)


async def test_a_map_run_is_shown_with_its_counts_and_its_executions_in_item_order(server: Server, gate: Gate) -> None:
    id, run = await begun(server, gate, 7)
    assert (run["status"], run["maxConcurrency"], run["label"], run["itemCount"]) == ("RUNNING", 2, "fleet", 7)
    gate.is_open.set()
    await server.ended(id)
    [run] = (await server.get(f"{PATH}/{id}/map-runs"))["items"]
    assert (run["status"], run["items"]["succeeded"], run["items"]["failed"]) == ("SUCCEEDED", 4, 3)
    children = (await server.get(PATH, of=id, mapRun=run["run"]))["items"]
    assert [child["initialPayload"]["n"] for child in children] == list(range(7))
    ids = [child["instanceId"] for child in children]
    assert await found(server, of=id, mapRun=run["run"], limit=2) == ids
    assert await found(server, of=id, mapRun=run["run"], status="FAILED", limit=2) == ids[::3]
    assert await found(server, of=id, mapRun=run["run"], text="number 3") == [ids[3]]
    assert await found(server) == [id]


async def test_the_limits_of_a_map_run_can_be_changed_while_it_goes_on(server: Server, gate: Gate) -> None:
    id, run = await begun(server, gate, 7)
    path = f"{PATH}/{id}/map-runs/{run['run']}"
    answer = await server.client.post(path, json={"maxConcurrency": 5, "toleratedFailureCount": 6})
    assert answer.status_code == 204, answer.text
    [changed] = (await server.get(f"{PATH}/{id}/map-runs"))["items"]
    assert (changed["maxConcurrency"], changed["toleratedFailureCount"]) == (5, 6)
    wrong: list[Json] = [{}, {"maxConcurrency": -1}, {"toleratedFailurePercentage": 101}, {"maxConcurency": 1}]
    assert [(await server.client.post(path, json=body)).status_code for body in wrong] == [400] * 4
    assert (await server.client.post(f"{PATH}/{id}/map-runs/none", json={"maxConcurrency": 1})).status_code == 404
    gate.is_open.set()
    await server.ended(id)
    assert (await server.client.post(path, json={"maxConcurrency": 1})).status_code == 409


async def test_a_map_run_is_named_with_its_instance(server: Server) -> None:
    id = (await server.run(PASS))["instanceId"]
    assert await server.status(PATH, of=id) == 400
    assert await server.status(PATH, mapRun="x") == 400
    assert await server.status(PATH, of=id, mapRun="x", definition="Passing") == 400
    assert await server.status(PATH, of=id, mapRun="x") == 404
    assert await server.status(PATH, of="nobody", mapRun="x") == 404
    assert (await server.get(f"{PATH}/{id}/map-runs")) == {"items": []}
    assert await server.status(f"{PATH}/nobody/map-runs") == 404


async def test_an_instance_says_what_aws_calls_it(server: Server) -> None:
    await server.service.publish(PASS)
    started = await server.service.start("Passing", {}, name="order-1")
    shown = await server.ended(started.instance_id)
    assert shown["arn"] == "arn:aws:states:us-east-1:000000000000:execution:Passing:order-1"
    assert (shown["executionName"], shown["type"], shown["startedBy"]) == ("order-1", "STANDARD", {})
    assert "arn" not in (await server.get(PATH))["items"][0]


async def test_versions_and_aliases_are_listed_and_who_was_started_by_them(server: Server) -> None:
    await server.service.publish(PASS)
    assert await server.get("/workflows/Passing/versions") == {"versions": [], "aliases": []}
    api = {"content-type": "application/x-amz-json-1.0"}
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:Passing"

    async def call(operation: str, **parameters: Any) -> Json:
        headers = {**api, "x-amz-target": f"AWSStepFunctions.{operation}"}
        answer = await server.client.post("/", json=parameters, headers=headers)
        assert answer.status_code == 200, answer.text
        answered: Json = answer.json()
        return answered

    await call("PublishStateMachineVersion", stateMachineArn=arn, description="the first")
    routes = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    alias = await call("CreateStateMachineAlias", name="live", routingConfiguration=routes)
    published = await server.get("/workflows/Passing/versions")
    assert [(one["number"], one["description"]) for one in published["versions"]] == [(1, "the first")]
    assert published["aliases"] == [{"name": "live", "routes": [{"version": 1, "weight": 100}]}]
    await call("StartExecution", stateMachineArn=alias["stateMachineAliasArn"], name="by-alias")
    [id] = await found(server, text="by-alias")
    assert (await server.get(f"{PATH}/{id}"))["startedBy"] == {"version": 1, "alias": "live"}
    assert await server.status("/workflows/Nobody/versions") == 404


async def test_a_machine_that_is_being_deleted_is_gone(server: Server) -> None:
    id = await server.start(WAIT)
    await server.service.machines.change("Waiting", marked)
    assert await server.get("/workflows/definitions") == []
    assert await server.status("/workflows/definitions/Waiting") == 404
    assert (await server.client.post("/workflows/Waiting/trigger", json={})).status_code == 404
    assert (await server.client.post("/workflows/definitions", json=WAIT)).status_code == 409
    await server.service.stop(id, Failure())
    await server.ended(id)
    assert (await server.client.post("/workflows/definitions", json=WAIT)).status_code == 201


def marked(definition: Definition) -> Definition:
    return replace(definition, machine=replace(definition.machine, is_deleting=True))
