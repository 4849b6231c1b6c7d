"""State machines in the Amazon States Language over REST: the same routes, told apart by the document's shape."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest

from conductor_local.api.app import create_app
from conductor_local.api.examples import BODIES
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import IN_MEMORY, open_runtime

PATH = "/workflows/definitions"
LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:"
Json = dict[str, Any]
MACHINE: Json = {
    "Comment": "Adults pass",
    "StartAt": "Grown up?",
    "States": {
        "Grown up?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.age", "NumericGreaterThanEquals": 18, "Next": "Welcome"}],
            "Default": "Refuse",
        },
        "Welcome": {"Type": "Pass", "Result": "welcome", "ResultPath": "$.said", "End": True},
        "Refuse": {"Type": "Fail", "Error": "TooYoung", "Cause": "come back later"},
    },
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(data=IN_MEMORY, time_scale=0, sample=False)
    async with open_runtime(settings) as runtime:
        transport = httpx.ASGITransport(app=cast("Any", create_app(runtime.service, settings)), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as client:
            yield client


async def create(client: httpx.AsyncClient, document: Json, **parameters: str) -> Json:
    answer = await client.post(PATH, json=document, params=parameters)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def run(client: httpx.AsyncClient, id_or_name: str, payload: Json) -> Json:
    answer = await client.post(f"/workflows/{id_or_name}/trigger", json={"payload": payload})
    assert answer.status_code == 202, answer.text
    async with asyncio.timeout(10):
        while True:
            found: Json = (await client.get(f"/workflows/instances/{answer.json()['instanceId']}")).json()
            if found["status"] not in ("PENDING", "RUNNING"):
                return found
            await asyncio.sleep(0.005)


async def test_a_machine_is_named_by_the_name_beside_start_at(client: httpx.AsyncClient) -> None:
    made = await create(client, {"name": "Door", **MACHINE})
    assert made == {"id": made["id"], "name": "Door", **MACHINE}
    assert (await client.get(f"{PATH}/{made['id']}")).json() == made
    assert (await client.get(PATH)).json() == [made]


async def test_a_machine_is_named_by_the_query(client: httpx.AsyncClient) -> None:
    made = await create(client, MACHINE, name="Door")
    assert (made["name"], made["States"]) == ("Door", MACHINE["States"])


async def test_the_name_in_the_body_wins(client: httpx.AsyncClient) -> None:
    assert (await create(client, {"name": "Door", **MACHINE}, name="Gate"))["name"] == "Door"


async def test_a_machine_without_a_name_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, json=MACHINE)
    assert answer.status_code == 400
    assert [(one["code"], one["pointer"]) for one in answer.json()["errors"]] == [("NAME_MISSING", "/name")]


async def test_a_misspelt_parameter_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, json=MACHINE, params={"nmae": "Door"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "UNKNOWN_PARAMETER"


async def test_a_name_that_is_taken_is_a_conflict(client: httpx.AsyncClient) -> None:
    await create(client, MACHINE, name="Door")
    assert (await client.post(PATH, json=MACHINE, params={"name": "Door"})).status_code == 409


async def test_a_machine_runs_by_its_name(client: httpx.AsyncClient) -> None:
    await create(client, MACHINE, name="Door")
    ended = await run(client, "Door", {"age": 36})
    assert (ended["status"], ended["currentPayload"]) == ("COMPLETED", {"age": 36, "said": "welcome"})
    assert [record["stepId"] for record in ended["history"]] == ["Grown up?", "Welcome"]


async def test_a_lambda_arn_calls_the_function_of_its_name(client: httpx.AsyncClient) -> None:
    call = {"Type": "Task", "Resource": f"{LAMBDA}logAnalytics:live", "InputPath": "$.who", "ResultPath": "$.log", "End": True}
    await create(client, {"StartAt": "Call", "States": {"Call": call}}, name="Caller")
    ended = await run(client, "Caller", {"who": {"name": "Ada"}})
    assert ended["currentPayload"] == {"who": {"name": "Ada"}, "log": {"name": "Ada", "analyticsLogged": True}}
    assert [(record["stepId"], record["functionName"]) for record in ended["history"]] == [("Call", "logAnalytics")]
    events = (await client.get(f"/workflows/instances/{ended['instanceId']}/events")).json()["items"]
    assert [event["functionName"] for event in events if event["type"] == "STEP_STARTED"] == ["logAnalytics"]


async def test_a_machine_that_fails_says_why(client: httpx.AsyncClient) -> None:
    await create(client, MACHINE, name="Door")
    ended = await run(client, "Door", {"age": 3})
    assert (ended["status"], ended["error"]) == ("FAILED", "Error in step Refuse: come back later")
    assert ended["errorDetails"]["error"] == "TooYoung"


async def test_problems_have_the_codes_and_texts_of_aws_and_a_place(client: httpx.AsyncClient) -> None:
    text = (
        '{\n  "StartAt": "Rest",\n  "States": {\n    "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Gone"},\n'
        '    "Odd": {"Type": "Pass", "Colour": "red", "End": true}\n  }\n}'
    )
    answer = await client.post(PATH, content=text, params={"name": "Bad"}, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    told = {(one["code"], one["message"], one["pointer"], one["line"], one["column"]) for one in answer.json()["errors"]}
    assert ("SCHEMA_VALIDATION_FAILED", "Field 'Colour' is not supported", "/States/Odd/Colour", 5, 29) in told
    assert [one["location"] for one in answer.json()["errors"]][:2] == ["/States/Odd", "/States/Rest/Next"]
    assert ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: Gone", "/States/Rest/Next", 4, 52) in told


async def test_put_changes_the_fields_it_has(client: httpx.AsyncClient) -> None:
    made = await create(client, MACHINE, name="Door")
    answer = await client.put(f"{PATH}/{made['id']}", json={"Comment": "Anybody", "StartAt": "Welcome", "name": "Open door"})
    assert answer.status_code == 400, "two states are not reached any more"
    states = {"Welcome": MACHINE["States"]["Welcome"]}
    answer = await client.put(f"{PATH}/{made['id']}", json={"StartAt": "Welcome", "States": states, "name": "Open door"})
    assert answer.json() == {
        "id": made["id"],
        "name": "Open door",
        "Comment": "Adults pass",
        "StartAt": "Welcome",
        "States": states,
    }
    assert (await run(client, "Open%20door", {}))["currentPayload"] == {"said": "welcome"}


async def test_delete_forgets_it(client: httpx.AsyncClient) -> None:
    made = await create(client, MACHINE, name="Door")
    assert (await client.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert (await client.get(f"{PATH}/{made['id']}")).status_code == 404


async def test_the_document_describes_both_shapes_with_examples_that_work(client: httpx.AsyncClient) -> None:
    operation = (await client.get("/openapi.json")).json()["paths"][PATH]["post"]
    assert [one["name"] for one in operation["parameters"]] == ["name"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema == BODIES["createDefinition"]["content"]["application/json"]["schema"]
    assert [one["required"] for one in schema["anyOf"]] == [["name", "startAt", "steps"], ["StartAt", "States"]]
    for example in schema["examples"]:
        assert "warnings" not in await create(client, example)
