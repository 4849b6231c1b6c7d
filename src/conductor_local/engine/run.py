"""How a whole execution begins, ends and begins again."""

from datetime import timedelta

from conductor_local.engine import events as ev
from conductor_local.engine.draft import Draft
from conductor_local.engine.effects import Timer
from conductor_local.engine.limits import CAUSE_CHARS_MAX
from conductor_local.engine.messages import Redrive, Stop
from conductor_local.engine.state import ENDED, REDRIVABLE, Frame, FrameStatus, MapMemo, MapRunMemo, ParallelMemo, Status
from conductor_local.engine.subtree import abort_all
from conductor_local.payload import Payload
from conductor_local.program import ErrorName, Failure, Node

LOST = "The process that ran this execution ended, and an execution of this kind runs at most once."


def begin(draft: Draft) -> None:
    """Start a pending execution at the first node of its program."""
    head = draft.head
    if head.status is not Status.PENDING:
        return
    head.status = Status.RUNNING
    draft.emit(ev.ExecutionStarted(at=draft.at, input=head.input))
    _set_deadline(draft)
    draft.spawn(draft.program.body, head.input)


def succeed(draft: Draft, output: Payload, root: Frame) -> None:
    """End with the output of the root."""
    _end(draft, Status.SUCCEEDED)
    draft.head.output, draft.head.node = output, None
    draft.emit(ev.ExecutionSucceeded(at=draft.at, output=output), cause=root.tail)


def fail(draft: Draft, failure: Failure, root: Frame, origin: Frame, origin_node: Node) -> None:
    """End with a failure that nothing handled; `origin` is where it arose. Frames stay for a redrive."""
    _end(draft, Status.FAILED, failure, origin_node)
    event = ev.ExecutionFailed(at=draft.at, failure=failure, node=origin_node.name, title=origin_node.title)
    draft.emit(event, cause=root.tail)
    event.path = origin.path


def stop(draft: Draft, message: Stop) -> None:
    """End as aborted, because somebody asked for it."""
    is_late = message.round is not None and message.round < draft.head.round
    if draft.head.status in ENDED or is_late:
        return
    abort_all(draft)
    _end(draft, Status.ABORTED, message.failure)
    draft.emit(ev.ExecutionAborted(at=draft.at, failure=message.failure), cause=0)


def time_out(draft: Draft) -> None:
    """End because the whole run took too long."""
    failure = Failure(ErrorName.TIMEOUT)
    draft.head.deadline = None
    abort_all(draft)
    _end(draft, Status.TIMED_OUT, failure)
    draft.emit(ev.ExecutionTimedOut(at=draft.at, failure=failure), cause=0)


def lose(draft: Draft) -> None:
    """End because the process that ran it ended and nothing of it may run a second time."""
    if draft.head.status is not Status.RUNNING:
        return
    failure = Failure(ErrorName.RUNTIME, LOST)
    abort_all(draft)
    _end(draft, Status.FAILED, failure)
    draft.emit(ev.ExecutionFailed(at=draft.at, failure=failure), cause=0)


def exceed_events(draft: Draft) -> None:
    """End because the history may not grow; the event that says so is the last one allowed (AWS, observed)."""
    limit = draft.program.limits.events
    failure = Failure(ErrorName.RUNTIME, f"The execution reached the maximum number of history events ({limit}).")
    abort_all(draft)
    _end(draft, Status.FAILED, failure)
    draft.emit(ev.ExecutionFailed(at=draft.at, failure=failure))


def redrive(draft: Draft, message: Redrive) -> None:
    """Run an unsuccessful execution again: every node that had not succeeded, none that had; or all of them, when told so."""
    head = draft.head
    if head.status not in REDRIVABLE or 0 < message.round <= head.round:
        return
    head.round = max(head.round, message.round)
    if draft.is_history_full:
        return
    head.status = Status.RUNNING
    if message.is_anew:
        _forget(draft)
    else:
        head.redrives += 1
        head.redriven_at = draft.at
    head.ended_at = head.failure = head.output = head.failed_title = None
    draft.emit(ev.ExecutionRedriven(at=draft.at, redrives=head.redrives), cause=head.next_history_id - 1)
    _set_deadline(draft)
    root = next((frame for frame in draft.frames() if frame.parent is None), None)
    if root is None:
        draft.spawn(draft.program.body, head.input)
        return
    head.node = root.node
    for frame_id in _revive(draft, draft.touch(root.id)):
        _go_on(draft, frame_id)


def _forget(draft: Draft) -> None:
    """Forget what was done, as if the execution had not begun."""
    for frame in list(draft.frames()):
        draft.drop(frame.id)


def _revive(draft: Draft, frame: Frame) -> list[int]:
    """Make a frame and all that is unfinished below it open again; return the composites among them, innermost first."""
    frame.redriven = frame.redriven or frame.attempt > 0
    frame.retries = []
    if not isinstance(frame.memo, ParallelMemo | MapMemo):
        run = frame.memo if isinstance(frame.memo, MapRunMemo) else None
        frame.status, frame.attempt, frame.memo = FrameStatus.READY, 0, run
        draft.ready.append(frame.id)
        return []
    frame.status = FrameStatus.WAITING
    unfinished = [child for child in draft.children(frame) if child.status is not FrameStatus.DONE]
    frame.memo.running = len(unfinished)
    return [*(inner for child in unfinished for inner in _revive(draft, draft.touch(child.id))), frame.id]


def _go_on(draft: Draft, frame_id: int) -> None:
    """Let a redriven composite do what it had not done yet, unless another that failed at it has ended it meanwhile."""
    frame = draft.frame(frame_id)
    if frame is None or frame.status is not FrameStatus.WAITING or not isinstance(frame.memo, ParallelMemo | MapMemo):
        return
    node = draft.node(frame)
    if redriven := draft.kind(node).redriven:
        redriven(draft, draft.touch(frame_id), node)


def _set_deadline(draft: Draft) -> None:
    if draft.program.timeout_s is None:
        return
    due_at = draft.at + timedelta(seconds=draft.program.timeout_s)
    draft.head.deadline = draft.work_id(None)
    draft.ask(Timer(id=draft.head.deadline, due_at=due_at))


def _end(draft: Draft, status: Status, failure: Failure | None = None, node: Node | None = None) -> None:
    head = draft.head
    head.status, head.ended_at = status, draft.at
    if failure and failure.cause and len(failure.cause) > CAUSE_CHARS_MAX:
        failure = Failure(failure.error, failure.cause[:CAUSE_CHARS_MAX], failure.details)
    head.failure = failure
    if node is not None:
        head.node, head.failed_title = node.name, node.title
    draft.cancel(head.deadline)
    draft.cancel(head.continuing)
    head.deadline = head.continuing = None
    draft.ready.clear()
