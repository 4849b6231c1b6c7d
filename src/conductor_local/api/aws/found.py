"""What an ARN leads to: the name a definition is stored under, and executions with all that AWS shows beside them."""

from dataclasses import dataclass

from conductor_local.api.aws.arns import ExecutionArn, Scope, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.machines import Machine
from conductor_local.engine.state import Head
from conductor_local.language.asl import Identity
from conductor_local.runtime import addresses
from conductor_local.runtime.addresses import ALIAS, VERSION

TRACE = "trace"
"""Label of an execution: the caller's trace header."""


@dataclass(frozen=True, slots=True)
class Found:
    """An execution, its ARN and its machine."""

    head: Head
    arn: str
    machine: Machine


def stored_name(call: Call, scope: Scope, name: str) -> str:
    """Return the name of a machine's definition."""
    return addresses.stored_name(call.service.machines.home, scope.region, scope.account, name)


async def find(call: Call, text: str) -> Found:
    """Return a Standard execution by its ARN. Raises `AwsError` InvalidArn, ExecutionDoesNotExist."""
    arn = parse(text, ExecutionArn)
    head = await call.service.executions.head(stored_name(call, arn.scope, arn.machine), arn.name, label=arn.label)
    if head is None:
        raise AwsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{text}'")
    return await shown(call, head)


async def shown(call: Call, head: Head) -> Found:
    """Return an execution with its ARN and its machine."""
    return found_by(await call.service.executions.identity(head), head)


def found_by(identity: Identity, head: Head) -> Found:
    """Return an execution with its ARN and its machine, whose identity this is."""
    machine_arn = identity.machine_arn(head.definition_id, head.definition_name)
    machine = Machine(
        arn=machine_arn,
        role_arn=identity.role_arn,
        region=identity.region,
        version_arn=_qualified(machine_arn, head.labels.get(VERSION)),
        alias_arn=_qualified(machine_arn, head.labels.get(ALIAS)),
    )
    return Found(head, identity.execution_arn(machine_arn, head.id, head.name), machine)


def _qualified(machine_arn: str, qualifier: str | None) -> str | None:
    return None if qualifier is None else f"{machine_arn}:{qualifier}"
