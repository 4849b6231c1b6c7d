"""`POST /` over operations that do what a test wants: dispatch, answers, refusals, and who is asked for what."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest

from conductor_local import errors
from conductor_local.api.app import create_app
from conductor_local.api.aws import endpoint
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.endpoint import endpoint as route
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.deps import deps_of
from conductor_local.errors import Problem
from conductor_local.runtime.settings import Settings

Json = dict[str, Any]
SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/{}/states/aws4_request, SignedHeaders=host;x-amz-date, Signature=0"


class Operations(dict[str, Callable[[Call], Awaitable[Json]]]):
    """What the endpoint finds. `calls` are those that were made of `answer`."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def answer(self, operation: str, result: Json | Exception) -> None:
        async def answered(call: Call) -> Json:
            self.calls.append(call)
            if isinstance(result, Exception):
                raise result
            return result

        self[operation] = answered


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> Operations:
    made = Operations()
    monkeypatch.setattr(endpoint, "OPERATIONS", made)
    return made


async def send(client: httpx.AsyncClient, operation: str, body: Json | str | None = None, **headers: str) -> httpx.Response:
    content = body if isinstance(body, str) else json.dumps(body or {})
    sent = {"x-amz-target": f"AWSStepFunctions.{operation}", "content-type": "application/x-amz-json-1.0", **headers}
    return await client.post("/", content=content, headers=sent)


async def refusal(client: httpx.AsyncClient, operation: str, body: Json | str | None = None, status: int = 400) -> Json:
    answer = await send(client, operation, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/x-amz-json-1.0"
    assert answer.headers["x-amzn-requestid"]
    found: Json = answer.json()
    return found


async def test_an_answer_is_json_1_0_with_a_request_id_and_times_in_seconds(
    client: httpx.AsyncClient, operations: Operations
) -> None:
    at = datetime(2026, 1, 1, 0, 0, 0, 123_000, tzinfo=UTC)
    operations.answer("ListActivities", {"activities": [{"creationDate": at, "name": "a"}]})
    answer = await send(client, "ListActivities")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-amz-json-1.0"
    assert len(answer.headers["x-amzn-requestid"]) == 36
    assert answer.text == '{"activities":[{"creationDate":1767225600.123,"name":"a"}]}'


async def test_an_operation_gets_checked_parameters_and_its_caller(client: httpx.AsyncClient, operations: Operations) -> None:
    operations.answer("ListActivities", {})
    await send(client, "ListActivities", {"maxResults": 3, "unknown": 1}, authorization=SIGNED.format("1" * 12, "cn-north-1"))
    await send(client, "ListActivities", authorization=SIGNED.format("AKIA/X+", "eu-west-1"))
    await send(client, "ListActivities", "")
    first, second, third = operations.calls
    assert (first.params, first.operation) == ({"maxResults": 3}, "ListActivities")
    assert (first.account, first.region, first.partition) == ("1" * 12, "cn-north-1", "aws-cn")
    assert (second.account, second.region, second.partition) == ("0" * 12, "eu-west-1", "aws")
    assert (third.account, third.region, third.params) == ("0" * 12, Settings().region, {})


async def test_a_token_never_becomes_an_account(connect: Any, operations: Operations) -> None:
    operations.answer("ListActivities", {})
    async with connect(token="9" * 12) as client:
        await send(client, "ListActivities", authorization=SIGNED.format("9" * 12, "us-east-1"))
    assert operations.calls[0].account == "0" * 12


async def test_wrong_values_are_refused_before_the_operation(client: httpx.AsyncClient, operations: Operations) -> None:
    operations.answer("ListActivities", {})
    assert await refusal(client, "ListActivities", {"maxResults": 1001}) == {
        "__type": "ValidationException",
        "message": "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 1000",
    }
    assert (await refusal(client, "ListActivities", {"maxResults": "x"}))["__type"] == "SerializationException"
    assert not operations.calls


@pytest.mark.parametrize("body", ['{"a":', "[]", '"x"', "null", '{"a": "\\ud800"}', "[" * 300])
async def test_bodies_that_are_no_json_objects_are_refused(client: httpx.AsyncClient, operations: Operations, body: str) -> None:
    operations.answer("ListActivities", {})
    found = await refusal(client, "ListActivities", body)
    assert found["__type"] == "SerializationException"
    assert found["message"]
    assert not operations.calls


async def test_a_body_may_hold_the_largest_definition_but_not_more(client: httpx.AsyncClient, operations: Operations) -> None:
    operations.answer("ValidateStateMachineDefinition", {"result": "OK"})
    largest = '{"definition": "%s"}' % ("\\u0020" * 1_048_576)
    assert (await send(client, "ValidateStateMachineDefinition", largest)).status_code == 200
    found = await refusal(client, "ValidateStateMachineDefinition", '{"definition": "%s"}' % ("x" * 9_000_000), status=413)
    assert found["__type"] == "RequestEntityTooLargeException"


@pytest.mark.parametrize("target", ["AWSStepFunctions.Fly", "DynamoDB_20120810.ListTables", "ListActivities", "AWSStepFunctions."])
async def test_unknown_targets_are_refused_by_name(client: httpx.AsyncClient, operations: Operations, target: str) -> None:
    answer = await client.post("/", content="{}", headers={"x-amz-target": target})
    assert answer.status_code == 400
    assert answer.json()["__type"] == "UnknownOperationException"
    assert target in answer.json()["message"]


async def test_an_operation_that_is_not_there_yet_says_so(client: httpx.AsyncClient, operations: Operations) -> None:
    assert await refusal(client, "ListActivities") == {
        "__type": "UnknownOperationException",
        "message": "This version of Conductor does not have ListActivities.",
    }


async def test_a_post_without_a_target_is_told_what_this_is(client: httpx.AsyncClient) -> None:
    answer = await client.post("/", json={})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert "X-Amz-Target" in answer.json()["detail"]


PROBLEM = Problem(pointer="/States", code="SCHEMA_VALIDATION_FAILED", message="Wrong")


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (AwsError("InvalidArn", "Invalid Arn: 'x'"), 400, {"__type": "InvalidArn", "message": "Invalid Arn: 'x'"}),
        (AwsError("ValidationException", "m", reason="R"), 400, {"__type": "ValidationException", "message": "m", "reason": "R"}),
        (AwsError("ThrottlingException"), 400, {"__type": "ThrottlingException"}),
        (errors.NotFound("no x"), 400, {"__type": "ResourceNotFound", "message": "no x"}),
        (errors.Conflict("two x"), 400, {"__type": "ConflictException", "message": "two x"}),
        (errors.InvalidRequest("bad x"), 400, {"__type": "ValidationException", "message": "bad x"}),
        (errors.Unavailable("later"), 503, {"__type": "ServiceUnavailable", "message": "later"}),
        (errors.Fenced("gone"), 503, {"__type": "ServiceUnavailable", "message": "gone"}),
        (
            errors.DefinitionError([PROBLEM]),
            400,
            {
                "__type": "InvalidDefinition",
                "message": "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Wrong at /States'",
            },
        ),
    ],
)
async def test_errors_are_told_in_aws_s_words(
    client: httpx.AsyncClient, operations: Operations, error: Exception, status: int, body: Json
) -> None:
    operations.answer("ListActivities", error)
    assert await refusal(client, "ListActivities", status=status) == body


