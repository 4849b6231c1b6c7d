"""State machines that call the API of Step Functions: this process answers, and no endpoint is needed."""

import json
from pathlib import Path
from typing import Any

import pytest

from conductor_local.api.aws.own import own_api
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import MakeApi, open_runtime

ARN = "arn:aws:states:us-east-1:000000000000"
CHILD = {"name": "child", "StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "SecondsPath": "$.s", "End": True}}}


async def call(*calls: tuple[str, dict[str, Any]], api: MakeApi | None = own_api) -> Any:
    """Start the child with `{"s": …}` as `one`, then make the calls one after the other."""
    names = [f"Call{place}" for place in range(len(calls))]
    ways = [*({"Next": name} for name in names[1:]), {"End": True}]
    states = {
        name: {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:sfn:{action}", "Parameters": parameters, **way}
        for name, (action, parameters), way in zip(names, calls, ways, strict=True)
    }
    async with open_runtime(Settings(data=Path(":memory:"), sample=False), own_api=api) as runtime:
        await runtime.service.publish(CHILD)
        await runtime.service.publish({"name": "calling", "StartAt": "Call0", "States": states})
        started = await runtime.service.start("calling", {})
        return await runtime.service.wait(started.instance_id)


def start(seconds: int) -> tuple[str, dict[str, Any]]:
    return "startExecution", {"StateMachineArn": f"{ARN}:stateMachine:child", "Name": "one", "Input": {"s": seconds}}


ONE = {"ExecutionArn": f"{ARN}:execution:child:one"}


async def test_an_execution_is_described() -> None:
    ended = await call(start(3600), ("describeExecution", ONE))
    assert ended.status == "COMPLETED", ended.error_details
    told = json.loads(bytes(ended.current_payload))
    assert (told["ExecutionArn"], told["Name"], told["Status"], told["Input"]) == (
        ONE["ExecutionArn"],
        "one",
        "RUNNING",
        '{"s":3600}',
    )
    assert told["StartDate"].endswith("Z")
    assert told["InputDetails"] == {"Included": True}


async def test_an_execution_is_stopped() -> None:
    ended = await call(start(3600), ("stopExecution", {**ONE, "Error": "Enough", "Cause": "of it"}), ("describeExecution", ONE))
    told = json.loads(bytes(ended.current_payload))
    assert (told["Status"], told["Error"], told["Cause"]) == ("ABORTED", "Enough", "of it")


async def test_any_operation_is_answered() -> None:
    ended = await call(("listStateMachines", {"MaxResults": 5}))
    told = json.loads(bytes(ended.current_payload))
    assert {machine["Name"] for machine in told["StateMachines"]} == {"child", "calling"}


@pytest.mark.parametrize(
    ("action", "parameters", "error", "cause"),
    [
        ("describeExecution", ONE, "Sfn.ExecutionDoesNotExistException", f"Execution Does Not Exist: '{ONE['ExecutionArn']}'"),
        ("describeExecution", {"ExecutionArn": "x"}, "Sfn.InvalidArnException", "Invalid Arn: "),
        ("describeExecution", {}, "Sfn.SfnException", "1 validation error detected: "),
        ("describeExecutions", {}, "ResourceNotAvailable", "Conductor cannot call "),
    ],
)
async def test_a_refusal_is_an_error_of_the_task_in_awss_words(action: str, parameters: Any, error: str, cause: str) -> None:
    ended = await call((action, parameters))
    assert ended.error_details["error"] == error, ended.error
    assert cause in ended.error
    assert error == "ResourceNotAvailable" or "(Service: Sfn, Status Code: 400, Request ID: " in ended.error


async def test_a_process_without_the_api_says_so() -> None:
    ended = await call(("listStateMachines", {}), api=None)
    assert ended.error_details["error"] == "ResourceNotAvailable"
    assert "run it on a server" in ended.error
