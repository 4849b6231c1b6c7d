"""`/workflows/{idOrName}/trigger` and `/workflows/instances`: start instances, look at them, end them."""

import re
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post
from litestar.params import PathParameter

from conductor_local.api.bodies import decode, read_body
from conductor_local.api.deps import HttpRequest, json_answer, service_of
from conductor_local.api.rest import queries
from conductor_local.api.rest.answers import answers
from conductor_local.errors import InvalidRequest, NotFound
from conductor_local.runtime.ports import Query
from conductor_local.runtime.views import Instance, InstancePage

InstanceId = Annotated[str, PathParameter(description="The instance's id.", max_length=255)]
WorkflowRef = Annotated[str, PathParameter(description="The definition's id, or its name.", max_length=255)]
_TAGS = ["Instances"]
_KEY = re.compile(r"[ -~]{1,255}")


class TriggerBody(msgspec.Struct, forbid_unknown_fields=True):
    """What a trigger may say."""

    payload: dict[str, Any] = {}


class CancelBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why an instance is cancelled."""

    error: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    cause: Annotated[str, msgspec.Meta(max_length=32_768)] | None = None


class NoBody(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing to say."""


_trigger_decoder = msgspec.json.Decoder(TriggerBody)
_cancel_decoder = msgspec.json.Decoder(CancelBody)
_no_decoder = msgspec.json.Decoder(NoBody)


@post(
    "/workflows/{id_or_name:str}/trigger",
    summary="Start an instance",
    operation_id="trigger",
    tags=_TAGS,
    status_code=202,
    responses=answers(202, Instance, "The new instance; it is durable, and starts at once", 400, 404, 409, 413, 415),
)
async def trigger(request: HttpRequest, id_or_name: WorkflowRef) -> Response[bytes]:
    """Start an instance of a definition. With an `Idempotency-Key` a repeated request returns the instance that is there."""
    body = await read_body(request)
    payload = decode(body, _trigger_decoder).payload if body else {}
    instance = await service_of(request).start(id_or_name, payload, name=_idempotency_key(request))
    answer = json_answer(instance, 202)
    answer.headers["location"] = f"/workflows/instances/{instance.instance_id}"
    return answer


@get(
    "/workflows/instances/{instance_id:str}",
    summary="Read an instance",
    operation_id="readInstance",
    tags=_TAGS,
    responses=answers(200, Instance, "The instance with its history", 400, 404),
)
async def read_instance(request: HttpRequest, instance_id: InstanceId) -> Response[bytes]:
    """Return one instance with its history."""
    return json_answer(await service_of(request).instance(instance_id))


@get(
    "/workflows/instances/{instance_id:str}/definition",
    summary="Read what an instance runs",
    operation_id="instanceDefinition",
    tags=_TAGS,
    responses=answers(200, dict[str, Any], "The document as it was when the instance started", 400, 404),
)
async def instance_definition(request: HttpRequest, instance_id: InstanceId) -> Response[bytes]:
    """Return the document an instance is pinned to, also when its definition has been changed or deleted since."""
    return json_answer(await service_of(request).instance_definition(instance_id))


@get(
    "/workflows/instances",
    summary="List instances",
    operation_id="listInstances",
    tags=_TAGS,
    responses=answers(200, InstancePage, "One page, newest first, without histories; no `cursor` on the last one", 400, 404),
)
async def list_instances(
    request: HttpRequest,
    status: queries.StatusFilter = None,
    definition: queries.DefinitionFilter = None,
    started_from: queries.FromFilter = None,
    started_before: queries.BeforeFilter = None,
    text: queries.TextFilter = None,
    of: queries.ParentFilter = None,
    map_run: queries.RunFilter = None,
    limit: queries.PageSize = 50,
    cursor: queries.PageCursor = None,
) -> Response[bytes]:
    """Return instances, newest first, or the executions of one map run, which are not listed else."""
    queries.refuse_unknown(
        request, "status", "definition", "startedFrom", "startedBefore", "text", "of", "mapRun", "limit", "cursor"
    )  # fmt: skip
    query = Query(
        statuses=queries.statuses_of(status),
        definition_id=await _definition_id(request, definition),
        started_from=queries.instant("startedFrom", started_from),
        started_before=queries.instant("startedBefore", started_before),
        cursor=cursor,
        limit=limit,
    )
    service = service_of(request)
    if of is None and map_run is None:
        return json_answer(await service.instances(query, text=text))
    if of is None or map_run is None or definition is not None:
        message = "`of` and `mapRun` name a map run together, and `definition` does not go with them."
        raise InvalidRequest(message, pointer="query/of", code="INVALID_PARAMETER")
    return json_answer(await service.instances_of(of, map_run, query, text=text))


@post(
    "/workflows/instances/{instance_id:str}/cancel",
    summary="Cancel an instance",
    operation_id="cancelInstance",
    tags=_TAGS,
    status_code=200,
    responses=answers(200, Instance, "The instance, which has ended", 400, 404, 409, 413, 415),
)
async def cancel_instance(request: HttpRequest, instance_id: InstanceId) -> Response[bytes]:
    """End an instance as cancelled, and with it whatever it has running."""
    body = await read_body(request)
    why = decode(body, _cancel_decoder) if body else CancelBody()
    return json_answer(await service_of(request).cancel(instance_id, error=why.error, cause=why.cause))


@post(
    "/workflows/instances/{instance_id:str}/redrive",
    summary="Run an unsuccessful instance again",
    operation_id="redriveInstance",
    tags=_TAGS,
    status_code=202,
    responses=answers(202, Instance, "The instance, which goes on from where it failed", 400, 404, 409, 413, 415),
)
async def redrive_instance(request: HttpRequest, instance_id: InstanceId) -> Response[bytes]:
    """Run an instance that failed, timed out or was cancelled again from that point."""
    if body := await read_body(request):
        decode(body, _no_decoder)
    return json_answer(await service_of(request).redrive(instance_id), 202)


@delete(
    "/workflows/instances/{instance_id:str}",
    summary="Delete an instance",
    operation_id="deleteInstance",
    tags=_TAGS,
    responses=answers(204, None, "It is gone, with its history", 400, 404, 409),
)
async def delete_instance(request: HttpRequest, instance_id: InstanceId) -> None:
    """Forget an ended instance with its history and events."""
    await service_of(request).delete_instance(instance_id)


HANDLERS = (trigger, read_instance, instance_definition, list_instances, cancel_instance, redrive_instance, delete_instance)


async def _definition_id(request: HttpRequest, id_or_name: str | None) -> str | None:
    """Resolve a name. What is no definition now may be the id of one that was deleted."""
    if id_or_name is None:
        return None
    try:
        return (await service_of(request).definition(id_or_name)).definition.id
    except NotFound:
        return id_or_name


def _idempotency_key(request: HttpRequest) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None or _KEY.fullmatch(key):
        return key
    message = "Idempotency-Key must be 1 to 255 printable ASCII characters."
    raise InvalidRequest(message, pointer="header/Idempotency-Key", code="INVALID_HEADER")
