"""GetExecutionHistory: a pure fold of the engine's events.

An engine event gives one history event or none. Its `id` and `previousEventId` were drawn by the engine when it happened, because
texts quote them; nothing is numbered here. Rules: an event without a `history_id` is not shown; of two that have the same the later
is, because the engine took the earlier back; the detail object's name follows from the type; what a later event of a task does not
say, the fold remembers from when it was scheduled.
"""

from collections.abc import Iterable

from conductor_local.api.aws import tasks
from conductor_local.api.aws.machines import Machine
from conductor_local.api.aws.tasks import Details
from conductor_local.api.aws.texts import error_and_cause, text, with_details
from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.payload import Json, Payload

_EXECUTION_DATA = frozenset(
    {"input", "inputDetails", "output", "outputDetails", "parameters", "assignedVariables", "assignedVariablesDetails"}
)

Scheduled = dict[int, ev.TaskScheduled]
"""The task that each frame last asked for."""


def history(events: Iterable[AnyEvent], *, machine: Machine, include_data: bool = True) -> list[dict[str, Json]]:
    """Show all events of one execution, from its first on, as AWS's client returns them; without `include_data` no payloads."""
    scheduled: Scheduled = {}
    shown = {event.history_id: history_event(event, scheduled, machine, include_data) for event in events if event.history_id}
    return list(shown.values())


def history_event(event: AnyEvent, scheduled: Scheduled, machine: Machine, include_data: bool) -> dict[str, Json]:
    """Show one event that has a `history_id`. `scheduled` is what the fold remembers: empty before the first event."""
    if isinstance(event, ev.TaskScheduled):
        scheduled[event.frame] = event
    if isinstance(event, tasks.TaskEvent):
        kind, details = tasks.show(event, scheduled[event.frame], machine.region)
    else:
        kind, details = _show(event, machine)
    at = min(event.started_at, event.at) if isinstance(event, ev.TaskStarted) else event.at
    shown: dict[str, Json] = {"timestamp": at, "type": kind, "id": event.history_id, "previousEventId": event.cause}
    if details is not None:
        shown[member(kind)] = details if include_data else _without_data(details)
    return shown


def member(kind: str) -> str:
    """Name the detail object: that of a state's entry or exit is the same for all kinds of states."""
    for shared in ("StateEntered", "StateExited"):
        if kind.endswith(shared):
            kind = shared
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


def _without_data(details: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in details.items() if name not in _EXECUTION_DATA}


def _show(event: AnyEvent, machine: Machine) -> tuple[str, Details]:
    """Return type and details of an event that is not a task's."""
    match event:
        case ev.ExecutionStarted():
            return "ExecutionStarted", {**with_details("input", event.input), **_started_by(machine)}
        case ev.ExecutionSucceeded():
            return "ExecutionSucceeded", with_details("output", event.output)
        case ev.ExecutionFailed() | ev.ExecutionTimedOut() | ev.ExecutionAborted():
            return type(event).__name__, error_and_cause(event.failure)
        case ev.ExecutionRedriven(redrives=redrives):
            return "ExecutionRedriven", {"redriveCount": redrives}
        case ev.NodeEntered():
            return _state(event.kind, "Entered"), {"name": event.node, **with_details("input", event.input)}
        case ev.NodeExited() | ev.NodeCaught():
            exited = {"name": event.node, **with_details("output", event.output), **_assigned(event.assigned)}
            return _state(event.kind, "Exited"), exited
        case ev.NodeAborted():
            return _state(event.kind, "Aborted"), None
        case ev.EvaluationFailed():
            location = {"location": event.location} if event.location else {}
            return "EvaluationFailed", {"state": event.node, **location, **error_and_cause(event.failure)}
        case _:
            return _show_composite(event, machine)


def _show_composite(event: AnyEvent, machine: Machine) -> tuple[str, Details]:
    match event:
        case ev.ParallelStarted() | ev.ParallelSucceeded() | ev.ParallelFailed():
            return "ParallelState" + type(event).__name__.removeprefix("Parallel"), None
        case ev.MapStarted(length=length):
            return "MapStateStarted", {"length": length}
        case ev.MapSucceeded() | ev.MapFailed():
            return "MapState" + type(event).__name__.removeprefix("Map"), None
        case ev.MapRunStarted():
            return "MapRunStarted", {"mapRunArn": map_run_arn(machine.arn, event.label, event.run)}
        case ev.MapRunRedriven():
            return "MapRunRedriven", {
                "mapRunArn": map_run_arn(machine.arn, event.label, event.run), "redriveCount": event.redrives,
            }  # fmt: skip
        case ev.MapRunSucceeded() | ev.MapRunAborted():
            return type(event).__name__, None
        case ev.MapRunFailed(failure=failure):
            return "MapRunFailed", error_and_cause(failure)
        case ev.IterationStarted() | ev.IterationSucceeded() | ev.IterationFailed() | ev.IterationAborted():
            return f"Map{type(event).__name__}", {"name": event.node, "index": event.index}
        case _:
            raise AssertionError(f"{type(event).__name__} has a place in the history, and nothing here shows it")


def map_run_arn(machine_arn: str, label: str, run: str) -> str:
    """Name a run of a distributed Map."""
    return f"{machine_arn.replace(':stateMachine:', ':mapRun:', 1)}/{label}:{run}"


def _state(kind: str, what: str) -> str:
    return f"{kind.capitalize()}State{what}"


def _started_by(machine: Machine) -> dict[str, Json]:
    named = {"stateMachineAliasArn": machine.alias_arn, "stateMachineVersionArn": machine.version_arn}
    return {"roleArn": machine.role_arn, **{name: arn for name, arn in named.items() if arn is not None}}


def _assigned(assigned: dict[str, Payload] | None) -> dict[str, Json]:
    if not assigned:
        return {}
    return {
        "assignedVariables": {name: text(value) for name, value in assigned.items()},
        "assignedVariablesDetails": {"truncated": False},
    }
