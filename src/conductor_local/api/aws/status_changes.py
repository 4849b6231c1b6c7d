"""The events that AWS sends to EventBridge when the status of a Standard execution changes.

Rules: an entry tells the status that its event made, whatever became of the execution since; what is not known is null; input and
output whose escaped text takes more than the quota are left out, and said to be (Developer Guide, "Automating Step Functions event
delivery with EventBridge"). Executions of type Express have no such events.
"""

from collections.abc import Sequence
from datetime import datetime

from conductor_local.api.aws.found import Found, found_by
from conductor_local.api.aws.log_records import milliseconds, shortened
from conductor_local.api.aws.texts import error_and_cause, text
from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Head
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure
from conductor_local.runtime.chronicle import Chronicle
from conductor_local.runtime.news import StatusChange
from conductor_local.runtime.ports import Published

SOURCE, DETAIL_TYPE = "aws.states", "Step Functions Execution Status Change"
_Ended = ev.ExecutionSucceeded | ev.ExecutionFailed | ev.ExecutionTimedOut | ev.ExecutionAborted
_Change = ev.ExecutionStarted | ev.ExecutionRedriven | _Ended
_STATUSES: dict[type[AnyEvent], str] = {
    ev.ExecutionStarted: "RUNNING",
    ev.ExecutionRedriven: "RUNNING",
    ev.ExecutionSucceeded: "SUCCEEDED",
    ev.ExecutionFailed: "FAILED",
    ev.ExecutionTimedOut: "TIMED_OUT",
    ev.ExecutionAborted: "ABORTED",
}


class StatusChanges:
    """Tells the changes of status in commits."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle

    async def changes(self, commit: Published) -> Sequence[StatusChange]:
        """Return what a commit changed, in order. Raises `Unavailable`."""
        changed = [event for event in commit.events if isinstance(event, _Change)]
        head = await self._chronicle.head(commit.execution_id) if changed else None
        if head is None or (identity := await self._chronicle.identity(head)).is_express:
            return ()
        execution = found_by(identity, head)
        return [await self._change(execution, event) for event in changed]

    async def _change(self, execution: Found, event: _Change) -> StatusChange:
        redriven = await self._last_redrive(execution.head, event)
        detail = {**_detail(execution, event), **_redrive(event, redriven)}
        entry: dict[str, Json] = {
            "Time": event.at, "Source": SOURCE, "Resources": [execution.arn], "DetailType": DETAIL_TYPE, "Detail": detail,
        }  # fmt: skip
        return StatusChange(region=execution.machine.region, entry=entry)

    async def _last_redrive(self, head: Head, event: _Change) -> ev.ExecutionRedriven | None:
        """Return the latest redrive up to an event."""
        if isinstance(event, ev.ExecutionRedriven):
            return event
        before = await self._chronicle.events_before(head.id, event.seq) if head.redrives else ()
        return next((each for each in reversed(before) if isinstance(each, ev.ExecutionRedriven)), None)


def _detail(execution: Found, event: _Change) -> dict[str, Json]:
    head, machine, has_ended = execution.head, execution.machine, isinstance(event, _Ended)
    return {
        "executionArn": execution.arn,
        "stateMachineArn": machine.arn,
        "name": head.name,
        "status": _STATUSES[type(event)],
        "startDate": milliseconds(head.started_at),
        "stopDate": milliseconds(event.at) if has_ended else None,
        **_data("input", head.input),
        **_data("output", event.output if isinstance(event, ev.ExecutionSucceeded) else None),
        "stateMachineVersionArn": machine.version_arn,
        "stateMachineAliasArn": machine.alias_arn,
        "error": None,
        "cause": None,
        **error_and_cause(_failure(event)),
    }


def _data(name: str, payload: Payload | None) -> dict[str, Json]:
    if payload is None:
        return {name: None, f"{name}Details": None}
    shown = text(payload)
    is_included = shortened(shown) is None
    return {name: shown if is_included else None, f"{name}Details": {"included": is_included}}


def _failure(event: _Change) -> Failure | None:
    """AWS names no error for an execution that ran out of time; observed 2025."""
    return event.failure if isinstance(event, ev.ExecutionFailed | ev.ExecutionAborted) else None


def _redrive(event: _Change, redriven: ev.ExecutionRedriven | None) -> dict[str, Json]:
    status = _STATUSES[type(event)]
    is_redrivable = status not in ("RUNNING", "SUCCEEDED")
    at: datetime | None = None if redriven is None else redriven.at
    return {
        "redriveCount": 0 if redriven is None else redriven.redrives,
        "redriveDate": None if at is None else milliseconds(at),
        "redriveStatus": "REDRIVABLE" if is_redrivable else "NOT_REDRIVABLE",
        "redriveStatusReason": None if is_redrivable else f"Execution is {status} and cannot be redriven",
    }
