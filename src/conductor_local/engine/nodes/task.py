"""Task: ask for one call and wait for its answer, its time limit or its missing heartbeat.

Each attempt asks for an `Invoke` of its own; an answer to an earlier attempt finds nobody waiting and is ignored. A call that was
submitted elsewhere has no `Invoke` any more: only its callback or a timer ends it.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from conductor_local.engine import events as ev
from conductor_local.engine.draft import Draft
from conductor_local.engine.effects import Invoke, Timer
from conductor_local.engine.flow import fail, fail_evaluation, failure_of, finish
from conductor_local.engine.messages import (
    AnyMessage,
    Heartbeat,
    TaskAccepted,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
    WorkId,
)
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame, TaskMemo
from conductor_local.errors import EvaluationError
from conductor_local.payload import Payload
from conductor_local.program import ErrorName, Expr, Failure, Task

TAKEN = "activity"  # the kind of resource whose calls begin only when a worker takes them


def enter(draft: Draft, frame: Frame, node: Task, scope: NodeScope, arguments: Payload) -> None:
    """Ask for the call, and for a timer for each limit the node sets."""
    try:
        timeout_s, heartbeat_s = _seconds(node.timeout_s, scope), _seconds(node.heartbeat_s, scope)
        credentials = None if node.credentials is None else draft.payload(node.credentials(scope), frame)
    except EvaluationError as error:
        fail_evaluation(draft, frame, error)
        return
    memo = TaskMemo(scope.reserved_work or draft.work_id(frame), asked_at=draft.at)
    invoke = Invoke(
        id=memo.work_id, due_at=draft.at, node=node.name, path=frame.path, resource=node.resource, arguments=arguments,
        attempt=frame.attempt,
    )  # fmt: skip
    draft.ask(invoke)
    if timeout_s is not None:
        memo.timeout_timer = _set_timer(draft, frame, timeout_s)
    if heartbeat_s is not None:
        memo.heartbeat_s = heartbeat_s
        memo.heartbeat_by = draft.at + timedelta(seconds=heartbeat_s)
        memo.heartbeat_timer = _set_timer(draft, frame, heartbeat_s)
    frame.memo = memo
    event = ev.TaskScheduled(
        at=draft.at, node=node.name, title=node.title, resource=node.resource.name, resource_kind=node.resource.kind,
        attempt=frame.attempt, arguments=arguments, timeout_s=timeout_s, heartbeat_s=heartbeat_s,
        credentials=credentials,
    )  # fmt: skip
    draft.emit(event, frame)


def _seconds(expr: Expr | None, scope: NodeScope) -> float | None:
    return None if expr is None else float(expr(scope))


def _set_timer(draft: Draft, frame: Frame, seconds: float) -> WorkId:
    timer = Timer(id=draft.work_id(frame), due_at=draft.at + timedelta(seconds=seconds))
    draft.ask(timer)
    return timer.id


def resume(draft: Draft, frame: Frame, node: Task, message: AnyMessage) -> None:
    """Hear of the call; what answers another attempt is ignored."""
    memo = frame.memo
    if not isinstance(memo, TaskMemo):
        return
    match message:
        case TimerFired(work_id=timer) if timer == memo.timeout_timer:
            memo.timeout_timer = None
            _time_out(draft, frame, node, Failure(ErrorName.TIMEOUT))
        case TimerFired(work_id=timer) if timer == memo.heartbeat_timer:
            _check_heartbeat(draft, frame, node, memo)
        case Heartbeat(work_id=work_id) if work_id == memo.work_id and memo.heartbeat_timer:
            memo.heartbeat_by = draft.at + timedelta(seconds=memo.heartbeat_s)
        case TaskSubmitted(work_id=work_id) if work_id == memo.work_id and not memo.submitted:
            memo.submitted = True
            _emit_started(draft, frame, node, message.started_at, message.worker)
            _emit_submitted(draft, frame, node, message.output)
        case TaskAccepted(work_id=work_id) if work_id == memo.work_id and not memo.accepted:
            memo.accepted = True
            _emit_started(draft, frame, node, message.started_at)
            _emit_submitted(draft, frame, node, message.output)
        case TaskSucceeded(work_id=work_id) if work_id == memo.work_id:
            _succeed(draft, frame, node, memo, message)
        case TaskFailed(work_id=work_id) if work_id == memo.work_id and _is_nowhere(node, memo, message.failure):
            _fail_unscheduled(draft, frame, node, message.failure)
        case TaskFailed(work_id=work_id) if work_id == memo.work_id:
            _emit_begun(draft, frame, node, message)
            _emit_failed(draft, frame, node, message.failure, message.logs)
            fail(draft, frame, message.failure)


def _succeed(draft: Draft, frame: Frame, node: Task, memo: TaskMemo, message: TaskSucceeded) -> None:
    _emit_begun(draft, frame, node, message)
    try:
        draft.admit(message.result, frame, node.label or node.resource.name)
    except EvaluationError as error:
        failure = failure_of(error)
        _emit_failed(draft, frame, node, failure, message.logs)
        fail(draft, frame, failure)
        return
    if message.started_at is None and not memo.submitted:
        draft.cancel(memo.work_id)  # a callback was faster than the answer to the call itself
    draft.cancel(memo.timeout_timer)
    draft.cancel(memo.heartbeat_timer)
    event = ev.TaskSucceeded(at=draft.at, node=node.name, title=node.title, result=message.result, logs=message.logs)
    draft.emit(event, frame)
    finish(draft, frame, node, message.result)


def _is_nowhere(node: Task, memo: TaskMemo, failure: Failure) -> bool:
    """Whether there is nobody who could ever have taken the call."""
    return node.resource.kind == TAKEN and not memo.submitted and failure.error == ErrorName.RUNTIME


def _fail_unscheduled(draft: Draft, frame: Frame, node: Task, failure: Failure) -> None:
    """Fail as if the call had not been asked for: the number of the event that told of it is given to the next one.

    AWS finds that an activity is not there before it schedules it; recorded 2024.
    """
    if frame.attempt == 1 and frame.tail == draft.head.next_history_id - 1:
        draft.head.next_history_id, frame.tail = frame.tail, frame.entered_event
    place = f"An error occurred while executing the state '{node.name}' (entered at the event id #{frame.entered_event}). "
    fail(draft, frame, replace(failure, cause=f"{place}{failure.cause}"))


def _emit_begun(draft: Draft, frame: Frame, node: Task, message: TaskSucceeded | TaskFailed) -> None:
    """Tell of the beginning with the end, unless it was told of already."""
    assert isinstance(frame.memo, TaskMemo)
    if not frame.memo.accepted:
        _emit_started(draft, frame, node, message.started_at, message.worker)
        _emit_submitted(draft, frame, node, message.submitted)


def _emit_started(draft: Draft, frame: Frame, node: Task, started_at: datetime | None, worker: str | None = None) -> None:
    if started_at is not None:
        draft.emit(ev.TaskStarted(at=draft.at, node=node.name, title=node.title, started_at=started_at, worker=worker), frame)


def _emit_submitted(draft: Draft, frame: Frame, node: Task, output: Payload | None) -> None:
    if output is not None:
        draft.emit(ev.TaskSubmitted(at=draft.at, node=node.name, title=node.title, output=output), frame)


def _emit_failed(draft: Draft, frame: Frame, node: Task, failure: Failure, logs: Payload | None) -> None:
    draft.emit(ev.TaskFailed(at=draft.at, node=node.name, title=node.title, failure=failure, logs=logs), frame)


def _check_heartbeat(draft: Draft, frame: Frame, node: Task, memo: TaskMemo) -> None:
    """A heartbeat moved the deadline, not the timer: a timer that fires too early arms itself again."""
    assert memo.heartbeat_by is not None
    if memo.heartbeat_by > draft.at:
        memo.heartbeat_timer = _set_timer(draft, frame, (memo.heartbeat_by - draft.at).total_seconds())
        return
    memo.heartbeat_timer = None
    # AWS: history and execution say States.Timeout for a missed heartbeat; handlers match either name; observed 2024.
    _time_out(draft, frame, node, Failure(ErrorName.TIMEOUT, is_missed_heartbeat=True))


def _time_out(draft: Draft, frame: Frame, node: Task, failure: Failure) -> None:
    assert isinstance(frame.memo, TaskMemo)
    is_told = frame.memo.submitted or frame.memo.accepted
    if not is_told and node.resource.kind != TAKEN:  # nobody said so, but a call begins as soon as it is asked for
        _emit_started(draft, frame, node, frame.memo.asked_at)
    draft.emit(ev.TaskTimedOut(at=draft.at, node=node.name, title=node.title, failure=failure), frame)
    fail(draft, frame, failure)
