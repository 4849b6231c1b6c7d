"""One instance as the contract shows it: a pure fold of its head and events."""

from collections.abc import Iterable

import msgspec

from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Head, Status
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure
from conductor_local.runtime.views import (
    STATUS_NAMES,
    Instance,
    StepRecord,
    cancel_text,
    failure_text,
    function_text,
    json,
    timestamp,
)


def summary(head: Head) -> Instance:
    """Show an instance without its history, from the head alone."""
    current = head.output if head.output is not None else head.input
    return Instance(
        instance_id=head.id,
        workflow_definition_id=head.definition_id,
        workflow_definition_name=head.definition_name,
        status=STATUS_NAMES[head.status],
        initial_payload=json(head.input),
        current_payload=json(current),
        current_step_id=head.node,
        started_at=timestamp(head.started_at),
        ended_at=msgspec.UNSET if head.ended_at is None else timestamp(head.ended_at),
        error=error_text(head) or msgspec.UNSET,
        error_details=_error_details(head.failure) or msgspec.UNSET,
        suspended=head.suspension or msgspec.UNSET,
        redrives=head.redrives or msgspec.UNSET,
    )


def instance(head: Head, events: Iterable[AnyEvent]) -> Instance:
    """Show an instance with its history and the payload it has got to."""
    shown = summary(head)
    shown.history, current = _fold(events)
    if current is not None and head.output is None:
        shown.current_payload = json(current)
    return shown


def error_text(head: Head) -> str | None:
    """Say why an instance ended badly, in the contract's words."""
    failure = head.failure
    if failure is None:
        return None
    if head.status is Status.TIMED_OUT:
        return "The workflow ran longer than its timeoutSeconds."
    if head.status is Status.ABORTED:
        return cancel_text(failure)
    text = failure_text(failure)
    return f"Error in step {head.failed_title}: {text}" if head.failed_title else text


def _error_details(failure: Failure | None) -> dict[str, Json]:
    if failure is None:
        return {}
    named = {"error": failure.error} if failure.error else {}
    return {**named, **(failure.details or {})}


def _fold(events: Iterable[AnyEvent]) -> tuple[list[StepRecord], Payload | None]:
    """Return a record for each ended visit of a step, in the order of their ends, and the root's latest payload."""
    entered: dict[int, ev.NodeEntered] = {}
    records: list[StepRecord] = []
    current: Payload | None = None
    for event in events:
        match event:
            case ev.NodeEntered():
                entered[event.frame] = event
                current = event.input if event.path == () else current
            case ev.NodeExited() | ev.NodeCaught() | ev.NodeFailed():
                if entry := entered.pop(event.frame, None):
                    records.append(_record(entry, event))
                if event.path == () and not isinstance(event, ev.NodeFailed):
                    current = event.output
    return records, current


def _record(entry: ev.NodeEntered, end: ev.NodeExited | ev.NodeCaught | ev.NodeFailed) -> StepRecord:
    record = StepRecord(
        step_id=entry.node,
        function_name=function_text(entry.function),
        status="SUCCESS" if isinstance(end, ev.NodeExited) else "ERROR",
        started_at=timestamp(entry.at),
        ended_at=timestamp(end.at),
        input=json(entry.arguments or entry.input),
        attempts=end.attempts,
        path=entry.path,
    )
    if isinstance(end, ev.NodeExited):
        record.output = json(end.result or end.output)
    else:
        record.error = failure_text(end.failure)
    return record
