"""The machine of an execution, and the variables of a machine."""

import json
from collections.abc import AsyncIterator

import pytest

from .client import ARN, ROLE, Client, machine, open_client

OFF = {"level": "OFF", "includeExecutionData": False}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_client() as client:
        yield client


async def test_an_execution_shows_the_machine_it_runs(client: Client) -> None:
    await client.create(definition=machine("1"))
    first = await client("StartExecution", stateMachineArn=ARN)
    changed = await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine("2"), roleArn=f"{ROLE}2", publish=True)
    second = await client("StartExecution", stateMachineArn=f"{ARN}:1")
    third = await client("StartExecution", stateMachineArn=ARN)
    await client("UpdateStateMachine", stateMachineArn=ARN, tracingConfiguration={"enabled": True})
    old = await client("DescribeStateMachineForExecution", executionArn=first["executionArn"])
    assert (old["definition"], old["roleArn"], "revisionId" in old) == (machine("1"), ROLE, False)
    for started in (second, third):
        shown = await client("DescribeStateMachineForExecution", executionArn=started["executionArn"])
        assert (shown["definition"], shown["roleArn"]) == (machine("2"), f"{ROLE}2")
        assert (shown["stateMachineArn"], shown["name"]) == (ARN, "m")
    assert shown["tracingConfiguration"] == {"enabled": True}, "the same document, started by no version"
    by_version = await client("DescribeStateMachineForExecution", executionArn=second["executionArn"])
    assert (by_version["revisionId"], by_version["tracingConfiguration"]) == (changed["revisionId"], {"enabled": False})


async def test_an_execution_shows_its_machine_when_that_is_gone(client: Client) -> None:
    text = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    id = (await client.service.define(text, name="m")).definition.id
    instance = await client.service.start("m", {})
    await client.service.delete_definition(id)
    arn = f"arn:aws:states:us-east-1:000000000000:execution:m:{instance.instance_id}"
    shown = await client("DescribeStateMachineForExecution", executionArn=arn)
    assert (json.loads(shown["definition"]), shown["stateMachineArn"], shown["loggingConfiguration"]) == (text, ARN, OFF)


async def test_an_item_of_a_map_run_shows_the_processor(client: Client) -> None:
    inner = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **json.loads(machine("inner"))}
    await client.create(definition=machine(M={"Type": "Map", "Label": "each", "ItemProcessor": inner, "End": True}))
    parent = await client.service.wait((await client.service.start("m", [1])).instance_id)
    (run,) = await client.service.runs.of(parent.instance_id)
    (item,) = await client.service.runs.items(parent.instance_id, run.run)
    arn = f"arn:aws:states:us-east-1:000000000000:execution:m/each:{item.name}"
    shown = await client("DescribeStateMachineForExecution", executionArn=arn)
    assert (shown["stateMachineArn"], shown["name"], shown["label"]) == (f"{ARN}/each", "m", "each")
    assert json.loads(shown["definition"])["States"] == json.loads(machine())["States"]


async def test_express_executions_show_no_machine(client: Client) -> None:
    arn = "arn:aws:states:us-east-1:000000000000:express:m:e:1"
    said = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    assert await client.refusal("DescribeStateMachineForExecution", executionArn=arn) == said


async def test_variables_are_told_by_state(client: Client) -> None:
    text = machine(
        A={"Type": "Pass", "Assign": {"x": 1, "y.$": "$.n"}, "Next": "B"},
        B={"Type": "Pass", "Parameters": {"a.$": "$x", "b.$": "States.Format('{}', $y)"}, "End": True},
    )
    await client.create(definition=text)
    shown = await client("DescribeStateMachine", stateMachineArn=ARN)
    assert shown["variableReferences"] == {"B": ["x", "y"]}
