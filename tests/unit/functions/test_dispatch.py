"""Which runner gets which call, and what is said when there is none."""

import pytest
from msgspec.structs import replace

from conductor_local.functions.dispatch import RESOURCE_NOT_AVAILABLE, Dispatch
from conductor_local.functions.integrations import Integration, Integrations, integration_of
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure, Resource
from conductor_local.runtime.ports import Deferred, Failed, Later, Succeeded, TaskCall

from .calls import call_of


def call_to(kind: str, name: str, arguments: Json = None) -> TaskCall:
    call = call_of(name, arguments)
    return replace(call, invoke=replace(call.invoke, resource=Resource(kind, name)))


class Answering:
    """A runner that gives its own name."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def run(self, call: TaskCall) -> Succeeded:
        return Succeeded(Payload(self.name))

    async def serve(self, integration: Integration, call: TaskCall) -> Succeeded | Failed | Later:
        if call.invoke.arguments.value == "fail":
            return Failed(Failure("Boom"))
        return Succeeded(Payload(self.name))


async def test_the_kind_of_a_resource_chooses_the_runner() -> None:
    dispatch = Dispatch({"function": Answering("one"), "lambda": Answering("two")})
    assert await dispatch.run(call_to("function", "f")) == Succeeded(Payload("one"))
    assert await dispatch.run(call_to("lambda", "f")) == Succeeded(Payload("two"))


async def test_a_kind_that_nobody_runs_fails_with_the_resource_and_what_to_do() -> None:
    outcome = await Dispatch({}).run(call_to("teapot", "arn:of:it"))
    assert isinstance(outcome, Failed)
    assert outcome.failure.error == RESOURCE_NOT_AVAILABLE
    assert "'arn:of:it' of kind 'teapot'" in str(outcome.failure.cause)
    assert "Instead, call a Python function" in str(outcome.failure.cause)


@pytest.mark.parametrize(
    ("arn", "found"),
    [
        ("arn:aws:states:::lambda:invoke", Integration("lambda", "invoke", "")),
        ("arn:aws-cn:states:::sqs:sendMessage.waitForTaskToken", Integration("sqs", "sendMessage", ".waitForTaskToken")),
        ("arn:aws:states:::states:startExecution.sync:2", Integration("states", "startExecution", ".sync:2")),
        ("arn:aws:states:::states:startExecution.sync", Integration("states", "startExecution", ".sync")),
        ("arn:aws:states:us-east-1:1:aws-sdk:s3:listObjectsV2", Integration("aws-sdk:s3", "listObjectsV2", "")),
        ("arn:aws:states:::nothing", None),
        ("arn:aws:lambda:us-east-1:1:function:f", None),
    ],
)
def test_an_integration_is_taken_apart(arn: str, found: Integration | None) -> None:
    assert integration_of(arn) == found


def test_an_sdk_integration_knows_its_service() -> None:
    sdk = Integration("aws-sdk:s3", "getObject", "")
    assert (sdk.is_sdk, sdk.sdk_service) == (True, "s3")
    assert not Integration("sqs", "sendMessage", "").is_sdk


async def test_a_service_of_our_own_goes_before_an_endpoint() -> None:
    integrations = Integrations({"lambda:invoke": Answering("here").serve}, Answering("elsewhere").serve)
    assert await integrations.run(call_to("integration", "arn:aws:states:::lambda:invoke")) == Succeeded(Payload("here"))
    assert await integrations.run(call_to("integration", "arn:aws:states:::sqs:sendMessage")) == Succeeded(Payload("elsewhere"))


async def test_a_call_that_waits_for_its_token_is_deferred_once_it_was_accepted() -> None:
    integrations = Integrations({}, Answering("accepted").serve)
    arn = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    assert await integrations.run(call_to("integration", arn)) == Deferred(Payload("accepted"))
    assert await integrations.run(call_to("integration", arn, "fail")) == Failed(Failure("Boom"))


async def test_what_is_no_integration_is_named() -> None:
    outcome = await Integrations({}, Answering("x").serve).run(call_to("integration", "arn:nonsense"))
    assert isinstance(outcome, Failed)
    assert "'arn:nonsense'" in str(outcome.failure.cause)
