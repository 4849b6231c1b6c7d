"""State machines that call Lambda functions, on a whole runtime."""

import asyncio
import json
from typing import Any

from conductor_local.testing.harness import Harness

ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
INVOKE = "arn:aws:states:::lambda:invoke"


def machine(resource: str, **fields: Any) -> dict[str, Any]:
    """Make a machine of one task; what is caught goes to the state Caught."""
    states = {"Call": {"Type": "Task", "Resource": resource, "End": True, **fields}}
    caught = {"Caught": {"Type": "Pass", "End": True}} if "Catch" in fields else {}
    return {"name": "machine", "StartAt": "Call", "States": states | caught}


async def run(definition: dict[str, Any], payload: Any = None, **functions: Any) -> Any:
    async with Harness(functions=functions) as harness:
        return await harness.run(definition, payload)


async def test_a_lambda_arn_gives_the_function_its_input_and_takes_its_result() -> None:
    ended = await run(machine(ARN + "double"), {"n": 4}, double=lambda event: event["n"] * 2)
    assert (ended.status, ended.current_payload) == ("COMPLETED", 8)


async def test_an_alias_or_a_version_means_the_same_function() -> None:
    ended = await run(machine(ARN + "double:live"), {"n": 4}, double=lambda event: event["n"] * 2)
    assert ended.current_payload == 8


async def test_invoke_wraps_the_result() -> None:
    parameters = {"FunctionName": ARN + "double:$LATEST", "Payload.$": "$"}
    ended = await run(machine(INVOKE, Parameters=parameters), {"n": 4}, double=lambda event: event["n"] * 2)
    answer = ended.current_payload
    assert list(answer) == ["ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"]
    assert (answer["ExecutedVersion"], answer["Payload"], answer["StatusCode"]) == ("$LATEST", 8, 200)
    assert answer["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert answer["SdkHttpMetadata"]["AllHttpHeaders"]["Content-Length"] == ["1"]


async def test_invoke_parses_a_text_and_gives_an_empty_object_for_nothing() -> None:
    for payload, event in (("[1, 2]", [1, 2]), (None, {})):
        parameters = {"FunctionName": "000000000000:function:echo", "Payload": payload}
        ended = await run(machine(INVOKE, Parameters=parameters), echo=lambda event: [event])
        assert ended.current_payload["Payload"] == [event]


async def test_an_event_is_answered_at_once() -> None:
    go_on, got = asyncio.Event(), asyncio.Queue[Any]()

    async def note(event: Any) -> None:
        await go_on.wait()
        got.put_nowait(event)

    parameters = {"FunctionName": "note", "InvocationType": "Event", "Payload": {"a": 1}}
    async with Harness(functions={"note": note}) as harness:
        ended = await harness.run(machine(INVOKE, Parameters=parameters))
        assert ended.current_payload["StatusCode"] == 202
        go_on.set()
        assert await asyncio.wait_for(got.get(), 20) == {"a": 1}


async def test_an_exception_fails_the_task_with_the_text_of_the_lambda_runtime() -> None:
    def boom(event: Any) -> None:
        raise LookupError("no such order")

    for resource, fields in ((ARN + "boom", {}), (INVOKE, {"Parameters": {"FunctionName": "boom"}})):
        ended = await run(machine(resource, **fields), boom=boom)
        assert ended.error_details["error"] == "LookupError"
        catching = machine(resource, **fields, Catch=[{"ErrorEquals": ["LookupError"], "Next": "Caught"}])
        caught = (await run(catching, boom=boom)).current_payload
        cause = json.loads(caught["Cause"])
        assert list(cause) == ["errorMessage", "errorType", "requestId", "stackTrace"]
        assert (cause["errorMessage"], cause["errorType"]) == ("no such order", "LookupError")
        assert cause["stackTrace"][-1].endswith('.boom\n    raise LookupError("no such order")\n')


async def test_a_failing_function_is_retried() -> None:
    retry = [{"ErrorEquals": ["TimeoutError"], "MaxAttempts": 2}]
    ended = await run(machine(ARN + "pay", Retry=retry), pay=[TimeoutError("slow"), TimeoutError("slow"), "paid"])
    assert (ended.status, ended.current_payload) == ("COMPLETED", "paid")


async def test_a_missing_function_is_told_of_as_lambda_does_with_a_hint() -> None:
    for resource, fields in ((ARN + "pai", {}), (INVOKE, {"Parameters": {"FunctionName": "pai"}})):
        ended = await run(machine(resource, **fields), pay="paid")
        assert ended.error_details["error"] == "Lambda.ResourceNotFoundException"
        assert "Function not found: arn:aws:lambda:us-east-1:000000000000:function:pai:$LATEST (Service: AWSLambda;" in ended.error
        assert "Did you mean 'pay'?" in ended.error


async def test_a_handler_gets_what_lambda_contexts_have() -> None:
    def handler(event: Any, context: Any) -> Any:
        left = context.get_remaining_time_in_millis()
        return [context.function_name, context.invoked_function_arn, len(context.aws_request_id), 0 < left <= 900_000, context.step]

    ended = await run(machine(ARN + "handler"), handler=handler)
    assert ended.current_payload == ["handler", ARN + "handler", 36, True, "Call"]


async def test_an_integration_nobody_runs_fails_with_what_to_do() -> None:
    ended = await run(machine("arn:aws:states:::eks:call", Parameters={}))
    assert ended.error_details["error"] == "ResourceNotAvailable"
    assert "aws-sdk:eks" in ended.error
