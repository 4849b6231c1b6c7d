"""State machines that start state machines, on a whole runtime."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from conductor_local.engine import events as ev
from conductor_local.functions.registry import describe
from conductor_local.runtime.ports import Query
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime
from conductor_local.testing.harness import Harness

PATIENCE_S = 20.0
START = "arn:aws:states:::states:startExecution"
CHILD = "arn:aws:states:us-east-1:000000000000:stateMachine:child"
ECHO = {"Type": "Pass", "End": True}
WAIT = {"Type": "Wait", "Seconds": 3600, "End": True}
FAIL = {"Type": "Fail", "Error": "SomeFailure", "Cause": "Somehow."}


def parent(pattern: str = "", *, prefix: str = START, catch: bool = False, **parameters: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": prefix + pattern, "Parameters": {"StateMachineArn": CHILD, **parameters}, "End": True}
    catcher = {"Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]} if catch else {}
    caught = {"Caught": {"Type": "Pass", "End": True}} if catch else {}
    return {"name": "parent", "StartAt": "Start", "States": {"Start": task | catcher} | caught}


def child(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "child", "StartAt": "Only", "States": {"Only": state}, **fields}


async def run(definition: dict[str, Any], of: dict[str, Any], **functions: Any) -> Any:
    async with Harness(functions=functions) as harness:
        await harness.service.publish(of)
        return await harness.run(definition)


async def only_child(service: Service) -> str:
    """Wait until there is exactly one execution of the child; return its id."""
    definition = await service.definition("child")
    query = Query(definition_id=definition.definition.id)
    async with asyncio.timeout(PATIENCE_S):
        while not (found := (await service.instances(query)).items):
            await asyncio.sleep(0.01)
    assert len(found) == 1
    return found[0].instance_id


async def test_a_start_is_answered_at_once() -> None:
    ended = await run(parent(Input={"n": 1}, Name="first"), child(WAIT))
    answer = ended.current_payload
    assert ended.status == "COMPLETED"
    assert list(answer) == ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]
    assert answer["ExecutionArn"] == "arn:aws:states:us-east-1:000000000000:execution:child:first"


async def test_sync_waits_and_describes_the_child_with_texts() -> None:
    answer = (await run(parent(".sync", Input={"n": 1}, Name="first"), child(ECHO))).current_payload
    instants = (answer.pop("StartDate"), answer.pop("StopDate"))
    assert instants[0] <= instants[1]
    assert answer == {
        "ExecutionArn": "arn:aws:states:us-east-1:000000000000:execution:child:first",
        "Input": '{"n":1}',
        "InputDetails": {"Included": True},
        "Name": "first",
        "Output": '{"n":1}',
        "OutputDetails": {"Included": True},
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        "StateMachineArn": CHILD,
        "Status": "SUCCEEDED",
    }


async def test_sync_2_describes_the_child_with_values() -> None:
    answer = (await run(parent(".sync:2"), child(ECHO))).current_payload
    assert (answer["Input"], answer["Output"]) == ({}, {})


async def test_the_history_of_a_sync_task_says_that_it_was_submitted() -> None:
    async with Harness() as harness:
        await harness.service.publish(child(ECHO))
        ended = await harness.run(parent(".sync"))
        events = await harness.service.events(ended.instance_id)
    kinds = [type(event).__name__ for event in events if type(event).__name__.startswith("Task")]
    assert kinds == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    submitted = next(event for event in events if isinstance(event, ev.TaskSubmitted))
    assert submitted.output is not None
    assert "ExecutionArn" in submitted.output.value


async def test_a_failed_child_fails_the_task_with_its_description() -> None:
    caught = (await run(parent(".sync", catch=True), child(FAIL))).current_payload
    cause = json.loads(caught["Cause"])
    assert caught["Error"] == "States.TaskFailed"
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "SomeFailure", "Somehow.")
    assert "Output" not in cause


async def test_waits_of_a_child_are_skipped_in_virtual_time() -> None:
    ended = await run(parent(".sync"), child(WAIT))
    assert ended.current_payload["StopDate"] - ended.current_payload["StartDate"] >= 3_600_000


async def test_a_child_that_runs_out_of_time_fails_the_task() -> None:
    caught = (await run(parent(".sync", catch=True), child(WAIT, TimeoutSeconds=5))).current_payload
    cause = json.loads(caught["Cause"])
    assert (cause["Status"], "Error" in cause) == ("TIMED_OUT", False)


async def test_a_machine_that_is_not_there_is_told_of_as_aws_does() -> None:
    ended = await run(parent(StateMachineArn=CHILD + "less"), child(ECHO))
    assert ended.error_details["error"] == "StepFunctions.StateMachineDoesNotExistException"
    assert f"State Machine Does Not Exist: '{CHILD}less' (Service: AWSStepFunctions; Status Code: 400; " in ended.error
    ended = await run(parent(prefix="arn:aws:states:::aws-sdk:sfn:startExecution", StateMachineArn="nobody"), child(ECHO))
    assert ended.error_details["error"] == "Sfn.StateMachineDoesNotExistException"


async def test_a_name_that_was_used_before_is_refused() -> None:
    async with Harness() as harness:
        await harness.service.publish(child(ECHO))
        assert (await harness.run(parent(".sync", Name="once"))).status == "COMPLETED"
        await asyncio.sleep(0.002)
        again = await harness.run(parent(".sync", Name="once", Input={"other": True}))
        assert again.error_details["error"] == "StepFunctions.ExecutionAlreadyExistsException"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"StateMachineArn": ""}, "StepFunctions.InvalidArnException"),
        ({"Name": "x" * 81}, "StepFunctions.InvalidNameException"),
        ({"Input": "{not json"}, "StepFunctions.InvalidExecutionInputException"),
    ],
)
async def test_what_starts_nothing_is_refused_as_aws_does(wrong: dict[str, Any], error: str) -> None:
    ended = await run(parent(**wrong), child(ECHO))
    assert ended.error_details["error"] == error


async def test_the_sdk_gives_the_answer_of_the_api_alone() -> None:
    sdk = "arn:aws:states:::aws-sdk:sfn:startExecution"
    answer = (await run(parent(prefix=sdk, Input='{"n":1}'), child(ECHO))).current_payload
    assert list(answer) == ["ExecutionArn", "StartDate"]
    assert answer["StartDate"].endswith("Z")


async def test_a_child_may_hand_the_token_on() -> None:
    async with Harness() as harness:
        answering = {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
            "Parameters": {"TaskToken.$": "$.token", "Output": "42"},
            "End": True,
        }
        await harness.service.publish(child(answering))
        ended = await harness.run(parent(".waitForTaskToken", Input={"token.$": "$$.Task.Token"}))
        assert (ended.status, ended.current_payload) == ("COMPLETED", 42)


async def test_a_child_is_stopped_with_the_task_that_waits_for_it() -> None:
    async with open_runtime(Settings(data=Path(":memory:"), sample=False)) as runtime:
        service = runtime.service
        await service.publish(child(WAIT))
        await service.publish(parent(".sync"))
        started = await service.start("parent", {})
        id = await only_child(service)
        await service.cancel(started.instance_id)
        async with asyncio.timeout(PATIENCE_S):
            assert (await service.wait(id)).status == "CANCELLED"


async def test_parents_do_not_take_the_places_that_their_children_need() -> None:
    call = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work", "End": True}
    settings = Settings(data=Path(":memory:"), sample=False, invocations_max=1)
    async with open_runtime(settings, functions=[describe(lambda event: "worked", name="work")]) as runtime:
        service = runtime.service
        await service.publish(child(call))
        await service.publish(parent(".sync:2"))
        parents = [await service.start("parent", {}) for _ in range(3)]
        async with asyncio.timeout(PATIENCE_S):
            assert {(await service.wait(one.instance_id)).status for one in parents} == {"COMPLETED"}


async def test_a_parent_meets_its_own_child_again_after_a_restart(tmp_path: Path) -> None:
    go_on = asyncio.Event()

    async def work(event: Any) -> str:
        await go_on.wait()
        return "worked"

    call = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:work", "End": True}
    settings = Settings(data=tmp_path / "conductor.db", sample=False)
    functions = [describe(work, name="work")]
    async with open_runtime(settings, functions=functions) as runtime:
        await runtime.service.publish(child(call))
        await runtime.service.publish(parent(".sync:2"))
        started = await runtime.service.start("parent", {})
        id = await only_child(runtime.service)
    async with open_runtime(settings, functions=functions) as runtime:
        assert (await runtime.service.instance(id)).status in {"PENDING", "RUNNING"}
        go_on.set()
        async with asyncio.timeout(PATIENCE_S):
            ended = await runtime.service.wait(started.instance_id)
        assert json.loads(bytes(ended.current_payload))["Output"] == "worked"
        assert await only_child(runtime.service) == id


async def test_a_version_and_an_alias_of_a_child_run_what_they_name() -> None:
    async with Harness() as harness:
        machines = harness.service.machines
        await harness.service.publish(child({**ECHO, "Result": "first"}))
        first = await machines.publish("child")
        await harness.service.publish(child({**ECHO, "Result": "second"}))
        second = await machines.publish("child")
        for number, output in ((first.number, "first"), (second.number, "second")):
            answer = (await harness.run(parent(".sync:2", StateMachineArn=f"{CHILD}:{number}"))).current_payload
            assert (answer["Output"], answer["StateMachineArn"]) == (output, CHILD)
        missing = await harness.run(parent(StateMachineArn=f"{CHILD}:3"))
        assert missing.error_details["error"] == "StepFunctions.StateMachineDoesNotExistException"
