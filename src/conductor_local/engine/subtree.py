"""What lies below a frame and what it waits for: taking it back, ending it, forgetting it."""

from conductor_local.engine import events as ev
from conductor_local.engine.draft import Draft
from conductor_local.engine.effects import Invoke
from conductor_local.engine.state import OPEN, Frame, FrameStatus, MapMemo, MapRunMemo, ParallelMemo, RetryMemo, TaskMemo, WaitMemo
from conductor_local.payload import Payload
from conductor_local.program import Resource, Task

STOP_MAP_RUN = "map-run-stop"
"""The kind of resource that ends what a map run has started; nobody waits for its answer."""


def release(draft: Draft, frame: Frame) -> None:
    """Take back the work a frame waits for. A composite's memo stays: its children are released one by one; so does a map run's."""
    match frame.memo:
        case TaskMemo() as memo:
            if not memo.submitted:
                draft.cancel(memo.work_id)
            draft.cancel(memo.timeout_timer)
            draft.cancel(memo.heartbeat_timer)
        case MapRunMemo() as memo:
            if memo.work_id is not None:
                draft.cancel(memo.work_id)
                memo.work_id = None
                _stop_run(draft, frame, memo.order)
            return  # a redrive goes on with this run
        case WaitMemo(timer=timer) | RetryMemo(timer=timer):
            draft.cancel(timer)
        case _:
            return
    frame.memo = None


def _stop_run(draft: Draft, frame: Frame, order: Payload) -> None:
    """Ask for the end of the executions that a map run has started. Work like any other, so that no crash forgets them."""
    resource = Resource(STOP_MAP_RUN, frame.node)
    draft.ask(
        Invoke(
            id=draft.work_id(frame), due_at=draft.at, node=frame.node, path=frame.path, resource=resource, arguments=order,
            attempt=frame.attempt,
        )
    )  # fmt: skip


def _emit_run_aborted(draft: Draft, frame: Frame, cause: int) -> None:
    """Record that a map run was ended from outside. Where AWS has this event is not known; it comes before those of its states."""
    if isinstance(frame.memo, MapRunMemo) and frame.memo.work_id is not None:
        node = draft.node(frame)
        draft.emit(ev.MapRunAborted(at=draft.at, node=node.name, title=node.title), frame, cause=cause, is_tail=False)


def abort_children(draft: Draft, parent: Frame, *, cause: int) -> None:
    """End every child still at work because of the history event `cause`; their frames stay for a redrive."""
    if not isinstance(parent.memo, ParallelMemo | MapMemo):
        return
    is_map = isinstance(parent.memo, MapMemo)
    failed = None
    for seen in draft.children(parent):
        if seen.status not in OPEN:
            failed = seen if seen.status is FrameStatus.FAILED and seen.tail == cause else failed
            continue
        child = draft.touch(seen.id)
        abort_children(draft, child, cause=cause)
        _emit_run_aborted(draft, child, cause)
        release(draft, child)
        child.status = FrameStatus.ABORTED
        node = draft.node(child)
        if child.attempt:
            event = ev.NodeAborted(at=draft.at, node=node.name, title=node.title, kind=draft.kind(node).name)
            draft.emit(event, child, cause=cause, is_tail=False)
        if is_map:
            aborted = ev.IterationAborted(at=draft.at, node=parent.node, title=draft.node(parent).title, index=child.index)
            draft.emit(aborted, child, cause=cause, is_tail=False)
    if failed is not None and isinstance(node := draft.node(failed), Task):
        # AWS: the task whose failure ends the composite is itself shown as aborted; observed 2024.
        event = ev.NodeAborted(at=draft.at, node=node.name, title=node.title, kind=draft.kind(node).name)
        draft.emit(event, draft.touch(failed.id), cause=cause, is_tail=False)


def drop_children(draft: Draft, parent: Frame) -> None:
    """Forget a composite's children and what they have below them."""
    if not isinstance(parent.memo, ParallelMemo | MapMemo):
        return
    for child in draft.children(parent):
        drop_children(draft, child)
        draft.drop(child.id)
    parent.memo = None


def abort_all(draft: Draft) -> None:
    """End every frame still at work; they stay for a redrive. AWS shows no events for the open states of a stopped run."""
    for seen in list(draft.frames()):
        if seen.status in OPEN:
            frame = draft.touch(seen.id)
            if not draft.is_history_full:
                _emit_run_aborted(draft, frame, frame.tail)
            release(draft, frame)
            frame.status = FrameStatus.ABORTED
