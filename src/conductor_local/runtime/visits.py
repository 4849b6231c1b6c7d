"""One visit of a state, as its execution's events tell of it: what it was given, what came of it, what it could see.

Rules: pure. A frame's variables are those that it and the frames around it had assigned when the state was entered; the frame
around another one is the latest that was at work at the path it lies in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.payload import Payload
from conductor_local.program import Path

End = ev.NodeExited | ev.NodeCaught | ev.NodeFailed | ev.NodeAborted


@dataclass(slots=True)
class Visit:
    """`end` None: it goes on. `result` is what the work gave, `arguments` what the latest attempt was given; None: not told.

    `around` is the visit of the composite around it; `redrives` is how often the execution had been redriven.
    """

    entered: ev.NodeEntered
    variables: dict[str, Payload] = field(default_factory=dict)
    around: "Visit | None" = None
    arguments: Payload | None = None
    result: Payload | None = None
    retries: int = 0
    redrives: int = 0
    end: End | None = None


def visit_at(events: Sequence[AnyEvent], seq: int) -> Visit | None:
    """Return the visit that began with the event `seq`; None when no visit did. `events` are all from the first on."""
    entered = events[seq - 1] if 0 < seq <= len(events) else None
    if not isinstance(entered, ev.NodeEntered):
        return None
    visit = inner = _seen(events, entered)
    while inner.entered.path:
        *path, name, _ = inner.entered.path
        around = _latest(events, entered.seq, tuple(path), str(name))
        if around is None:
            break
        inner.around = _seen(events, around)
        inner = inner.around
    return visit


def is_over(events: Sequence[AnyEvent], entered: AnyEvent) -> bool:
    """Whether `events` tell the end of the visit that `entered` began."""
    return any(isinstance(event, End) and event.frame == entered.frame and event.seq > entered.seq for event in events)


def _seen(events: Sequence[AnyEvent], entered: ev.NodeEntered) -> Visit:
    visit = Visit(entered, _variables(events, entered))
    visit.redrives = sum(isinstance(event, ev.ExecutionRedriven) for event in events[: entered.seq])
    for event in events[entered.seq :]:
        if event.frame == entered.frame:
            if isinstance(event, ev.NodeEntered):
                break
            _note(visit, event)
            if visit.end is not None:
                break
    return visit


def _note(visit: Visit, event: AnyEvent) -> None:
    match event:
        case ev.TaskScheduled(arguments=arguments):
            visit.arguments, visit.result = arguments, None
        case ev.TaskSucceeded(result=result):
            visit.result = result
        case ev.TaskFailed() | ev.TaskTimedOut():
            visit.result = None
        case ev.RetryScheduled():
            visit.retries += 1
        case ev.NodeExited(result=result, output=output):
            visit.result, visit.end = result or output, event
        case ev.NodeCaught() | ev.NodeFailed() | ev.NodeAborted():
            visit.end = event


def _variables(events: Sequence[AnyEvent], entered: ev.NodeEntered) -> dict[str, Payload]:
    assigned: dict[int, dict[str, Payload]] = {}
    frames: dict[Path, int] = {}
    for event in events[: entered.seq]:
        if isinstance(event, ev.NodeEntered):
            frames[event.path] = event.frame
        elif isinstance(event, ev.NodeExited | ev.NodeCaught) and event.assigned:
            assigned.setdefault(event.frame, {}).update(event.assigned)
    chain = [frames.get(entered.path[:length]) for length in range(0, len(entered.path) + 1, 2)]
    return {name: value for frame in chain if frame is not None for name, value in assigned.get(frame, {}).items()}


def _latest(events: Sequence[AnyEvent], before: int, path: Path, node: str) -> ev.NodeEntered | None:
    for event in reversed(events[: before - 1]):
        if isinstance(event, ev.NodeEntered) and event.path == path and event.node == node:
            return event
    return None
