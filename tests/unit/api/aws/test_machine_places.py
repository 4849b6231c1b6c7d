"""Where state machines are, who sees them, and how they go."""

import json
from collections.abc import AsyncIterator

import pytest

from .client import ARN, ELSEWHERE, ROLE, WAITING, Client, machine, open_client

STEPS = {"name": "Signup Flow", "startAt": "a", "steps": {"a": {"type": "pass"}}}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_client() as client:
        yield client


async def test_regions_and_accounts_do_not_see_each_other(client: Client) -> None:
    abroad = client.at(ELSEWHERE)
    here, there = await client.create(), await abroad.create(definition=machine("abroad"))
    assert there["stateMachineArn"] == "arn:aws:states:eu-west-1:123456789012:stateMachine:m"
    assert [each["stateMachineArn"] for each in (await client("ListStateMachines"))["stateMachines"]] == [here["stateMachineArn"]]
    assert [each["stateMachineArn"] for each in (await abroad("ListStateMachines"))["stateMachines"]] == [there["stateMachineArn"]]
    shown = await client("DescribeStateMachine", stateMachineArn=there["stateMachineArn"])
    assert (shown["name"], shown["definition"]) == ("m", machine("abroad"))


async def test_machines_are_listed_by_name_page_by_page(client: Client) -> None:
    for name in ("c", "a", "b"):
        await client.create(name, type="EXPRESS" if name == "b" else "STANDARD")
    first = await client("ListStateMachines", maxResults=2)
    rest = await client("ListStateMachines", maxResults=2, nextToken=first["nextToken"])
    found = [(each["name"], each["type"]) for each in first["stateMachines"] + rest["stateMachines"]]
    assert found == [("a", "STANDARD"), ("b", "EXPRESS"), ("c", "STANDARD")]
    assert "nextToken" not in rest


async def test_what_rest_defined_is_a_machine_at_home(client: Client) -> None:
    text = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    steps = (await client.service.define(STEPS)).definition
    await client.service.define(text, name="asl")
    by_name = {each["name"]: each["stateMachineArn"] for each in (await client("ListStateMachines"))["stateMachines"]}
    assert by_name.keys() == {"asl", steps.id}, "an ARN cannot hold the name of the other one"
    shown = await client("DescribeStateMachine", stateMachineArn=by_name["asl"])
    assert json.loads(shown["definition"]) == text
    assert shown["roleArn"] == "arn:aws:iam::000000000000:role/conductor"
    other = await client("DescribeStateMachine", stateMachineArn=by_name[steps.id])
    assert (json.loads(other["definition"]), other["name"]) == (STEPS, steps.id)


async def test_rest_sees_what_aws_created(client: Client) -> None:
    await client.create()
    assert (await client.service.definition("m")).definition.document.encoded.decode() == machine()
    ended = await client.service.wait((await client.service.start("m", {"n": 1})).instance_id)
    assert ended.status == "COMPLETED"


async def test_a_machine_of_steps_can_become_a_state_machine(client: Client) -> None:
    defined = await client.service.define({**STEPS, "name": "m"})
    await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine())
    after = (await client.service.definition("m")).definition
    assert (defined.definition.dialect, after.dialect, after.id) == ("steps", "asl", defined.definition.id)


# --- deleting ------------------------------------------------------------------------------------------------------------------


async def test_a_machine_without_executions_is_gone_at_once(client: Client) -> None:
    await client.create(publish=True)
    await client("DeleteStateMachine", stateMachineArn=ARN)
    assert await client("ListStateMachines") == {"stateMachines": []}
    assert await client.service.definitions() == []
    created = await client.create(definition=machine("new"), publish=True)
    assert created["stateMachineVersionArn"] == f"{ARN}:1"


async def test_a_machine_is_deleting_until_its_executions_have_ended(client: Client) -> None:
    await client.create(definition=WAITING, publish=True)
    running = await client.service.start("m", {})
    held: list[str] = []
    stop = client.service.machines._stop

    async def hold(id: str, failure: object) -> None:
        held.append(id)

    client.service.machines._stop = hold
    await client("DeleteStateMachine", stateMachineArn=ARN)
    assert held == [running.instance_id]
    assert (await client("DescribeStateMachine", stateMachineArn=ARN))["status"] == "DELETING"
    said = ("StateMachineDeleting", f"State Machine is Deleting: '{ARN}'")
    routing = [{"stateMachineVersionArn": f"{ARN}:1", "weight": 100}]
    assert await client.refusal("CreateStateMachine", name="m", definition=WAITING, roleArn=ROLE) == said
    assert await client.refusal("UpdateStateMachine", stateMachineArn=ARN, roleArn=ROLE) == said
    assert await client.refusal("PublishStateMachineVersion", stateMachineArn=ARN) == said
    assert await client.refusal("CreateStateMachineAlias", name="p", routingConfiguration=routing) == said
    gone = ("ResourceNotFound", f"Resource not found: '{ARN}'")  # the one refusal that AWS's description has for this
    assert await client.refusal("TagResource", resourceArn=ARN, tags=[]) == gone
    client.service.machines._stop = stop
    await client("DeleteStateMachine", stateMachineArn=ARN)
    assert (await client.service.wait(running.instance_id)).status == "CANCELLED"
    assert (await client.refusal("DescribeStateMachine", stateMachineArn=ARN))[0] == "StateMachineDoesNotExist"
    assert await client.service.definitions() == []


async def test_all_executions_are_stopped_however_many_there_are(client: Client) -> None:
    await client.create(definition=WAITING)
    started = [await client.service.start("m", {}) for _ in range(60)]
    await client("DeleteStateMachine", stateMachineArn=ARN)
    ended = [await client.service.wait(each.instance_id) for each in started]
    assert {each.status for each in ended} == {"CANCELLED"}
    assert await client("ListStateMachines") == {"stateMachines": []}