@pytest.mark.parametrize("error", [errors.Bug("secret"), ZeroDivisionError("secret"), errors.SettingsError("secret")])
async def test_a_fault_of_ours_is_logged_and_not_shown(
    client: httpx.AsyncClient, operations: Operations, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    operations.answer("ListActivities", error)
    with caplog.at_level(logging.ERROR, "conductor.api"):
        found = await refusal(client, "ListActivities", status=500)
    assert found["__type"] == "InternalFailure"
    assert "secret" not in found["message"]
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[1] is error
    assert record.getMessage().split()[1] in found["message"]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


class Waiting:
    """An operation that waits for ever, and notes how that ends."""

    def __init__(self) -> None:
        self.is_begun = self.is_cancelled = False

    async def __call__(self, call: Call) -> Json:
        self.is_begun = True
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.is_cancelled = True
            raise
        raise AssertionError("nothing sets the event")


def request_of(app: Any, leave: asyncio.Event) -> tuple[Any, list[Json]]:
    """A request for an activity's task over plain ASGI; the caller hangs up when `leave` is set."""
    body = iter([{"type": "http.request", "body": b'{"activityArn": "a"}', "more_body": False}])
    headers = [(b"host", b"127.0.0.1"), (b"x-amz-target", b"AWSStepFunctions.GetActivityTask")]
    scope = {
        "type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "root_path": "", "headers": headers,
        "scheme": "http", "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2), "http_version": "1.1", "state": {},
        "asgi": {"version": "3.0"},
    }  # fmt: skip
    sent: list[Json] = []

    async def receive() -> Json:
        if (message := next(body, None)) is not None:
            return message
        await leave.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    return app(scope, receive, send), sent


async def test_a_caller_who_hangs_up_takes_a_waiting_operation_along(operations: Operations) -> None:
    operations["GetActivityTask"] = waiting = Waiting()
    leave = asyncio.Event()
    answering, _ = request_of(create_app(cast("Any", None), Settings()), leave)
    task = asyncio.create_task(answering)
    await until(lambda: waiting.is_begun)
    leave.set()
    async with asyncio.timeout(5):
        await task
    assert waiting.is_cancelled


async def test_a_stopping_server_sends_waiting_callers_away(operations: Operations) -> None:
    operations["GetActivityTask"] = waiting = Waiting()
    app = create_app(cast("Any", None), Settings())
    answering, sent = request_of(app, asyncio.Event())
    task = asyncio.create_task(answering)
    await until(lambda: waiting.is_begun)
    deps_of(app).streams.closing.set()
    async with asyncio.timeout(5):
        await task
    assert waiting.is_cancelled
    assert sent[0]["status"] == 503
    assert json.loads(sent[1]["body"])["__type"] == "ServiceUnavailable"


def test_the_route_is_not_part_of_the_rest_document() -> None:
    assert route.include_in_schema is False
