"""The one table from errors to HTTP: what status each gets, and the `application/problem+json` body (RFC 9457) that says why.

Every answer that is not a success comes from here: Conductor's errors, Litestar's, refusals of the edge itself (`Refusal`) and the
unexpected. The unexpected shows a request id, under which the log has the traceback; the answer never has it.
`statusCode` and `message` repeat `status` and `detail` for clients of the prototype.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException

from conductor_local import errors
from conductor_local.errors import Problem

MEDIA_TYPE = "application/problem+json"
_logger = logging.getLogger("conductor.api")
_encode = msgspec.json.Encoder().encode


class ProblemDetails(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """Why a request did not succeed. `errors` has one entry per fault; `requestId` is there when the fault is the server's."""

    type: str
    title: str
    status: int
    detail: str
    status_code: int
    message: str
    errors: Sequence[Problem] = ()
    request_id: str = ""


class Refusal(Exception):
    """The edge itself refuses a request, before the service is asked."""

    def __init__(
        self, status: HTTPStatus, detail: str, *, errors: Sequence[Problem] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})


STATUSES: Mapping[type[errors.ConductorError], HTTPStatus] = {
    errors.DefinitionError: HTTPStatus.BAD_REQUEST,
    errors.InvalidRequest: HTTPStatus.BAD_REQUEST,
    errors.EvaluationError: HTTPStatus.BAD_REQUEST,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Fenced: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.SettingsError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.Bug: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The table. What is not in it is a 500."""
_TOO_LARGE_CODES = frozenset({"PAYLOAD_TOO_LARGE", "BODY_TOO_LARGE"})
_TITLES = {
    errors.DefinitionError: "Invalid workflow definition",
    errors.InvalidRequest: "Invalid request",
    errors.NotFound: "Not found",
    errors.Conflict: "Conflict",
    errors.Unavailable: "Temporarily unavailable",
}


def answer_problem(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    problem, headers = describe(error, method=request.method, path=request.scope["path"])
    if isinstance(error, MethodNotAllowedException):
        headers["allow"] = ", ".join(_methods_of(request))
    return Response(_encode(problem), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def encoded_refusal(refusal: Refusal) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return body and headers for an answer below Litestar, in ASGI's terms."""
    problem, headers = describe(refusal, method="", path="")
    body = _encode(problem)
    lines = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **headers}
    return body, [(name.lower().encode(), value.encode()) for name, value in lines.items()]


def describe(error: Exception, *, method: str, path: str) -> tuple[ProblemDetails, dict[str, str]]:
    """Return the body for an error, and the headers that go with it."""
    match error:
        case Refusal():
            return _details(error.status, error.detail, found=error.errors), error.headers
        case errors.DefinitionError(problems=problems):
            return _details(HTTPStatus.BAD_REQUEST, error.message, title=_TITLES[errors.DefinitionError], found=problems), {}
        case errors.InvalidRequest(pointer=pointer, code=code):
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if code in _TOO_LARGE_CODES else HTTPStatus.BAD_REQUEST
            found = (Problem(pointer=pointer, code=code, message=error.message),)
            return _details(status, error.message, title=_TITLES[errors.InvalidRequest], found=found), {}
        case errors.ConductorError() if (status := _status_of(error)) < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _details(status, error.message, title=_TITLES.get(type(error))), {}
        case errors.Unavailable() | errors.Fenced():
            title = _TITLES[errors.Unavailable]
            return _details(HTTPStatus.SERVICE_UNAVAILABLE, error.message, title=title), {"retry-after": "1"}
        case HTTPException() if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return _of_litestar(error, method, path)
        case _:
            return _unexpected(error, method, path), {}


def _methods_of(request: Request[Any, Any, Any]) -> list[str]:
    """Return what the path does know. Litestar's routes are compared segment by segment; a parameter matches any."""
    segments = request.scope["path"].strip("/").split("/")
    methods: set[str] = set()
    for route in request.app.routes:
        template = route.path_format.strip("/").split("/")
        if len(template) == len(segments) and all(a == b or a.startswith("{") for a, b in zip(template, segments, strict=True)):
            methods |= set(getattr(route, "methods", ()))
    return sorted(methods)


def _status_of(error: errors.ConductorError) -> HTTPStatus:
    found = (STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    return next(found, HTTPStatus.INTERNAL_SERVER_ERROR)


def _of_litestar(error: HTTPException, method: str, path: str) -> tuple[ProblemDetails, dict[str, str]]:
    status = HTTPStatus(error.status_code)
    match error:
        case MethodNotAllowedException():
            detail = f"{path} does not know {method}; see /docs for what it does know."
        case NotFoundException():
            detail = f"There is no {path}; see /docs for what there is."
        case ValidationException():
            found = [_of_parameter(item) for item in error.extra or () if isinstance(item, dict)]
            detail = "; ".join(f"{one.pointer}: {one.message}" for one in found) or error.detail
            return _details(status, detail, title=_TITLES[errors.InvalidRequest], found=found), {}
        case _ if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            detail = "The body is larger than this server takes; CONDUCTOR_BODY_BYTES_MAX sets the limit."
        case _:
            detail = error.detail
    return _details(status, detail), dict(error.headers or {})


def _of_parameter(item: Mapping[str, Any]) -> Problem:
    source = item.get("source", "query")
    pointer = f"{getattr(source, 'value', source)}/{item.get('key', '')}"
    return Problem(pointer=pointer, code="INVALID_PARAMETER", message=str(item.get("message", "is not valid")))


def _unexpected(error: Exception, method: str, path: str) -> ProblemDetails:
    request_id = uuid4().hex
    _logger.error("request %s failed: %s %s", request_id, method, path, exc_info=error)
    detail = f"Something went wrong in Conductor, not in your request. The server's log has the cause under {request_id}."
    problem = _details(HTTPStatus.INTERNAL_SERVER_ERROR, detail)
    problem.request_id = request_id
    return problem


def _details(status: HTTPStatus, detail: str, *, title: str | None = None, found: Sequence[Problem] = ()) -> ProblemDetails:
    name = title or status.phrase
    return ProblemDetails(
        type=f"urn:conductor:problem:{name.lower().replace(' ', '-')}",
        title=name,
        status=int(status),
        detail=detail,
        status_code=int(status),
        message=detail,
        errors=found,
    )
