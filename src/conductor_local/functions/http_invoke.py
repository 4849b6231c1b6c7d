"""`http:invoke`: one HTTP request, its answer as the task's result.

Rules: any URL may be called, also `http://` on this machine; redirects are not followed, so that secrets go nowhere else; an answer
without success is an error named by its status. The requests go through the transport alone, because the client would log URLs, and
those may hold a connection's secrets.
"""

import asyncio
from pathlib import Path

import httpx
import msgspec

from conductor_local.functions.aws_wording import Fields
from conductor_local.functions.http_connections import Connection, NoConnection, find_connection
from conductor_local.functions.http_request import BadRequest, connection_arn, request_of
from conductor_local.functions.http_trace import request_shown, response_shown
from conductor_local.functions.integrations import Integration
from conductor_local.payload import Json, Payload, json_fault
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.ports import Failed, Succeeded, TaskCall

TIMEOUT_S = 60.0  # AWS developer guide, "HTTP Task timeout"
BODY_BYTES_MAX = 2 * 1024 * 1024  # read at most; what the task may give on is limited further, as every payload is
SOCKET = "States.Http.Socket"
CONNECTION_NOT_FOUND = "ConnectionNotFound"


class HttpInvoke:
    """The service behind `http:invoke`. `connections` is the file of connections."""

    def __init__(self, connections: Path | None = None, *, timeout_s: float = TIMEOUT_S) -> None:
        self._connections = connections
        self._timeout_s = timeout_s
        self._transport: httpx.AsyncHTTPTransport | None = None

    async def __call__(self, integration: Integration, call: TaskCall) -> Succeeded | Failed:
        """Make the request and wait for the answer."""
        parameters: Fields = call.invoke.arguments.value if isinstance(call.invoke.arguments.value, dict) else {}
        try:
            arn = connection_arn(parameters)
            connection = Connection() if arn is None else find_connection(arn, self._connections)
            request = request_of(parameters, connection)
        except NoConnection as missing:
            return Failed(Failure(CONNECTION_NOT_FOUND, str(missing)))
        except BadRequest as refusal:
            return Failed(Failure(ErrorName.RUNTIME, f"The HTTP request could not be made: {refusal}."))
        outcome, response = await self._outcome(request)
        if not call.is_traced:
            return outcome
        shown = request if call.reveals_secrets else _without_secrets(parameters)
        return msgspec.structs.replace(outcome, trace=({} if shown is None else {"request": request_shown(shown)}) | response)

    async def _outcome(self, request: httpx.Request) -> tuple[Succeeded | Failed, Fields]:
        """Make the request; return what comes of it, and for a trace the `response` where there was one."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send(request)
        except TimeoutError:
            return Failed(Failure(SOCKET, f"No answer within {self._timeout_s:g} s.")), {}
        except httpx.LocalProtocolError:  # its text quotes headers
            reason = "The HTTP request could not be made: the value of a header is not allowed."
            return Failed(Failure(ErrorName.RUNTIME, reason)), {}
        except (httpx.HTTPError, OSError, ValueError) as error:  # ValueError: a host name that is none
            return Failed(Failure(SOCKET, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)), {}

    async def close(self) -> None:
        """Close what is open."""
        if self._transport is not None:
            await self._transport.aclose()

    async def _send(self, request: httpx.Request) -> tuple[Succeeded | Failed, Fields]:
        if self._transport is None:
            self._transport = httpx.AsyncHTTPTransport()
        response = await self._transport.handle_async_request(request)
        try:
            body = await _read(response)
        finally:
            await response.aclose()
        return _told(response, body), {"response": response_shown(request.url.scheme, response, body or b"")}


def _without_secrets(parameters: Fields) -> httpx.Request | None:
    """Return the request that the workflow alone describes; None when it needs the connection to be one."""
    try:
        return request_of(parameters, Connection())
    except BadRequest:
        return None


def _told(response: httpx.Response, body: bytes | None) -> Succeeded | Failed:
    """Return what a response is to the task."""
    if body is None:
        return Failed(Failure(ErrorName.DATA_LIMIT, f"The answer is larger than {BODY_BYTES_MAX:,} bytes."))
    if not response.is_success:
        cause = body.decode(errors="replace") or response.reason_phrase
        return Failed(Failure(f"States.Http.StatusCode.{response.status_code}", cause))
    return Succeeded(Payload(_answer(response, body)))


async def _read(response: httpx.Response) -> bytes | None:
    """Return the body, or None when it is too large."""
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > BODY_BYTES_MAX:
            return None
    return bytes(body)


def _answer(response: httpx.Response, body: bytes) -> Fields:
    headers: dict[str, list[str]] = {}
    for name, value in response.headers.multi_items():
        headers.setdefault(name, []).append(value)
    return {
        "Headers": headers,
        "ResponseBody": _value(body, response.headers.get("content-type", "")),
        "StatusCode": response.status_code,
        "StatusText": response.reason_phrase,
    }


def _value(body: bytes, content_type: str) -> Json:
    """Return the value of a JSON body, else its text."""
    if "json" in content_type and body:
        try:
            value = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return body.decode(errors="replace")
        if json_fault(value) is None:
            return value
    return body.decode(errors="replace")
