"""What a workflow is told of an execution that it started: the API's answers, members capitalised, as AWS's integrations give them.

Instants are milliseconds since 1970 in optimized integrations (those of the Java SDK, version 1) and ISO 8601 texts in `aws-sdk:`.
"""

from datetime import datetime

from conductor_local.engine.state import REDRIVABLE, Head, Status
from conductor_local.functions.aws_wording import Fields, json_headers, ordered, request_id, sdk_members
from conductor_local.payload import Json, Payload
from conductor_local.runtime.ports import Child, TaskCall
from conductor_local.runtime.views import timestamp

_STATUS_NAMES = {
    Status.SUCCEEDED: "SUCCEEDED",
    Status.FAILED: "FAILED",
    Status.TIMED_OUT: "TIMED_OUT",
    Status.ABORTED: "ABORTED",
}


def started(child: Child, call: TaskCall, *, is_sdk: bool) -> Payload:
    """Tell that an execution was started."""
    if is_sdk:
        return Payload({"ExecutionArn": child.arn, "StartDate": timestamp(child.head.started_at)})
    answer: Fields = {"ExecutionArn": child.arn, "StartDate": _milliseconds(child.head.started_at)}
    request = request_id(call)
    headers = json_headers(Payload(answer).size, request, call.invoke.due_at)
    return Payload(ordered({**answer, **sdk_members(200, headers, request)}))


def described(child: Child, *, is_parsed: bool) -> Fields:
    """Tell how an execution ended; `is_parsed` gives its input and output as values, not as JSON texts."""
    ended = child.head
    told: Fields = {
        "ExecutionArn": child.arn, "Input": _shown(ended.input, is_parsed), "InputDetails": {"Included": True},
        "Name": ended.name, **_redrives(ended), "StartDate": _milliseconds(ended.started_at),
        "StateMachineArn": child.machine_arn, "Status": status_of(ended), "StopDate": _milliseconds(ended.ended_at or ended.at),
    }  # fmt: skip
    if ended.output is not None:
        told |= {"Output": _shown(ended.output, is_parsed), "OutputDetails": {"Included": True}}
    if ended.failure is not None and ended.status is not Status.TIMED_OUT:
        named = {"Error": ended.failure.error, "Cause": ended.failure.cause}
        told |= {name: text for name, text in named.items() if text is not None}
    return ordered(told)


def _redrives(ended: Head) -> Fields:
    """Tell how often an execution was redriven and whether it can be; a child that ended badly can."""
    if ended.status in REDRIVABLE:
        return {"RedriveCount": ended.redrives, "RedriveStatus": "REDRIVABLE"}
    reason = f"Execution is {status_of(ended)} and cannot be redriven"
    return {"RedriveCount": ended.redrives, "RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": reason}


def status_of(head: Head) -> str:
    """Return AWS's word for where an execution stands."""
    return _STATUS_NAMES.get(head.status, "RUNNING")


def _shown(payload: Payload, is_parsed: bool) -> Json:
    return payload.value if is_parsed else payload.encoded.decode()


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
