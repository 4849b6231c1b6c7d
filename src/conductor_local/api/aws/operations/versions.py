"""Versions: PublishStateMachineVersion, ListStateMachineVersions, DeleteStateMachineVersion."""

from functools import partial

from conductor_local.api.aws.addresses import does_not_exist, machine_itself, told, unlabelled
from conductor_local.api.aws.arns import invalid
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.found import stored_name
from conductor_local.api.aws.operations.machines import version_member
from conductor_local.api.aws.paging import page
from conductor_local.errors import NotFound
from conductor_local.payload import Json
from conductor_local.runtime.versions import without_version


async def publish_state_machine_version(call: Call) -> dict[str, Json]:
    """Publish the present revision; one that is published already keeps its version."""
    params = call.params
    arn = machine_itself(params["stateMachineArn"])
    with told(str(arn), does_not_exist(arn)):
        version = await call.service.machines.publish(
            stored_name(call, arn.scope, arn.name), revision_id=params.get("revisionId"), description=params.get("description")
        )
    return {"creationDate": version.created_at, **version_member(arn, version.number)}


async def list_state_machine_versions(call: Call) -> dict[str, Json]:
    """List the versions of a machine, newest first."""
    arn = machine_itself(call.params["stateMachineArn"])
    with told(str(arn), does_not_exist(arn)):
        definition = await call.service.machines.find(stored_name(call, arn.scope, arn.name))
    newest_first = sorted(definition.machine.versions, key=lambda version: -version.number)
    shown, more = page(call, newest_first, lambda version: -version.number)
    items = [{**version_member(arn, version.number), "creationDate": version.created_at} for version in shown]
    return {"stateMachineVersions": items, **more}


async def delete_state_machine_version(call: Call) -> dict[str, Json]:
    """Delete a version that no alias points to; one that is not there is no mistake. Its executions go on."""
    text = call.params["stateMachineVersionArn"]
    arn = unlabelled(text)
    if arn.version is None:
        raise invalid(f"Not the ARN of a state machine version: {text}")
    with told(str(arn.unqualified), does_not_exist(arn)):
        try:
            edit = partial(without_version, number=arn.version)
            await call.service.machines.change(stored_name(call, arn.scope, arn.name), edit)
        except NotFound:
            pass
    return {}
