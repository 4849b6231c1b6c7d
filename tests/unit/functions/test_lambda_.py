"""What Lambda calls give and how they fail, on a runner of functions that the test answers for."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from conductor_local.functions.context import Context
from conductor_local.functions.integrations import Integration
from conductor_local.functions.lambda_ import Lambdas
from conductor_local.functions.lambda_context import LambdaContext, with_lambda_context
from conductor_local.functions.registry import Registry, describe
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure, Resource
from conductor_local.runtime.ports import Failed, Succeeded, TaskCall

from .calls import call_of

INVOKE = Integration("lambda", "invoke", "")
SDK_INVOKE = Integration("aws-sdk:lambda", "invoke", "")


class Functions:
    """Answers each call by `answer`, which gets name and payload."""

    def __init__(self, answer: Callable[[str, Json], Json | Failure]) -> None:
        self._answer = answer

    async def run(self, call: TaskCall) -> Succeeded | Failed:
        given = self._answer(call.invoke.resource.name, call.invoke.arguments.value)
        return Failed(given) if isinstance(given, Failure) else Succeeded(Payload(given))


def lambdas(given: Json | Failure = None) -> Lambdas:
    return Lambdas(Functions(lambda name, payload: given))


async def failing(failure: Failure) -> Failure:
    call = call_of("arn:aws:lambda:us-east-1:1:function:f")
    outcome = await lambdas(failure).run(call)
    assert isinstance(outcome, Failed)
    return outcome.failure


async def invoke(runner: Lambdas, arguments: Json, integration: Integration = INVOKE) -> Succeeded | Failed:
    return await runner.invoke(integration, call_of("", arguments))


@pytest.mark.parametrize(
    "arn",
    [
        "f",
        "f:live",
        "1:function:f",
        "function:f:3",
        "arn:aws:lambda:us-east-1:1:function:f",
        "arn:aws:lambda:us-east-1:1:function:f:$LATEST",
    ],
)
async def test_every_way_to_write_a_name_means_the_function(arn: str) -> None:
    named = Lambdas(Functions(lambda name, payload: [name, payload]))
    call = call_of(arn, 1)
    call = replace(call, invoke=replace(call.invoke, resource=Resource("lambda", arn)))
    assert await named.run(call) == Succeeded(Payload(["f", 1]))


async def test_a_limit_that_passed_is_told_of_as_lambda_does() -> None:
    failure = await failing(Failure("States.Timeout", "'f' did not answer within its limit of 3 s."))
    assert failure.error == "Sandbox.Timedout"
    assert "did not answer" in json.loads(str(failure.cause))["errorMessage"]


async def test_an_exception_without_a_text_has_an_empty_message() -> None:
    failure = await failing(Failure("CustomException", "CustomException", {"type": "x", "traceback": ["a.py:3 in f: raise X()"]}))
    cause = json.loads(str(failure.cause))
    assert cause["errorMessage"] == ""
    assert cause["stackTrace"] == ['  File "a.py", line 3, in f\n    raise X()\n']


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (None, "Lambda.InvalidParameterValueException"),
        ({"FunctionName": ""}, "Lambda.InvalidParameterValueException"),
        ({"FunctionName": "f", "Payload": "{not json"}, "Lambda.InvalidRequestContentException"),
    ],
)
async def test_what_makes_no_call_is_refused(arguments: Json, error: str) -> None:
    outcome = await invoke(lambdas(), arguments)
    assert isinstance(outcome, Failed)
    assert outcome.failure.error == error


async def test_the_sdk_gives_the_payload_as_text_and_no_members_of_its_own() -> None:
    outcome = await invoke(lambdas({"a": 1}), {"FunctionName": "f"}, SDK_INVOKE)
    assert isinstance(outcome, Succeeded)
    assert outcome.result.value == {"ExecutedVersion": "$LATEST", "Payload": '{"a":1}', "StatusCode": 200}


async def test_a_dry_run_calls_nobody_and_a_tail_is_there() -> None:
    def nobody(name: str, payload: Json) -> Json:
        raise AssertionError(name)

    outcome = await invoke(Lambdas(Functions(nobody)), {"FunctionName": "f", "InvocationType": "DryRun"})
    assert isinstance(outcome, Succeeded)
    assert outcome.result.value["StatusCode"] == 204
    outcome = await invoke(lambdas(), {"FunctionName": "f", "LogType": "Tail"})
    assert isinstance(outcome, Succeeded)
    assert "LogResult" in outcome.result.value


async def test_the_same_call_has_the_same_request_id_again() -> None:
    first, second = [await invoke(lambdas(), {"FunctionName": "f"}) for _ in range(2)]
    assert first == second


async def test_closing_gives_up_the_calls_that_nobody_waits_for() -> None:
    begun = asyncio.Event()

    class Hanging:
        async def run(self, call: TaskCall) -> Succeeded:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

    hanging = Lambdas(Hanging())
    await invoke(hanging, {"FunctionName": "f", "InvocationType": "Event"})
    await begun.wait()
    await hanging.close()


def test_only_functions_that_want_a_context_get_the_wider_one() -> None:
    def plain(event: Any) -> None: ...

    def handler(event: Any, context: Context) -> Any:
        return context

    registry = Registry([describe(plain, name="plain"), describe(handler, name="handler", timeout_s=2)])
    widened = with_lambda_context(registry)
    assert widened.find("plain") is registry.find("plain")
    found = widened.find("handler")
    assert found is not None
    context = found.signature.call(None, Context(function="handler"))
    assert isinstance(context, LambdaContext)
    assert isinstance(context, Context)
    assert 1_000 < context.get_remaining_time_in_millis() <= 2_000
    assert (context.log_group_name, context.memory_limit_in_mb) == ("/aws/lambda/handler", "128")
    assert context.log_stream_name == "[$LATEST]test-instance"
    assert context.function_version == "$LATEST"
