"""State machines by ARN, ARNs of state machines, and what is said of those that are not there.

Rules: a workflow that REST defined is a machine of this server's own region and account. One whose name no ARN can hold has its id
for a name.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from conductor_local.api.aws.arns import MachineArn, Scope, check_name, invalid, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.credentials import Credentials
from conductor_local.api.aws.errors import AwsError
from conductor_local.errors import InvalidRequest, NotFound
from conductor_local.language.asl import Identity
from conductor_local.runtime.records import Definition

_CODES = {
    "STALE_REVISION": "ConflictException",
    "VERSION_IN_USE": "ConflictException",
    "ALIAS_TAKEN": "ConflictException",
    "TOO_MANY_VERSIONS": "ServiceQuotaExceededException",
    "TOO_MANY_ALIASES": "ServiceQuotaExceededException",
}


def machine_itself(text: str) -> MachineArn:
    """Read the ARN of a machine, not of a version, an alias or a processor in it. Raises `AwsError`."""
    arn = unlabelled(text)
    if arn.qualifier is not None:
        raise invalid(f"A version or alias is not valid in this context: {text}")
    return arn


def unlabelled(text: str) -> MachineArn:
    """Read the ARN of a machine, a version or an alias. Raises `AwsError`."""
    arn = parse(text, MachineArn)
    if arn.label is not None:
        raise AwsError("ValidationException", f"Invalid ARN: '{text}'", reason="API_DOES_NOT_SUPPORT_LABELED_ARNS")
    return arn


def arn_of(call: Call, definition: Definition) -> MachineArn:
    """Return the ARN of a machine."""
    region, account = _place(call, definition)
    scope = Scope(Credentials(region=region).partition, region, account)
    return MachineArn(scope, _name(definition))


def is_callers(call: Call, definition: Definition) -> bool:
    """Whether a machine is in the region and account of the caller."""
    return _place(call, definition) == (call.region, call.account)


def is_home(call: Call) -> bool:
    """Whether the caller's region and account are this server's own."""
    home = _home(call)
    return (call.region, call.account) == (home.region, home.account)


@contextmanager
def told(machine: str, missing: AwsError) -> Iterator[None]:
    """Say what goes wrong with the machine of this ARN in AWS's words; `missing` is for what is not there."""
    try:
        yield
    except NotFound:
        raise missing from None
    except InvalidRequest as error:
        if error.code == "MACHINE_DELETING":
            raise is_deleting(machine) from None
        raise AwsError(_CODES.get(error.code, "ValidationException"), error.message) from None


def does_not_exist(arn: object) -> AwsError:
    """Return the refusal of a machine, version or alias that is not there."""
    return AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def is_deleting(arn: object) -> AwsError:
    """Return the refusal of a machine that takes no changes any more."""
    return AwsError("StateMachineDeleting", f"State Machine is Deleting: '{arn}'")


def not_found(arn: str) -> AwsError:
    """Return the refusal of a resource that is not there."""
    return AwsError("ResourceNotFound", f"Resource not found: '{arn}'", resourceName=arn)


def no_reference() -> AwsError:
    """Return what operations on aliases say of what is not there."""
    return AwsError("ResourceNotFound", "Request references a resource that does not exist.")


def _home(call: Call) -> Identity:
    return Identity(region=call.settings.region)


def _place(call: Call, definition: Definition) -> tuple[str, str]:
    home, machine = _home(call), definition.machine
    return machine.region or home.region, machine.account or home.account


def _name(definition: Definition) -> str:
    machine = definition.machine
    if machine.region is not None:
        return definition.name.removeprefix(f"{machine.region}:{machine.account}:")
    try:
        return check_name(definition.name)
    except AwsError:
        return definition.id
