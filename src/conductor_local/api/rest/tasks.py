"""`/workflows/tasks`: what waits for an answer from outside, and the answers. A token is what the task was given."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from conductor_local.api.bodies import decode, read_body
from conductor_local.api.deps import HttpRequest, json_answer, service_of
from conductor_local.api.rest import queries
from conductor_local.api.rest.answers import answers
from conductor_local.runtime.inbox import TaskPage

_TAGS = ["Tasks"]
_Token = Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]


class SuccessBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a task gave: any JSON, kept as it is written."""

    token: _Token
    output: msgspec.Raw


class FailureBody(msgspec.Struct, forbid_unknown_fields=True):
    """How a task failed."""

    token: _Token
    error: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    cause: Annotated[str, msgspec.Meta(max_length=32_768)] | None = None


class HeartbeatBody(msgspec.Struct, forbid_unknown_fields=True):
    """Which task is being worked on."""

    token: _Token


_success_decoder = msgspec.json.Decoder(SuccessBody)
_failure_decoder = msgspec.json.Decoder(FailureBody)
_heartbeat_decoder = msgspec.json.Decoder(HeartbeatBody)


@get(
    "/workflows/tasks",
    summary="List the tasks that wait for an answer",
    operation_id="listTasks",
    tags=_TAGS,
    responses=answers(200, TaskPage, "One page, newest instances first; there is more as long as it has a `cursor`", 400),
)
async def list_tasks(
    request: HttpRequest, limit: queries.PageSize = 50, cursor: queries.PageCursor = None
) -> Response[bytes]:  # fmt: skip
    """Return the tasks whose callback is awaited, and those of activities, whether a worker has taken them or not."""
    queries.refuse_unknown(request, "limit", "cursor")
    return json_answer(await service_of(request).tasks.pending(cursor, limit))


@post(
    "/workflows/tasks/success",
    summary="End a task with its output",
    operation_id="sendTaskSuccess",
    tags=_TAGS,
    status_code=204,
    responses=answers(204, None, "The answer is stored", 400, 404, 409, 413, 415),
)
async def send_success(request: HttpRequest) -> None:
    """Answer a task that waits. 404: there is no such task; 409: nobody waits for the answer any more."""
    body = decode(await read_body(request), _success_decoder)
    await service_of(request).tasks.send_task_success(body.token, bytes(body.output).decode())


@post(
    "/workflows/tasks/failure",
    summary="End a task as failed",
    operation_id="sendTaskFailure",
    tags=_TAGS,
    status_code=204,
    responses=answers(204, None, "The answer is stored", 400, 404, 409, 413, 415),
)
async def send_failure(request: HttpRequest) -> None:
    """Say that a task that waits has failed; `error` is the name that a retry or a catch matches."""
    body = decode(await read_body(request), _failure_decoder)
    await service_of(request).tasks.send_task_failure(body.token, body.error, body.cause)


@post(
    "/workflows/tasks/heartbeat",
    summary="Say that a task is being worked on",
    operation_id="sendTaskHeartbeat",
    tags=_TAGS,
    status_code=204,
    responses=answers(204, None, "The heartbeat is stored", 400, 404, 409, 413, 415),
)
async def send_heartbeat(request: HttpRequest) -> None:
    """Keep a task that has a heartbeat limit from timing out."""
    body = decode(await read_body(request), _heartbeat_decoder)
    await service_of(request).tasks.send_task_heartbeat(body.token)


HANDLERS: tuple[Any, ...] = (list_tasks, send_success, send_failure, send_heartbeat)
