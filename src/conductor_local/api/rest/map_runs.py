"""`/workflows/instances/{id}/map-runs`: the runs of an instance's distributed Maps, and their limits."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.params import PathParameter

from conductor_local.api.bodies import decode, read_body
from conductor_local.api.deps import HttpRequest, json_answer, service_of
from conductor_local.api.rest import queries
from conductor_local.api.rest.answers import answers
from conductor_local.api.rest.executions import InstanceId
from conductor_local.runtime.map_run_views import MapRunView

RunName = Annotated[str, PathParameter(description="The map run, as the list names it.", max_length=255)]
_TAGS = ["Instances"]
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]


class MapRunPage(msgspec.Struct, kw_only=True):
    """All map runs of an instance, newest first."""

    items: list[MapRunView]


class LimitsBody(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """New limits of a run; what is left out stays as it is. A concurrency of 0 means: as many as can."""

    max_concurrency: _Count | None = None
    tolerated_failure_count: _Count | None = None
    tolerated_failure_percentage: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None


_limits_decoder = msgspec.json.Decoder(LimitsBody)


@get(
    "/workflows/instances/{instance_id:str}/map-runs",
    summary="List the map runs of an instance",
    operation_id="listMapRuns",
    tags=_TAGS,
    responses=answers(200, MapRunPage, "All runs, newest first, with counts of items and executions", 400, 404),
)
async def list_map_runs(request: HttpRequest, instance_id: InstanceId) -> Response[bytes]:
    """Return the runs of an instance's distributed Maps. Their executions: `GET /workflows/instances?of=…&mapRun=…`."""
    queries.refuse_unknown(request)
    return json_answer(MapRunPage(items=await service_of(request).runs.of(instance_id)))


@post(
    "/workflows/instances/{instance_id:str}/map-runs/{run:str}",
    summary="Change the limits of a map run",
    operation_id="updateMapRun",
    tags=_TAGS,
    status_code=204,
    responses=answers(204, None, "The new limits hold", 400, 404, 409, 413, 415, 503),
)
async def update_map_run(request: HttpRequest, instance_id: InstanceId, run: RunName) -> None:
    """Change how many executions of a run go on at once and how many may fail. 409: the run has ended."""
    limits = decode(await read_body(request), _limits_decoder)
    await service_of(request).runs.update(instance_id, run, **msgspec.structs.asdict(limits))


HANDLERS = (list_map_runs, update_map_run)
