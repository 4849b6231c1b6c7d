"""`/workflows/functions`: what steps can call."""

from litestar import Response, get

from conductor_local.api.deps import HttpRequest, json_answer, service_of
from conductor_local.api.rest.answers import answers
from conductor_local.runtime.views import FunctionView


@get(
    "/workflows/functions",
    summary="List functions",
    operation_id="listFunctions",
    tags=["Functions"],
    responses=answers(200, list[FunctionView], "All registered functions, by name"),
)
async def list_functions(request: HttpRequest) -> Response[bytes]:
    """Return every function that a step can name."""
    return json_answer(service_of(request).functions())


HANDLERS = (list_functions,)
