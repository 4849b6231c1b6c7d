"""`POST /`: the AWS Step Functions API as AWS's clients speak it, JSON 1.0 with the operation in `X-Amz-Target`.

Rules: a signature is read for its region and account and not checked; parameters are checked against AWS's own description before
an operation sees them; every answer, refusals included, is in AWS's shape and has an `x-amzn-RequestId`; times are seconds since
1970 with milliseconds. A caller who hangs up while an operation waits for something takes the operation with it.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from secrets import token_hex

import msgspec
from litestar import post
from litestar.exceptions import HTTPException
from litestar.types import Receive, Scope, Send

from conductor_local.api import bodies
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.credentials import Credentials, credentials
from conductor_local.api.aws.errors import AwsError, aws_error
from conductor_local.api.aws.model import constraint_text, model
from conductor_local.api.aws.operations import OPERATIONS
from conductor_local.api.deps import Deps, HttpRequest, deps_of
from conductor_local.api.problems import Refusal
from conductor_local.payload import Json

MEDIA_TYPE = "application/x-amz-json-1.0"
BODY_BYTES_MAX = 8 * 1024 * 1024
"""A definition of 1 MiB may have six bytes for each of its characters, as JSON in JSON."""
WAITING = frozenset({"GetActivityTask", "StartSyncExecution"})
"""Operations that may take as long as somebody else does."""
_MEDIA_TYPE = (b"content-type", MEDIA_TYPE.encode())
_decoder = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that sends itself: nothing of it has to be found out, so it costs less than the framework's own."""

    body: bytes
    status: int
    request_id: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        length = (b"content-length", str(len(self.body)).encode())
        headers = [_MEDIA_TYPE, length, (b"x-amzn-requestid", self.request_id.encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


@post("/", status_code=200, media_type=MEDIA_TYPE, request_max_body_size=BODY_BYTES_MAX, include_in_schema=False)
async def endpoint(request: HttpRequest) -> Answer:
    """Answer one call of AWS's API. Raises `Refusal` for what is no such call."""
    target, authorization = _headers(request)
    if not target:
        raise _no_target()
    request_id, operation = _request_id(), ""
    try:
        operation = _operation(target)
        call = await _call(request, operation, authorization)
        answer = OPERATIONS[operation](call)
        result = await (_while_wanted(request, answer) if operation in WAITING else answer)
    except Exception as error:  # noqa: BLE001 - the one place that knows how AWS says it
        return _refusal(aws_error(error, operation or target, request_id), request_id)
    return _response(_plain(result), 200, request_id)


def _headers(request: HttpRequest) -> tuple[str, bytes]:
    """Return `X-Amz-Target` and `Authorization`, empty where they are not sent."""
    target, authorization = "", b""
    for name, value in request.scope["headers"]:
        if name == b"x-amz-target":
            target = value.decode("latin-1")
        elif name == b"authorization":
            authorization = value
    return target, authorization


def _operation(target: str) -> str:
    """Return the operation that is meant. Raises `AwsError`."""
    prefix, _, operation = target.rpartition(".")
    if prefix != model().metadata.target_prefix or operation not in model().operations:
        text = f"There is no operation {target[:200]!r}. X-Amz-Target is AWSStepFunctions.<Operation>, such as "
        raise AwsError("UnknownOperationException", f"{text}AWSStepFunctions.StartExecution.")
    if operation not in OPERATIONS:
        raise AwsError("UnknownOperationException", f"This version of Conductor does not have {operation}.")
    return operation


async def _call(request: HttpRequest, operation: str, authorization: bytes) -> Call:
    """Read and check the parameters. Raises `AwsError`."""
    params = model().typed(operation, await _body(request))
    if problems := model().problems(operation, params):
        raise AwsError("ValidationException", constraint_text(problems))
    deps = deps_of(request.app)
    caller = credentials(authorization) or Credentials(region=deps.settings.region)
    # A token is a secret: it does not become part of ARNs, though it may look like an account.
    account = Credentials().account if caller.key == deps.settings.token else caller.account
    return Call(
        service=deps.service, settings=deps.settings, params=params, region=caller.region, account=account,
        partition=caller.partition, operation=operation, at=deps.clock.now(),
    )  # fmt: skip


async def _body(request: HttpRequest) -> dict[str, Json]:
    try:
        found = bodies.decode(await request.body() or b"{}", _decoder)
    except Refusal as refusal:
        raise AwsError("SerializationException", refusal.detail) from None
    except HTTPException as error:
        if error.status_code != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise
        text = f"The request is larger than {BODY_BYTES_MAX:,} bytes."
        raise AwsError("RequestEntityTooLargeException", text, status=413) from None
    if not isinstance(found, dict):
        raise AwsError("SerializationException", "The body must be a JSON object.")
    return found


async def _while_wanted(request: HttpRequest, answer: Awaitable[dict[str, Json]]) -> dict[str, Json]:
    """Wait for an answer as long as the caller and the server are there. Raises `AwsError` when one of them goes."""
    deps: Deps = deps_of(request.app)
    answering = asyncio.ensure_future(answer)
    hanging_up, closing = asyncio.ensure_future(_hang_up(request)), asyncio.ensure_future(deps.streams.closing.wait())
    try:
        await asyncio.wait({answering, hanging_up, closing}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            return answering.result()
        raise AwsError("ServiceUnavailable", "The server is stopping, or the caller has hung up.", status=503)
    finally:
        unfinished = [task for task in (answering, hanging_up, closing) if not task.done()]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)


async def _hang_up(request: HttpRequest) -> None:
    """Return when the caller has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _plain(value: Json) -> Json:
    """Put times as AWS does; the rest stays."""
    match value:
        case str():
            return value
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case datetime():
            return round(value.timestamp(), 3)
        case _:
            return value


def _request_id() -> str:
    """Make a UUID of version 4, in a third of the time that the `uuid` module takes."""
    digits = token_hex(16)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _refusal(error: AwsError, request_id: str) -> Answer:
    message = {} if error.message is None else {"message": error.message}
    return _response({"__type": error.code, **message, **error.members}, error.status, request_id)


def _response(body: Json, status: int, request_id: str) -> Answer:
    return Answer(_encode(body), status, request_id)


def _no_target() -> Refusal:
    detail = (
        "POST / is the AWS Step Functions API, and the header X-Amz-Target that names the operation is missing. Point a client of "
        "AWS's here (endpoint_url), or see /docs for the REST API."
    )
    return Refusal(HTTPStatus.BAD_REQUEST, detail)
