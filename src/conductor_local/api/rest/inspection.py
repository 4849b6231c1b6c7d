"""What can be asked about one instance beside its history: the data of one visit of a state, stage by stage."""

from litestar import Response, get

from conductor_local.api.deps import HttpRequest, json_answer, service_of
from conductor_local.api.rest import queries
from conductor_local.api.rest.answers import answers
from conductor_local.api.rest.executions import InstanceId
from conductor_local.runtime.stages import StagesView


@get(
    "/workflows/instances/{instance_id:str}/stages",
    summary="Read the data of a state, stage by stage",
    operation_id="instanceStages",
    tags=["Instances"],
    responses=answers(200, StagesView, "The stages that the visit reached, in order", 400, 404),
)
async def instance_stages(request: HttpRequest, instance_id: InstanceId, event: queries.EntryEvent) -> Response[bytes]:
    """Return the value after each stage of data processing in one visit of a state, named as AWS names them."""
    queries.refuse_unknown(request, "event")
    return json_answer(await service_of(request).stages(instance_id, event))


HANDLERS = (instance_stages,)
