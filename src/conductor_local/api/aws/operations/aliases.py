"""Aliases: Create-, Update-, Delete-, Describe- and ListStateMachineAlias(es)."""

from contextlib import suppress
from functools import partial

from conductor_local.api.aws.addresses import does_not_exist, no_reference, told, unlabelled
from conductor_local.api.aws.arns import MachineArn, invalid, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.found import stored_name
from conductor_local.api.aws.paging import page
from conductor_local.errors import NotFound
from conductor_local.payload import Json
from conductor_local.runtime.aliases import alias_of, with_alias, with_changed_alias, without_alias
from conductor_local.runtime.machines import refuse_deleting
from conductor_local.runtime.records import Alias, Definition, Route
from conductor_local.runtime.versions import version_of


async def create_state_machine_alias(call: Call) -> dict[str, Json]:
    """Create an alias of the machine whose versions it names; the same creation again gives the same answer."""
    params = call.params
    machine, routes = _routing(params["routingConfiguration"])
    made = Alias(name=params["name"], routes=routes, created_at=call.at, updated_at=call.at, description=params.get("description"))

    def edit(definition: Definition) -> Definition:
        refuse_deleting(definition)
        return with_alias(definition, made)

    with told(str(machine), no_reference()):
        definition = await call.service.machines.change(stored_name(call, machine.scope, machine.name), edit)
    alias = alias_of(definition.machine, made.name) or made
    return {"stateMachineAliasArn": str(machine.qualified(alias.name)), "creationDate": alias.created_at}


async def update_state_machine_alias(call: Call) -> dict[str, Json]:
    """Change description, routing, or both."""
    params = call.params
    arn, name = _alias(params["stateMachineAliasArn"])
    description, routing = params.get("description"), params.get("routingConfiguration")
    if description is None and routing is None:
        text = "At least one of description and routingConfiguration must be specified"
        raise AwsError("ValidationException", text, reason="MISSING_REQUIRED_PARAMETER")
    machine, routes = (arn.unqualified, None) if routing is None else _routing(routing)
    if machine != arn.unqualified:
        raise _bad_routing(f"Routing configuration must contain versions of the alias's own state machine. Received: [{machine}]")

    def edit(definition: Definition) -> Definition:
        refuse_deleting(definition)
        return with_changed_alias(definition, name, routes=routes, description=description, at=call.at)

    with told(str(machine), no_reference()):
        definition = await call.service.machines.change(stored_name(call, arn.scope, arn.name), edit)
    alias = alias_of(definition.machine, name)
    return {"updateDate": call.at if alias is None else alias.updated_at}


async def delete_state_machine_alias(call: Call) -> dict[str, Json]:
    """Delete an alias; one that is not there is no mistake."""
    arn, name = _alias(call.params["stateMachineAliasArn"])
    with suppress(NotFound):
        await call.service.machines.change(stored_name(call, arn.scope, arn.name), partial(without_alias, name=name))
    return {}


async def describe_state_machine_alias(call: Call) -> dict[str, Json]:
    """Tell all about an alias."""
    arn, name = _alias(call.params["stateMachineAliasArn"])
    with told(str(arn.unqualified), no_reference()):
        definition = await call.service.machines.find(stored_name(call, arn.scope, arn.name))
    alias = alias_of(definition.machine, name)
    if alias is None:
        raise no_reference()
    routing = [
        {"stateMachineVersionArn": str(arn.qualified(route.version)), "weight": route.weight} for route in alias.routes
    ]  # fmt: skip
    description = {} if alias.description is None else {"description": alias.description}
    return {
        "stateMachineAliasArn": str(arn), "name": alias.name, **description, "routingConfiguration": routing,
        "creationDate": alias.created_at, "updateDate": alias.updated_at,
    }  # fmt: skip


async def list_state_machine_aliases(call: Call) -> dict[str, Json]:
    """List the aliases of a machine, or those that point to a version of it, in the order they were made.

    AWS: "most recently created aliases listed first"; observed 2024: the oldest first.
    """
    text = call.params["stateMachineArn"]
    arn = unlabelled(text)
    if arn.alias is not None:
        raise invalid(f"An alias is not valid in this context: {text}")
    with told(str(arn.unqualified), does_not_exist(arn.unqualified)):
        machine = (await call.service.machines.find(stored_name(call, arn.scope, arn.name))).machine
    if arn.version is not None and version_of(machine, arn.version) is None:
        raise no_reference()
    wanted = [alias for alias in machine.aliases if arn.version is None or arn.version in {route.version for route in alias.routes}]
    shown, more = page(call, sorted(wanted, key=_by_age), _by_age)
    items = [{"stateMachineAliasArn": str(arn.qualified(alias.name)), "creationDate": alias.created_at} for alias in shown]
    return {"stateMachineAliases": items, **more}


def _by_age(alias: Alias) -> str:
    return f"{alias.created_at.isoformat(timespec='milliseconds')} {alias.name}"


def _alias(text: str) -> tuple[MachineArn, str]:
    """Read the ARN of an alias. Raises `AwsError` InvalidArn."""
    arn = unlabelled(text)
    if arn.alias is None:
        raise invalid(f"Not the ARN of a state machine alias: {text}")
    return arn, arn.alias


def _routing(given: list[dict[str, Json]]) -> tuple[MachineArn, tuple[Route, ...]]:
    """Return the machine whose versions are named, and the share of each. Raises `AwsError` ValidationException, InvalidArn."""
    arns = [parse(route["stateMachineVersionArn"], MachineArn) for route in given]
    weights = [route["weight"] for route in given]
    shown = f"[{', '.join(map(str, arns))}]"
    routes = [
        Route(version=arn.version, weight=weight) for arn, weight in zip(arns, weights, strict=True) if arn.version is not None
    ]
    if len(routes) < len(given):
        raise _bad_routing(f"Routing configuration must contain state machine version ARNs. Received: {shown}")
    if len(set(arns)) < len(arns):
        raise _bad_routing(f"Routing configuration must contain distinct state machine version ARNs. Received: {shown}")
    if len({arn.unqualified for arn in arns}) > 1:
        raise _bad_routing(f"Routing configuration must contain versions of one state machine. Received: {shown}")
    if sum(weights) != 100:
        raise _bad_routing(f"Sum of routing configuration weights must equal 100. Received: {weights}")
    return arns[0].unqualified, tuple(routes)


def _bad_routing(text: str) -> AwsError:
    return AwsError("ValidationException", text, reason="INVALID_ROUTING_CONFIGURATION")
