"""DescribeStateMachineForExecution: the machine as it was when the execution began, whatever became of it."""

from datetime import datetime

import msgspec

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.found import Found, find
from conductor_local.api.aws.map_runs import map_run_of
from conductor_local.api.aws.operations.machines import definition_members
from conductor_local.errors import NotFound
from conductor_local.payload import Json
from conductor_local.runtime.addresses import VERSION
from conductor_local.runtime.definitions import ASL
from conductor_local.runtime.records import Definition, Machine, Version
from conductor_local.runtime.revisions import logging_of, tracing_of
from conductor_local.runtime.versions import version_of


class _Then(msgspec.Struct, kw_only=True, frozen=True):
    """What a machine was. `dialect` is the language it was written in."""

    dialect: str
    updated_at: datetime
    machine: Machine | Version = Machine()


async def describe_state_machine_for_execution(call: Call) -> dict[str, Json]:
    """Tell what an execution runs. Raises `AwsError` InvalidArn (Express as well), ExecutionDoesNotExist."""
    found = await find(call, call.params["executionArn"])
    head, then = found.head, await _then(call, found)
    name, _, label = found.machine.arn.rpartition(":")[2].partition("/")
    revision = {} if then.machine.revision_id is None else {"revisionId": then.machine.revision_id}
    return {
        "stateMachineArn": found.machine.arn, "name": name, "roleArn": found.machine.role_arn, "updateDate": then.updated_at,
        "loggingConfiguration": logging_of(then.machine), "tracingConfiguration": tracing_of(then.machine),
        **revision, **({"label": label} if label else {}), **map_run_of(found),
        **await definition_members(call, then.dialect, head.definition),
    }  # fmt: skip


async def _then(call: Call, found: Found) -> _Then:
    head = found.head
    digest, id = head.definition.partition("/")[0], head.definition_id.partition("/")[0]
    try:
        definition = await call.service.machines.find(id)
    except NotFound:
        return _Then(dialect=await call.service.machines.dialect(digest), updated_at=head.started_at)
    version = _version(definition, digest, head.labels.get(VERSION))
    if version is not None:
        return _Then(dialect=ASL, updated_at=version.created_at, machine=version)
    if definition.digest == digest:
        return _Then(dialect=definition.dialect, updated_at=definition.updated_at, machine=definition.machine)
    return _Then(dialect=await call.service.machines.dialect(digest), updated_at=definition.created_at)


def _version(definition: Definition, digest: str, number: str | None) -> Version | None:
    """Return the version that was started, else one of a revision that is no longer the present one."""
    if number is not None:
        return version_of(definition.machine, int(number))
    if definition.digest == digest:
        return None
    return next((version for version in definition.machine.versions if version.digest == digest), None)
