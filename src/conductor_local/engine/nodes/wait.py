"""Wait: set one timer and go on when it fires; an instant that has passed goes on at once."""

from conductor_local.engine.draft import Draft
from conductor_local.engine.effects import Timer
from conductor_local.engine.flow import fail_evaluation, finish
from conductor_local.engine.messages import AnyMessage, TimerFired
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame, WaitMemo
from conductor_local.errors import EvaluationError
from conductor_local.payload import Payload
from conductor_local.program import Wait


def enter(draft: Draft, frame: Frame, node: Wait, scope: NodeScope, arguments: Payload) -> None:
    """Read the instant and ask for a timer; the arguments are kept and become the result."""
    try:
        until = node.until(scope)
    except EvaluationError as error:
        fail_evaluation(draft, frame, error)
        return
    if until <= draft.at:
        finish(draft, frame, node, arguments, scope=scope)
        return
    timer = Timer(id=draft.work_id(frame), due_at=until)
    draft.ask(timer)
    frame.memo = WaitMemo(timer.id, arguments)


def resume(draft: Draft, frame: Frame, node: Wait, message: AnyMessage) -> None:
    """Go on when it is this wait's timer that fired."""
    memo = frame.memo
    if isinstance(memo, WaitMemo) and isinstance(message, TimerFired) and message.work_id == memo.timer:
        finish(draft, frame, node, memo.result)
