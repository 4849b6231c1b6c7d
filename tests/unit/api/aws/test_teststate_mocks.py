"""TestState with mocks: what a mock may say, and what is supposed to have happened before."""

import json
from typing import Any

import pytest

from .trying import answer, error, refused, result, task

PUT = "arn:aws:states:::events:putEvents"
START = "arn:aws:states:::states:startExecution"
STARTED = {"ExecutionArn": "a", "StartDate": "b"}
DESCRIBED = {**STARTED, "StateMachineArn": "m", "Status": "SUCCEEDED"}
GET = "arn:aws:states:::aws-sdk:lambda:getFunction"


def wrong(text: str) -> str:
    return f"ValidationException: Mock result schema validation error: {text}"


async def test_a_mocked_result_goes_through_the_state() -> None:
    got = await answer(task(ResultSelector={"s.$": "$.StatusCode"}), roleArn=None, mock=result({"StatusCode": 200}))
    assert got == {"status": "SUCCEEDED", "output": '{"s":200}'}


async def test_a_mocked_error_needs_no_cause() -> None:
    assert await answer(task(), mock=error("E")) == {"status": "FAILED", "error": "E"}


@pytest.mark.parametrize("mock", [{}, {"fieldValidationMode": "NONE"}, {**result(1), **error("E")}])
async def test_a_mock_says_one_thing(mock: dict[str, Any]) -> None:
    only = "ValidationException: A test mock should have only one of the following fields: [result, errorOutput]."
    assert await refused(task(), mock=mock) == only


@pytest.mark.parametrize(
    ("resource", "mocked", "text"),
    [
        (PUT, {"Entries": "x"}, "Field 'Entries' must be an array"),
        (PUT, {"Entries": [{}, {"EventId": 1}]}, "Field 'EventId' must be a string"),
        (PUT, {"Entries": ["x"]}, "Field 'Entries' must be an object"),
        (PUT, {"FailedEntryCount": True}, "Field 'FailedEntryCount' must be a number"),
        (PUT, {"FailedEntryCount": None}, "Field 'FailedEntryCount' must be a number"),
        (START, {"StartDate": "b"}, "Required field 'ExecutionArn' is missing"),
        (START, {"executionArn": "a", "startDate": "b"}, "Required field 'ExecutionArn' is missing"),
        (START, {**STARTED, "StartDate": 5}, "Field 'StartDate' must be a string"),
        (START, {**STARTED, "ExecutionArn": ""}, "Field 'ExecutionArn' is smaller than the minimum length"),
        (START, {**STARTED, "ExecutionArn": "a" * 257}, "Field 'ExecutionArn' exceeds the maximum length"),
        (GET, {"Configuration": {"MemorySize": 127}}, "Field 'MemorySize' is less than the minimum value"),
        (GET, {"Configuration": {"MemorySize": 10**9}}, "Field 'MemorySize' exceeds the maximum value"),
        (GET, {"Configuration": {"PackageType": "Tar"}}, "Field 'PackageType' is not an expected value"),
        (GET, {"Tags": {"k": 1}}, "Field 'k' must be a string"),
        (
            GET,
            {"Configuration": {"VpcConfig": {"Ipv6AllowedForDualStack": 1}}},
            "Field 'Ipv6AllowedForDualStack' must be a boolean",
        ),
        ("arn:aws:states:::aws-sdk:sfn:describeExecution", {**DESCRIBED, "Status": "X"}, "Field 'Status' is not an expected value"),
        ("arn:aws:states:::aws-sdk:lambda:invoke", {"Payload": {}}, "Field 'Payload' must be a string"),
        ("arn:aws:states:::elasticmapreduce:addStep", {"StepIds": 1}, "Field 'StepIds' must be an array"),
    ],
)
async def test_a_result_that_the_api_cannot_give_is_refused(resource: str, mocked: Any, text: str) -> None:
    assert await refused(task(resource), mock=result(mocked)) == wrong(text)


@pytest.mark.parametrize(
    ("resource", "mocked"),
    [
        (PUT, {"Entries": [{"EventId": "x"}], "Unknown": 1}),
        (START, STARTED),
        ("arn:aws:states:::lambda:invoke", {"Payload": {"any": "thing"}, "StatusCode": 200}),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", {"any": "thing"}),
        ("arn:aws:states:eu-west-1:123456789012:activity:a", [1]),
        ("arn:aws:lambda:eu-west-1:123456789012:function:f", "text"),
        ("arn:aws:states:::apigateway:invoke", {"any": "thing"}),
        ("arn:aws:states:::aws-sdk:nosuchservice:doIt", {"any": "thing"}),
        ("arn:aws:states:::aws-sdk:ecrpublic:describeRegistries", {"Registries": []}),
        (START + ".sync:2", {**DESCRIBED, "Output": {"parsed": True}}),
        (START + ".sync", {**DESCRIBED, "Output": "text"}),
        ("arn:aws:states:::bedrock:invokeModel", {"Body": {"parsed": True}, "ContentType": "application/json"}),
    ],
)
async def test_a_result_that_the_api_can_give_passes(resource: str, mocked: Any) -> None:
    assert (await answer(task(resource), mock=result(mocked)))["status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("resource", "mocked", "text"),
    [
        (START + ".sync", STARTED, "Required field 'StateMachineArn' is missing"),
        (START + ".sync", {**DESCRIBED, "Output": {"parsed": True}}, "Field 'Output' must be a string"),
        (
            "arn:aws:states:::glue:startJobRun.sync",
            {"JobRun": {"JobRunState": "GOOD"}},
            "Field 'JobRunState' is not an expected value",
        ),
        ("arn:aws:states:::batch:submitJob.sync", {"Jobs": [{}]}, "Required field 'JobName' is missing"),
        ("arn:aws:states:::ecs:runTask.sync", {"Tasks": {}}, "Field 'Tasks' must be an array"),
    ],
)
async def test_a_job_is_mocked_by_what_tells_of_its_end(resource: str, mocked: Any, text: str) -> None:
    assert await refused(task(resource), mock=result(mocked)) == wrong(text)


