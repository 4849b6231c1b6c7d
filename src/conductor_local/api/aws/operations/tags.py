"""Tags of state machines and activities: TagResource, UntagResource, ListTagsForResource. Versions and aliases have none."""

from collections.abc import Callable

from msgspec.structs import replace

from conductor_local.api.aws.addresses import not_found
from conductor_local.api.aws.arns import ActivityArn, MachineArn, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.configurations import limited, tags
from conductor_local.api.aws.found import stored_name
from conductor_local.errors import NotFound
from conductor_local.payload import Json
from conductor_local.runtime.records import Definition

Tags = dict[str, str]


async def tag_resource(call: Call) -> dict[str, Json]:
    """Add tags; one of the same key is replaced."""
    resource = call.params["resourceArn"]
    added = tags(call.params["tags"], resource)
    await _retag(call, resource, lambda old: limited({**old, **added}, resource))
    return {}


async def untag_resource(call: Call) -> dict[str, Json]:
    """Remove tags; a key that is not there is no mistake."""
    removed = frozenset(call.params["tagKeys"])
    await _retag(call, call.params["resourceArn"], lambda old: {key: old[key] for key in old if key not in removed})
    return {}


async def list_tags_for_resource(call: Call) -> dict[str, Json]:
    """List tags in the order they were added."""
    found = await _tags(call, call.params["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in found.items()]}


async def _tags(call: Call, resource: str) -> Tags:
    arn = _taggable(resource)
    try:
        if isinstance(arn, ActivityArn):
            return (await call.service.activities.find(resource)).tags
        return (await call.service.machines.find(stored_name(call, arn.scope, arn.name))).machine.tags
    except NotFound:
        raise not_found(resource) from None


async def _retag(call: Call, resource: str, edit: Callable[[Tags], Tags]) -> None:
    arn = _taggable(resource)

    def edited(definition: Definition) -> Definition:
        if definition.machine.is_deleting:
            raise not_found(resource)
        return replace(definition, machine=replace(definition.machine, tags=edit(definition.machine.tags)))

    try:
        if isinstance(arn, ActivityArn):
            await call.service.activities.retag(resource, edit)
        else:
            await call.service.machines.change(stored_name(call, arn.scope, arn.name), edited)
    except NotFound:
        raise not_found(resource) from None


def _taggable(resource: str) -> MachineArn | ActivityArn:
    """Read an ARN. Raises `AwsError` InvalidArn, and ResourceNotFound for what can have no tags."""
    if resource.split(":")[5:6] == [ActivityArn.kind]:
        return parse(resource, ActivityArn)
    arn = parse(resource, MachineArn)
    if arn.qualifier is not None or arn.label is not None:
        raise not_found(resource)
    return arn
