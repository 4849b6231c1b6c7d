"""StartExecution and StartSyncExecution.

Rules: a Standard execution's name is used once: the same name and input while it runs is the same execution. Express executions may
share a name, each has an ARN of its own.
"""

import uuid
from typing import TYPE_CHECKING

from conductor_local.api.aws.arns import MachineArn, check_name, parse
from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.executions import sync_execution
from conductor_local.api.aws.found import TRACE, shown, stored_name
from conductor_local.engine.state import ENDED, Head
from conductor_local.errors import InvalidRequest, NotFound
from conductor_local.language.asl import complaint
from conductor_local.payload import Json, Payload
from conductor_local.runtime.executions import Asked

if TYPE_CHECKING:
    from conductor_local.runtime.addresses import Resolved


async def start_execution(call: Call) -> dict[str, Json]:
    """Start an execution and return at once."""
    found, input = await _machine(call), _input(call)
    asked = _asked(call, found, input)
    try:
        created = await call.service.executions.start(asked)
    except InvalidRequest as error:
        raise _unusable(str(error)) from None
    execution = await shown(call, created.head)
    if not created.is_new and (created.head.status in ENDED or created.head.input.encoded != input.encoded):
        raise AwsError("ExecutionAlreadyExists", f"Execution Already Exists: '{execution.arn}'")
    return {"executionArn": execution.arn, "startDate": execution.head.started_at}


async def start_sync_execution(call: Call) -> dict[str, Json]:
    """Start an Express execution and wait for its end."""
    found, input = await _machine(call), _input(call)
    if not found.definition.machine.is_express:
        raise AwsError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
    try:
        created = await call.service.executions.start(_asked(call, found, input, is_sync=True))
    except InvalidRequest as error:
        raise _unusable(str(error)) from None
    ended = await shown(call, await call.service.ended(created.head.id))
    include_data = call.params.get("includedData") != "METADATA_ONLY"
    answer = sync_execution(ended.head, machine=ended.machine, arn=ended.arn, include_data=include_data)
    return {**answer, **trace_header(ended.head)}


def trace_header(head: Head) -> dict[str, Json]:
    """Return the member that tells the trace header an execution was started with."""
    return {"traceHeader": head.labels[TRACE]} if TRACE in head.labels else {}


async def _machine(call: Call) -> "Resolved":
    text = call.params["stateMachineArn"]
    arn = parse(text, MachineArn)
    if arn.label is not None:
        raise AwsError("ValidationException", f"Invalid ARN: '{text}'", reason="API_DOES_NOT_SUPPORT_LABELED_ARNS")
    try:
        found = await call.service.machines.resolve(stored_name(call, arn.scope, arn.name), arn.qualifier)
    except NotFound:
        raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{text}'") from None
    if found.definition.machine.is_deleting:
        raise AwsError("StateMachineDeleting", f"State Machine is Deleting: '{text}'")
    return found


def _input(call: Call) -> Payload:
    """Return the input, kept as it was written."""
    text = call.params.get("input", "{}")
    if not text.strip():
        raise AwsError("InvalidExecutionInput", "Invalid execution input.")
    if fault := complaint(text):
        raise _unusable(fault)
    return Payload.from_encoded(text.encode())


def _unusable(fault: str) -> AwsError:
    return AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{fault}'")


def _asked(call: Call, found: "Resolved", input: Payload, *, is_sync: bool = False) -> Asked:
    name, trace = call.params.get("name"), call.params.get("traceHeader")
    return Asked(
        definition=found.definition,
        digest=found.digest,
        input=input,
        name=str(uuid.uuid4()) if name is None else check_name(name),
        labels=found.labels if trace is None else {**found.labels, TRACE: trace},
        is_sync=is_sync,
    )
