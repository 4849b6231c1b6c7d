"""DescribeExecution, StartSyncExecution and the items of ListExecutions: one head in AWS's shapes.

What is not known, or not yet, has no key.
"""

from datetime import timedelta

from conductor_local.api.aws.machines import Machine
from conductor_local.api.aws.texts import error_and_cause, text
from conductor_local.engine.state import Head, Status
from conductor_local.payload import Json, Payload

BILLED_MEMORY_MB = 64
BILLED_STEP = timedelta(milliseconds=100)

STATUS_NAMES: dict[Status, str] = {
    Status.PENDING: "RUNNING",
    Status.RUNNING: "RUNNING",
    Status.SUSPENDED: "RUNNING",
    Status.SUCCEEDED: "SUCCEEDED",
    Status.FAILED: "FAILED",
    Status.TIMED_OUT: "TIMED_OUT",
    Status.ABORTED: "ABORTED",
}


def describe_execution(head: Head, *, machine: Machine, arn: str, include_data: bool = True) -> dict[str, Json]:
    """Show the Standard execution that has this ARN; without `include_data` its input and output are left out."""
    return {
        **_identity(head, machine, arn),
        **_data("input", head.input, include_data),
        **({} if head.output is None else _data("output", head.output, include_data)),
        **_failure(head),
        **_started_by(machine),
        **_redrive(head),
    }


def list_item(head: Head, *, machine: Machine, arn: str) -> dict[str, Json]:
    """Show an execution as a list does."""
    redriven = {} if head.redriven_at is None else {"redriveDate": head.redriven_at}
    return {**_identity(head, machine, arn), **_started_by(machine), "redriveCount": head.redrives, **redriven}


def sync_execution(head: Head, *, machine: Machine, arn: str, include_data: bool = True) -> dict[str, Json]:
    """Show an Express execution that has ended. A failed one has `outputDetails` too, though no output."""
    output = {} if head.output is None else _data("output", head.output, include_data)
    return {
        **_identity(head, machine, arn),
        **_data("input", head.input, include_data),
        "outputDetails": {"included": include_data},
        **output,
        **_failure(head),
        "billingDetails": {"billedMemoryUsedInMB": BILLED_MEMORY_MB, "billedDurationInMilliseconds": _billed_ms(head)},
    }


def _identity(head: Head, machine: Machine, arn: str) -> dict[str, Json]:
    stopped = {} if head.ended_at is None else {"stopDate": head.ended_at}
    return {
        "executionArn": arn, "stateMachineArn": machine.arn, "name": head.name, "status": STATUS_NAMES[head.status],
        "startDate": head.started_at, **stopped,
    }  # fmt: skip


def _started_by(machine: Machine) -> dict[str, Json]:
    named = {"stateMachineVersionArn": machine.version_arn, "stateMachineAliasArn": machine.alias_arn}
    return {name: arn for name, arn in named.items() if arn is not None}


def _data(name: str, payload: Payload, include_data: bool) -> dict[str, Json]:
    shown = {name: text(payload)} if include_data else {}
    return {**shown, f"{name}Details": {"included": include_data}}


def _failure(head: Head) -> dict[str, Json]:
    """AWS names no error for an execution that ran out of time; observed 2025."""
    return {} if head.status is Status.TIMED_OUT else error_and_cause(head.failure)


def _redrive(head: Head) -> dict[str, Json]:
    status = STATUS_NAMES[head.status]
    redriven = {} if head.redriven_at is None else {"redriveDate": head.redriven_at}
    if status in ("RUNNING", "SUCCEEDED"):
        reason = f"Execution is {status} and cannot be redriven"
        return {"redriveCount": head.redrives, **redriven, "redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return {"redriveCount": head.redrives, **redriven, "redriveStatus": "REDRIVABLE"}


def _billed_ms(head: Head) -> int:
    """Return the duration in whole steps, one at least."""
    duration = (head.ended_at or head.at) - head.started_at
    return max(1, -(-duration // BILLED_STEP)) * 100
