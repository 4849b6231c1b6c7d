"""ARNs of machines that do not fit, and those of processors inside machines."""

import json
from collections.abc import AsyncIterator

import pytest

from .client import ARN, ROLE, Client, machine, open_client

DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
PASS = {"Type": "Pass", "End": True}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_client() as client:
        yield client


async def test_an_unknown_machine_does_not_exist(client: Client) -> None:
    said = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{ARN}'")
    assert await client.refusal("DescribeStateMachine", stateMachineArn=ARN) == said
    assert await client.refusal("UpdateStateMachine", stateMachineArn=ARN, roleArn=ROLE) == said
    assert await client("DeleteStateMachine", stateMachineArn=ARN) == {}


async def test_only_a_description_takes_the_arn_of_a_processor(client: Client) -> None:
    inner = {"ProcessorConfig": DISTRIBUTED, **json.loads(machine("inner"))}
    await client.create(definition=machine(M={"Type": "Map", "Label": "each", "ItemProcessor": inner, "End": True}))
    shown = await client("DescribeStateMachine", stateMachineArn=f"{ARN}/each")
    assert (shown["stateMachineArn"], shown["name"], shown["label"]) == (f"{ARN}/each", "m", "each")
    assert json.loads(shown["definition"])["States"] == json.loads(machine())["States"]
    assert (await client.refusal("DescribeStateMachine", stateMachineArn=f"{ARN}/no"))[0] == "StateMachineDoesNotExist"
    said = ("ValidationException", f"Invalid ARN: '{ARN}/each'")
    assert await client.refusal("UpdateStateMachine", stateMachineArn=f"{ARN}/each", roleArn=ROLE) == said
    assert await client.refusal("DeleteStateMachine", stateMachineArn=f"{ARN}/each") == said


async def test_processors_are_found_inside_branches_and_iterations(client: Client) -> None:
    def run(label: str) -> dict[str, object]:
        inner = {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            **json.loads(machine(label, **{f"in-{label}": PASS})),
        }
        return json.loads(machine(**{label: {"Type": "Map", "Label": label, "ItemProcessor": inner, "End": True}}))

    branches = {"Type": "Parallel", "Branches": [run("one"), run("two")], "Next": "M"}
    await client.create(definition=machine(P=branches, M={"Type": "Map", "ItemProcessor": run("three"), "End": True}))
    for label in ("one", "two", "three"):
        shown = await client("DescribeStateMachine", stateMachineArn=f"{ARN}/{label}")
        assert json.loads(shown["definition"])["Comment"] == label


async def test_a_version_is_not_a_machine(client: Client) -> None:
    await client.create(publish=True)
    said = ("InvalidArn", f"Invalid Arn: 'A version or alias is not valid in this context: {ARN}:1'")
    assert await client.refusal("UpdateStateMachine", stateMachineArn=f"{ARN}:1", roleArn=ROLE) == said
    assert await client.refusal("DeleteStateMachine", stateMachineArn=f"{ARN}:1") == said
