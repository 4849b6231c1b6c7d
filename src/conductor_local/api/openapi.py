"""The OpenAPI document: Litestar reads routes, parameters and answers from the handlers; this adds what it cannot see.

Bodies are read as text by the handlers (`bodies.py`), so their schemas are written here; so are the example answers, the token
and the problem that any route can answer with.
"""

from functools import lru_cache
from typing import Any

from litestar import Litestar
from litestar.openapi.config import OpenAPIConfig

from conductor_local import __version__
from conductor_local.api.app import HANDLERS
from conductor_local.api.examples import ANSWERS, BODIES, PROBLEM
from conductor_local.api.problems import MEDIA_TYPE
from conductor_local.payload import Json
from conductor_local.runtime.settings import Settings

_ABOUT = (
    "A local workflow orchestrator. Errors are application/problem+json: `errors` has one entry per fault, with a JSON pointer "
    "(`query/…` and `header/…` for what is not in the body). Times are RFC 3339 UTC with milliseconds."
)
_EVENT_STREAM = {
    "schema": {"type": "string", "description": "Messages with `id`, `event` (the type) and `data` (one event as JSON)."},
    "example": 'id: 4\nevent: STEP_COMPLETED\ndata: {"type":"STEP_COMPLETED","instanceId":"…","stepId":"validateInput"}\n\n',
}
_HEADERS: dict[str, list[dict[str, Json]]] = {
    "trigger": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "The same key with the same payload returns the instance that is there; with another payload, 409.",
            "schema": {"type": "string", "pattern": "^[ -~]{1,255}$"},
        }
    ],
    "instanceEvents": [],
    "allEvents": [],
}
_LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "description": "Resume a stream behind this message. Browsers send it by themselves.",
    "schema": {"type": "string", "pattern": "^[0-9]{1,15}$"},
}


def document(settings: Settings) -> dict[str, Json]:
    """Return the document for a server with or without a token."""
    return _document(settings.token is not None)


@lru_cache(maxsize=2)
def _document(needs_token: bool) -> dict[str, Json]:
    config = OpenAPIConfig(title="Conductor", version=__version__, description=_ABOUT, use_handler_docstrings=True)
    whole: dict[str, Any] = Litestar(HANDLERS, openapi_config=config, logging_config=None).openapi_schema.to_schema()
    whole["paths"] = {path: item for path, item in whole["paths"].items() if not path.startswith("/schema")}
    for item in whole["paths"].values():
        for operation in item.values():
            _complete(operation, needs_token)
    components = whole.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": "CONDUCTOR_TOKEN, where set."}}
    return whole


def _complete(operation: dict[str, Json], needs_token: bool) -> None:
    name = operation["operationId"]
    if body := BODIES.get(name):
        operation["requestBody"] = body
    parameters = [*_HEADERS.get(name, ()), *([_LAST_EVENT_ID] if name.endswith("Events") else [])]
    if parameters:
        operation["parameters"] = [*operation.get("parameters", ()), *parameters]
    if name.endswith("Events"):
        operation["responses"]["200"]["content"]["text/event-stream"] = _EVENT_STREAM
    if name == "instanceEvents":
        operation["responses"]["204"] = {"description": "To a resumed stream: the instance has ended and nothing is left to send"}
    for status, answer in operation["responses"].items():
        for media_type, content in answer.get("content", {}).items():
            if media_type == MEDIA_TYPE:
                content.setdefault("example", {**PROBLEM, "status": int(status), "statusCode": int(status)})
            elif example := ANSWERS.get(name):
                content.setdefault("example", example)
    problem = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
    operation["responses"]["default"] = {
        "description": "Any other problem: the wrong host, origin or token, an unexpected fault",
        "content": {MEDIA_TYPE: problem},
    }
    operation["security"] = [{"token": []}] if needs_token and name != "health" else []
