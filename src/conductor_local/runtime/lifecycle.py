"""Lifecycle events, the shape that the contract's clients know: a pure projection of the engine's events.

One engine event gives at most one lifecycle event. Its id is `<instance id>:<lifecycle_id>`, dense from 1 per instance, so that a
consumer can drop repeats and see gaps. Events leave the process, so secrets in payloads are masked here, whoever the reader is.
"""

from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.masking import mask
from conductor_local.payload import Json, Payload
from conductor_local.runtime.ports import Published
from conductor_local.runtime.views import cancel_text, failure_text, function_text, timestamp


def lifecycle_event(commit: Published, event: AnyEvent) -> dict[str, Json] | None:
    """Project one event of a commit; None when it is not part of the lifecycle."""
    if not event.lifecycle_id:
        return None
    fields = _workflow_fields(event, commit) or _step_fields(event)
    id = f"{commit.execution_id}:{event.lifecycle_id}"
    return {"id": id, "type": fields.pop("type"), "instanceId": commit.execution_id, **fields}


def _masked(payload: Payload) -> Json:
    return mask(payload.value)


def _workflow_fields(event: AnyEvent, commit: Published) -> dict[str, Json] | None:
    at, name = timestamp(event.at), commit.definition_name
    match event:
        case ev.ExecutionStarted():
            return {
                "type": "WORKFLOW_STARTED", "workflowDefinitionId": commit.definition_id, "workflowName": name, "startedAt": at,
                "initialPayload": _masked(event.input),
            }  # fmt: skip
        case ev.ExecutionSucceeded():
            return {"type": "WORKFLOW_COMPLETED", "workflowName": name, "endedAt": at}
        case ev.ExecutionFailed():
            text = failure_text(event.failure)
            error = f"Error in step {event.title}: {text}" if event.title else text
            return {"type": "WORKFLOW_FAILED", "workflowName": name, "error": error, "endedAt": at}
        case ev.ExecutionTimedOut():
            return {"type": "WORKFLOW_TIMED_OUT", "workflowName": name, "endedAt": at}
        case ev.ExecutionAborted():
            return {"type": "WORKFLOW_CANCELLED", "workflowName": name, "error": cancel_text(event.failure), "endedAt": at}
        case ev.ExecutionRedriven():
            return {"type": "WORKFLOW_REDRIVEN", "workflowName": name, "redrives": event.redrives, "startedAt": at}
    return None


def _step_fields(event: AnyEvent) -> dict[str, Json]:
    assert isinstance(event, ev.NodeEvent)
    step = {"stepId": event.node, "stepName": event.title, **({"path": event.path} if event.path else {})}
    at = timestamp(event.at)
    match event:
        case ev.NodeEntered():
            input = _masked(event.arguments or event.input)
            return {"type": "STEP_STARTED", **step, "functionName": function_text(event.function), "input": input, "startedAt": at}
        case ev.NodeExited():
            return {"type": "STEP_COMPLETED", **step, "output": _masked(event.result or event.output), "endedAt": at}
        case ev.NodeFailed() | ev.NodeCaught():
            return {"type": "STEP_FAILED", **step, "error": failure_text(event.failure), "endedAt": at}
        case ev.RetryScheduled():
            return {
                "type": "STEP_RETRY_SCHEDULED", **step, "error": failure_text(event.failure), "attempt": event.attempt,
                "retryAt": timestamp(event.retry_at), "endedAt": at,
            }  # fmt: skip
        case _:
            raise AssertionError(f"{type(event).__name__} says it is part of the lifecycle, and nothing here shows it")