async def test_the_modes_want_less_and_less() -> None:
    incomplete, mistyped = {"StartDate": "b"}, {"ExecutionArn": 1}
    assert (await answer(task(START), mock=result(incomplete, "PRESENT")))["status"] == "SUCCEEDED"
    assert await refused(task(START), mock=result(mistyped, "PRESENT")) == wrong("Field 'ExecutionArn' must be a string")
    assert (await answer(task(START), mock=result(mistyped, "NONE")))["status"] == "SUCCEEDED"
    assert await refused(task(START), mock={"result": "{", "fieldValidationMode": "NONE"}) == (
        "ValidationException: Mocked result must be valid JSON"
    )


async def test_a_context_takes_the_place_of_what_would_be_there() -> None:
    state = task(Parameters={"FunctionName": "f", "Payload": {"id.$": "$$.Execution.Id", "name.$": "$$.State.Name"}})
    got = await answer(state, mock=result({}), context={"Execution": {"Id": "me"}}, inspectionLevel="DEBUG")
    assert json.loads(got["inspectionData"]["afterParameters"])["Payload"] == {"id": "me", "name": "StateName"}


async def test_the_context_is_that_of_an_express_execution() -> None:
    state = task(QueryLanguage="JSONata", Output="{% $states.context %}")
    context = json.loads((await answer(state, mock=result({})))["output"])
    machine, execution = context["StateMachine"]["Name"], context["Execution"]["Name"]
    assert context["Execution"]["Id"] == f"arn:aws:states:eu-west-1:123456789012:express:{machine}:{execution}"
    assert "RedriveCount" not in context["Execution"]
    assert context["State"]["RetryCount"] == 0


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"Map": {}}, "'Map' field is not supported when mocking a Context object"),
        ({"Other": {}}, "Field 'Other' is not allowed"),
        ({"StateMachine": {"Other": 1}}, "Field 'Other' is not allowed"),
        ({"State": {"Name": 1}}, "State.Name must be a string"),
        ({"State": {"RetryCount": "1"}}, "State.RetryCount must be a number"),
        ({"Execution": 1}, "Execution must be an object"),
        ([], "Context object must be a JSON object"),
        (
            {"Task": {"Token": "t"}},
            "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' "
            "service integration pattern",
        ),
    ],
)
async def test_a_wrong_context_is_refused(context: Any, reason: str) -> None:
    told = await refused(task(), mock=result({}), context=context)
    assert told == f"ValidationException: Invalid Context object provided: {reason}"


async def test_a_token_can_be_given() -> None:
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    state = task(resource, Parameters={"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"})
    for context, token in (({"Task": {"Token": "mine"}}, "mine"), ({}, None)):
        got = await answer(state, mock=result({}), context=context, inspectionLevel="DEBUG")
        shown = json.loads(got["inspectionData"]["afterParameters"])["MessageBody"]
        assert shown == token if token else len(shown) > 20


async def test_retries_that_were_made_count_for_the_retrier_of_the_error() -> None:
    retry = [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"], "IntervalSeconds": 3, "MaxAttempts": 2, "BackoffRate": 2}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]

    async def after(count: int, **fields: Any) -> tuple[str, Any]:
        got = await answer(
            task(Retry=retry, **fields), mock=error("B"), stateConfiguration={"retrierRetryCount": count}, inspectionLevel="DEBUG"
        )
        return got["status"], got["inspectionData"]["errorDetails"]

    assert await after(0) == ("RETRIABLE", {"retryIndex": 1, "retryBackoffIntervalSeconds": 3})
    assert await after(1) == ("RETRIABLE", {"retryIndex": 1, "retryBackoffIntervalSeconds": 6})
    assert await after(2) == ("FAILED", {"retryIndex": 1})
    assert await after(2, Catch=catch) == ("CAUGHT_ERROR", {"retryIndex": 1, "catchIndex": 0})


async def test_a_mock_needs_a_state_that_does_something_and_hides_no_secrets() -> None:
    for state in ({"Type": "Pass", "End": True}, {"Type": "Wait", "Seconds": 1, "End": True}):
        told = f"ValidationException: State type '{state['Type']}' is not supported when a mock is specified"
        assert await refused(state, mock=error("E")) == told
    assert await refused(task(), mock=result({}), revealSecrets=True) == (
        "ValidationException: TestState does not support RevealSecrets when a mock is specified."
    )


async def test_a_result_of_the_wrong_kind_and_a_context_that_is_no_json_are_refused() -> None:
    assert await refused(task(), mock=result([1])) == "ValidationException: Mocked result must be a JSON object."
    told = await refused(task(), mock=result({}), context="nope")
    assert told.startswith("ValidationException: Invalid Context object provided: Unrecognized token 'nope'")
    deep = "[" * 300 + "]" * 300
    assert (await refused({"Type": "Succeed"}, input=deep)).startswith("InvalidExecutionInput")
