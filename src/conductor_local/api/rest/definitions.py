"""`/workflows/definitions`: make, read, change and forget workflow definitions, in the steps language or as state machines.

The shape of a document says its language. A state machine has no name of its own: it stands beside `StartAt` or in the query.
"""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import PathParameter, QueryParameter

from conductor_local.api.bodies import read_object
from conductor_local.api.deps import HttpRequest, json_answer, service_of
from conductor_local.api.problems import Refusal
from conductor_local.api.rest import queries
from conductor_local.api.rest.answers import answers
from conductor_local.errors import Problem
from conductor_local.runtime.version_views import Published

DefinitionId = Annotated[str, PathParameter(description="The definition's id.", max_length=255)]
WorkflowRef = Annotated[str, PathParameter(description="The definition's id, or its name.", max_length=255)]
DefinitionName = Annotated[
    str | None,
    QueryParameter(name="name", max_length=255, description="The name, for a state machine that has none; its `name` wins."),
]
Replace = Annotated[
    str | None, QueryParameter(name="replace", max_length=5, description="`true`: fields that the body has not are dropped.")
]
_TAGS = ["Definitions"]
_Document = dict[str, Any]


@post(
    "/workflows/definitions",
    summary="Create a definition",
    operation_id="createDefinition",
    tags=_TAGS,
    status_code=201,
    responses=answers(201, _Document, "The definition with its id, and `warnings` when there are any", 400, 409, 413, 415),
)
async def create_definition(request: HttpRequest, definition_name: DefinitionName = None) -> Response[bytes]:
    """Check and store a workflow definition, or an Amazon States Language state machine. The server gives it its id."""
    queries.refuse_unknown(request, "name")
    defined = await service_of(request).define(await read_object(request), name=definition_name)
    answer = json_answer(defined.document(), 201)
    answer.headers["location"] = f"/workflows/definitions/{defined.definition.id}"
    return answer


@get(
    "/workflows/{id_or_name:str}/versions",
    summary="List versions and aliases",
    operation_id="listVersions",
    tags=_TAGS,
    responses=answers(200, Published, "What was published of the definition, newest version first", 400, 404),
)
async def list_versions(request: HttpRequest, id_or_name: WorkflowRef) -> Response[bytes]:
    """Return the versions that were published of a state machine through AWS's API, and the aliases that lead to them."""
    queries.refuse_unknown(request)
    return json_answer(await service_of(request).published(id_or_name))


class Verdict(msgspec.Struct, kw_only=True):
    """What is wrong with a document; `valid` when none of the problems is an error."""

    valid: bool
    problems: list[Problem]


@post(
    "/workflows/definitions/validate",
    summary="Check a definition",
    operation_id="validateDefinition",
    tags=_TAGS,
    status_code=200,
    responses=answers(200, Verdict, "What is wrong, with line and column; also when the text is not JSON yet", 413, 415),
)
async def validate_definition(request: HttpRequest) -> Response[bytes]:
    """Check a definition without storing it. Names are not checked, so a document that is stored already may be sent again."""
    queries.refuse_unknown(request)
    try:
        problems = list(service_of(request).check_definition(await read_object(request)))
    except Refusal as refusal:
        if refusal.status != HTTPStatus.BAD_REQUEST:
            raise
        problems = list(refusal.errors)
    return json_answer(Verdict(valid=all(problem.severity != "error" for problem in problems), problems=problems))


@get(
    "/workflows/definitions",
    summary="List definitions",
    operation_id="listDefinitions",
    tags=_TAGS,
    responses=answers(200, list[_Document], "All definitions, oldest first"),
)
async def list_definitions(request: HttpRequest) -> Response[bytes]:
    """Return all definitions."""
    return json_answer([defined.document() for defined in await service_of(request).definitions()])


@get(
    "/workflows/definitions/{definition_id:str}",
    summary="Read a definition",
    operation_id="readDefinition",
    tags=_TAGS,
    responses=answers(200, _Document, "The definition", 400, 404),
)
async def read_definition(request: HttpRequest, definition_id: DefinitionId) -> Response[bytes]:
    """Return one definition."""
    return json_answer((await service_of(request).definition(definition_id)).document())


@put(
    "/workflows/definitions/{definition_id:str}",
    summary="Change a definition",
    operation_id="changeDefinition",
    tags=_TAGS,
    responses=answers(200, _Document, "The definition as it is now", 400, 404, 409, 413, 415),
)
async def change_definition(request: HttpRequest, definition_id: DefinitionId, replace: Replace = None) -> Response[bytes]:
    """Change only the fields the body has; the result is checked as a whole. Running instances keep what they started with."""
    queries.refuse_unknown(request, "replace")
    whole = queries.switch("replace", replace)
    defined = await service_of(request).redefine(definition_id, await read_object(request), whole=whole)
    return json_answer(defined.document())


@delete(
    "/workflows/definitions/{definition_id:str}",
    summary="Delete a definition",
    operation_id="deleteDefinition",
    tags=_TAGS,
    responses=answers(204, None, "It is gone", 400, 404),
)
async def delete_definition(request: HttpRequest, definition_id: DefinitionId) -> None:
    """Forget a definition. Running instances go on, and their history stays readable."""
    await service_of(request).delete_definition(definition_id)


HANDLERS = (
    create_definition,
    validate_definition,
    list_definitions,
    read_definition,
    change_definition,
    delete_definition,
    list_versions,
)
