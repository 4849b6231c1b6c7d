"""State machines: CreateStateMachine, UpdateStateMachine, DeleteStateMachine, DescribeStateMachine, ListStateMachines."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from conductor_local.api.aws import configurations as given
from conductor_local.api.aws.addresses import (
    arn_of,
    does_not_exist,
    is_callers,
    is_deleting,
    is_home,
    machine_itself,
    told,
)
from conductor_local.api.aws.arns import MachineArn, check_name, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.found import stored_name
from conductor_local.api.aws.paging import page
from conductor_local.errors import NotFound
from conductor_local.language.asl.variable_references import variable_references
from conductor_local.payload import Json
from conductor_local.runtime.addresses import Resolved
from conductor_local.runtime.definitions import ASL
from conductor_local.runtime.records import Definition, Machine
from conductor_local.runtime.revisions import Revision, logging_of, tracing_of

_NOTHING = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"


async def create_state_machine(call: Call) -> dict[str, Json]:
    """Create a machine; the same creation again gives the same answer."""
    params = call.params
    arn = MachineArn(call.scope, check_name(params["name"]))
    region, account = (None, None) if is_home(call) else (call.region, call.account)
    machine = Machine(
        is_express=params.get("type") == "EXPRESS", role_arn=given.role_arn(params), region=region, account=account,
        logging=given.logging(params), tracing=given.tracing(params), encryption=given.encryption(params),
        tags=given.tags(params.get("tags"), str(arn)),
    )  # fmt: skip
    description, key = given.version_description(params), stored_name(call, arn.scope, arn.name)
    made = await call.service.machines.create(
        key, params["definition"], machine, publish=params.get("publish", False), description=description
    )
    if made.definition.machine.is_deleting:
        raise is_deleting(arn)
    if not made.is_same:
        raise AwsError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
    answer = {"stateMachineArn": str(arn), "creationDate": made.definition.created_at}
    return answer | version_member(arn, made.version)


async def update_state_machine(call: Call) -> dict[str, Json]:
    """Change a machine; a revision comes of it when something differs."""
    params = call.params
    arn = machine_itself(params["stateMachineArn"])
    revision = Revision(
        text=params.get("definition"), role_arn=given.role_arn(params), logging=given.logging(params),
        tracing=given.tracing(params), encryption=given.encryption(params),
    )  # fmt: skip
    if revision == Revision():
        raise AwsError("MissingRequiredParameter", _NOTHING)
    description, key = given.version_description(params), stored_name(call, arn.scope, arn.name)
    with told(str(arn), does_not_exist(arn)):
        definition, version = await call.service.machines.update(
            key, revision, publish=params.get("publish", False), description=description
        )
    answer = {"updateDate": definition.updated_at} | _revision_member(definition.machine.revision_id)
    return answer | version_member(arn, None if version is None else version.number)


async def delete_state_machine(call: Call) -> dict[str, Json]:
    """Delete a machine with its versions and aliases, once its executions have ended; one that is not there is no mistake."""
    arn = machine_itself(call.params["stateMachineArn"])
    with suppress(NotFound):
        await call.service.machines.delete(stored_name(call, arn.scope, arn.name))
    return {}


async def describe_state_machine(call: Call) -> dict[str, Json]:
    """Tell all about a machine, about one of its versions, or about the processor that has a label."""
    text, machines = call.params["stateMachineArn"], call.service.machines
    arn = parse(text, MachineArn)
    if arn.alias is not None:
        raise does_not_exist(text)
    with told(text, does_not_exist(text)):
        found = await machines.resolve(stored_name(call, arn.scope, arn.name), arn.qualifier)
        digest = found.digest if arn.label is None else await machines.processor(found.digest, arn.label)
    definition, version = found.definition, found.version
    shown = {
        "stateMachineArn": text, "name": arn_of(call, definition).name,
        "status": "DELETING" if definition.machine.is_deleting else "ACTIVE",
        "type": "EXPRESS" if definition.machine.is_express else "STANDARD",
        "creationDate": definition.created_at if version is None else version.created_at,
    }  # fmt: skip
    label = {} if arn.label is None else {"label": arn.label}
    return {**shown, **_revision(found), **label, **await definition_members(call, definition.dialect, digest)}


async def list_state_machines(call: Call) -> dict[str, Json]:
    """List the machines of the caller's region and account, by name."""
    found = [(arn_of(call, each), each) for each in await call.service.machines.all() if is_callers(call, each)]
    rows, more = page(call, sorted(found, key=_by_name), _by_name)
    return {"stateMachines": [_item(arn, definition) for arn, definition in rows], **more}


def version_member(arn: MachineArn, number: int | None) -> dict[str, Json]:
    """Return the member that names a version, if there is one."""
    return {} if number is None else {"stateMachineVersionArn": str(arn.qualified(number))}


async def definition_members(call: Call, dialect: str, digest: str) -> dict[str, Json]:
    """Return the text that a digest pins, and the variables that its states read."""
    if call.params.get("includedData") == "METADATA_ONLY":
        return {"definition": "{}"}
    text, document = await call.service.machines.document(digest)
    references = variable_references(document) if dialect == ASL else {}
    return {"definition": text} | ({"variableReferences": references} if references else {})


def _revision(found: Resolved) -> dict[str, Json]:
    machine, version = found.definition.machine, found.version
    encryption = {} if machine.encryption is None else {"encryptionConfiguration": machine.encryption}
    description = {} if version is None or version.description is None else {"description": version.description}
    return {
        "roleArn": found.identity.role_arn,
        "loggingConfiguration": logging_of(version or machine),
        "tracingConfiguration": tracing_of(version or machine),
        **_revision_member((version or machine).revision_id),
        **encryption,
        **description,
    }


def _revision_member(revision_id: str | None) -> dict[str, Json]:
    """AWS does not name the first revision."""
    return {} if revision_id is None else {"revisionId": revision_id}


def _by_name(row: tuple[MachineArn, Definition]) -> str:
    return row[0].name


def _item(arn: MachineArn, definition: Definition) -> Mapping[str, str | datetime]:
    kind = "EXPRESS" if definition.machine.is_express else "STANDARD"
    return {"stateMachineArn": str(arn), "name": arn.name, "type": kind, "creationDate": definition.created_at}
