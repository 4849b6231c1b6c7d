"""Advance one execution by one or more messages. READ THIS SECOND.

`advance(program, execution, *messages) -> Step` is the whole kernel: it delivers each message to the frame that waits for it and
then runs ready frames until all of them wait, or until the budget of one step is used. What it returns says what changed, what
happened and what the world is asked to do; nothing is done here.

    message ──> deliver ──> a frame wakes ──> advance_once, again and again ──> Step(frames, events, work)

Rules. *Pure*: the same program, execution and messages give the same step, byte for byte; the execution is not changed. The only
time is `message.at`, the only randomness `entropy(seed, draw)`, ids are counters. *Total*: what a user's workflow does wrong is a
`Failure` inside the execution; an exception out of here is our bug, and the runtime then parks the execution. *Once*: what answers
work that nobody waits for any more is ignored, so a message may come twice. *Folding*: many messages at once give the step that
they give one after another.

Nothing here knows which language a program was written in, and nothing may ask.
"""

from collections.abc import Mapping

from conductor_local.engine import run
from conductor_local.engine.draft import Draft, EventLimitReached, Kind
from conductor_local.engine.flow import visit
from conductor_local.engine.limits import TRANSITIONS_PER_STEP
from conductor_local.engine.messages import AnyMessage, Continue, Lost, Redrive, Start, Stop, TimerFired, WorkId
from conductor_local.engine.nodes import choice, ends, map, map_run, parallel, pass_, task, wait
from conductor_local.engine.state import ENDED, Execution, Frame, FrameStatus, RetryMemo, Status, Step
from conductor_local.program import Choice, Fail, Map, MapRun, Node, Parallel, Pass, Program, Succeed, Task, Wait

KINDS: Mapping[type[Node], Kind] = {
    Pass: Kind("pass", pass_.enter),
    Task: Kind("task", task.enter, task.resume),
    Wait: Kind("wait", wait.enter, wait.resume),
    Choice: Kind("choice", choice.enter),
    Succeed: Kind("succeed", ends.succeed),
    Fail: Kind("fail", ends.fail),
    Parallel: Kind("parallel", parallel.enter, child_ended=parallel.child_ended, failed=parallel.failed),
    Map: Kind(
        "map", map.enter, child_ended=map.child_ended, child_failed=map.child_failed, failed=map.failed, redriven=map.redriven
    ),
    MapRun: Kind("map", map_run.enter, map_run.resume, failed=map_run.failed),
}  # fmt: skip


def advance(program: Program, execution: Execution, *messages: AnyMessage) -> Step:
    """Handle the messages in order and return what changed."""
    draft = Draft(program, execution, KINDS)
    budget = TRANSITIONS_PER_STEP
    try:
        for message in messages:
            draft.move_to(message.at)
            deliver(draft, message)
            while budget > 0 and (frame := draft.next_ready()):
                advance_once(draft, frame)
                budget -= 1
    except EventLimitReached:
        run.exceed_events(draft)
    return draft.step()


def deliver(draft: Draft, message: AnyMessage) -> None:
    """Hand one message to the execution or to the frame that waits for it; what nobody waits for is dropped."""
    match message:
        case Start():
            run.begin(draft)
        case Stop():
            run.stop(draft, message)
        case Lost():
            run.lose(draft)
        case Redrive():
            run.redrive(draft, message)
        case _ if draft.head.status in ENDED:
            return
        case Continue():
            _continue(draft)
        case TimerFired(work_id=work_id) if work_id == draft.head.deadline:
            run.time_out(draft)
        case _:
            _resume(draft, message, message.work_id)


def advance_once(draft: Draft, frame: Frame) -> None:
    """Run one attempt of the node at which a ready frame stands: the unit that a debugger steps by."""
    visit(draft, frame)


def _continue(draft: Draft) -> None:
    draft.head.continuing = None
    draft.ready.extend(frame.id for frame in draft.frames() if frame.status is FrameStatus.READY)


def _resume(draft: Draft, message: AnyMessage, work_id: WorkId) -> None:
    seen = _waiting_for(draft, work_id)
    if seen is None or seen.status is not FrameStatus.WAITING or draft.head.status is not Status.RUNNING:
        return
    frame = draft.touch(seen.id)
    if isinstance(frame.memo, RetryMemo) and isinstance(message, TimerFired):
        if frame.memo.timer == work_id:
            frame.memo, frame.status = None, FrameStatus.READY
            draft.ready.append(frame.id)
        return
    node = draft.node(frame)
    if resume := draft.kind(node).resume:
        resume(draft, frame, node, message)


def _waiting_for(draft: Draft, work_id: WorkId) -> Frame | None:
    """Return the frame that a work id leads back to; ids from outside may be anything."""
    try:
        return draft.frame(int(work_id.partition(".")[0]))
    except ValueError:
        return None
