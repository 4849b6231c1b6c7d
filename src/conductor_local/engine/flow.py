"""How a frame moves: into a node, out of it with a result, or away from it with a failure.

The node kinds call `finish` and `fail`; what happens around a node, its slots, Retry and Catch, is the same for all of them and
lives here. A failure climbs from frame to parent until something handles it or the execution ends.
"""

from collections.abc import Collection

from conductor_local.engine import events as ev
from conductor_local.engine import run
from conductor_local.engine.draft import Draft
from conductor_local.engine.effects import Timer
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.retry import backoff, choose_retrier
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame, FrameStatus, RetryMemo
from conductor_local.engine.subtree import abort_children, drop_children, release
from conductor_local.errors import EvaluationError
from conductor_local.payload import NULL, Payload
from conductor_local.program import Catcher, ErrorName, Expr, Failure, Node, Rule, Task, Wait


def visit(draft: Draft, frame: Frame) -> None:
    """Begin one attempt of the node at which a ready frame stands."""
    node = draft.node(frame)
    is_entry = frame.attempt == 0
    frame.attempt += 1
    if is_entry:
        frame.entered_at = draft.at
        if not frame.redriven:
            frame.entered_event = draft.head.next_history_id  # that of the entry, which tells the arguments and so comes after them
        if frame.parent is None:
            draft.head.node = node.name
    scope = NodeScope(draft, frame, node)
    fault = None
    try:
        arguments = frame.input if node.arguments is None else _arguments(draft, frame, node, scope)
    except EvaluationError as error:
        fault = error
        arguments = frame.input
    if is_entry:
        _emit_entered(draft, frame, node, arguments)
    if fault is not None:
        fail_evaluation(draft, frame, fault)
        return
    frame.status = FrameStatus.WAITING
    draft.kind(node).enter(draft, frame, node, scope, arguments)


def _arguments(draft: Draft, frame: Frame, node: Node, scope: NodeScope) -> Payload:
    assert node.arguments is not None
    scope.arguments = scope.input
    scope.arguments = value = node.arguments(scope)
    return draft.payload(value, frame)


def _emit_entered(draft: Draft, frame: Frame, node: Node, arguments: Payload) -> None:
    event = ev.NodeEntered(
        at=draft.at, node=node.name, title=node.title, kind=draft.kind(node).name, input=frame.input,
        arguments=None if arguments == frame.input else arguments,
        function=node.resource.name if isinstance(node, Task) else None,
    )  # fmt: skip
    draft.emit(event, frame, in_history=not frame.redriven)


def failure_of(error: EvaluationError) -> Failure:
    """Turn a failed expression into a failure of its node."""
    return Failure(error.error, error.message)


def emit_evaluation_failed(draft: Draft, frame: Frame, error: EvaluationError) -> None:
    """Record that an expression failed, where its language shows that."""
    if error.location is None:
        return
    node = draft.node(frame)
    event = ev.EvaluationFailed(
        at=draft.at, node=node.name, title=node.title, failure=failure_of(error), location=error.location
    )  # fmt: skip
    draft.emit(event, frame, cause=_cause_of_evaluation(draft, frame, node))


def _cause_of_evaluation(draft: Draft, frame: Frame, node: Node) -> int:
    """AWS: right after the entry it points to what came before the entry, except in a Wait; observed 2024."""
    if frame.tail == frame.entered_event and not isinstance(node, Wait):
        for event in reversed(draft.events):
            if event.history_id == frame.entered_event:
                return event.cause
    return frame.tail


# --- out with a result ------------------------------------------------------------------------------------------------------------


def finish(
    draft: Draft, frame: Frame, node: Node, result: Payload, *, scope: NodeScope | None = None, rule: Rule | None = None
) -> None:
    """Leave a node whose work gave `result`: by its own slots and `next`, or by those of the `rule` a Choice took."""
    scope = scope or NodeScope(draft, frame, node)
    scope.result = result.value
    slots, next_node = (node, node.next) if rule is None else (rule, rule.next)
    try:
        assigned = _assigned(draft, frame, slots.assign, scope)
        output = result if slots.output is None else _output(draft, frame, slots.output, scope, result)
    except EvaluationError as error:
        fail_evaluation(draft, frame, error)
        return
    event = ev.NodeExited(
        at=draft.at, node=node.name, title=node.title, kind=draft.kind(node).name, output=output,
        result=None if result == output else result, assigned=assigned, attempts=frame.attempt, next=next_node,
    )  # fmt: skip
    draft.emit(event, frame)
    _leave(draft, frame, next_node, output, assigned)


def join(draft: Draft, frame: Frame, node: Node, succeeded: AnyEvent) -> None:
    """Leave a composite whose children have all ended, with the list of their outputs."""
    outputs = [NULL if child.output is None else child.output for child in draft.children(frame)]
    try:
        result = draft.admit(Payload.of_list(outputs), frame)
    except EvaluationError as error:
        fail_evaluation(draft, frame, error)
        return
    drop_children(draft, frame)
    draft.emit(succeeded, frame, is_tail=False)
    finish(draft, frame, node, result)


def _assigned(draft: Draft, frame: Frame, assign: Expr | None, scope: NodeScope) -> dict[str, Payload] | None:
    if assign is None:
        return None
    assigned = {name: Payload(value) for name, value in assign(scope).items()}
    limits, size = draft.program.limits, sum(payload.size for payload in assigned.values())
    if limits.assign_bytes is not None and size > limits.assign_bytes:
        raise _too_large(frame, f"assigns {size:,} bytes at once; at most {limits.assign_bytes:,} are allowed")
    if (held := size + _held(draft, frame, assigned)) > limits.variables_bytes:
        raise _too_large(frame, f"would make the variables {held:,} bytes; at most {limits.variables_bytes:,} are allowed")
    return assigned


def _held(draft: Draft, frame: Frame, replaced: Collection[str]) -> int:
    """Return the size of the variables that a frame sees, without those of its own that are about to be replaced."""
    size = sum(payload.size for name, payload in frame.variables.items() if name not in replaced)
    outer = None if frame.parent is None else draft.frame(frame.parent)
    return size if outer is None else size + _held(draft, outer, ())


def _too_large(frame: Frame, reason: str) -> EvaluationError:
    return EvaluationError(ErrorName.DATA_LIMIT, f"The state/task '{frame.node}' {reason}.")


def _output(draft: Draft, frame: Frame, output: Expr, scope: NodeScope, result: Payload) -> Payload:
    value = output(scope)
    return result if value is result.value else draft.payload(value, frame)


def _leave(draft: Draft, frame: Frame, next_node: str | None, output: Payload, assigned: dict[str, Payload] | None) -> None:
    if assigned:
        frame.variables = {**frame.variables, **assigned}
    frame.memo = None
    frame.redriven = False
    if next_node is None:
        _end_body(draft, frame, output)
        return
    frame.node, frame.input, frame.attempt, frame.retries = next_node, output, 0, []
    frame.status = FrameStatus.READY
    draft.ready.append(frame.id)


def _end_body(draft: Draft, frame: Frame, output: Payload) -> None:
    frame.status = FrameStatus.DONE
    frame.input, frame.output, frame.variables = NULL, output, {}
    if frame.parent is None:
        draft.drop(frame.id)
        run.succeed(draft, output, frame)
        return
    parent = draft.touch(frame.parent)
    node = draft.node(parent)
    child_ended = draft.kind(node).child_ended
    assert child_ended is not None
    child_ended(draft, parent, node, frame)


# --- away with a failure ----------------------------------------------------------------------------------------------------------


def fail_evaluation(draft: Draft, frame: Frame, error: EvaluationError) -> None:
    """Handle a failed expression at a frame's node."""
    emit_evaluation_failed(draft, frame, error)
    fail(draft, frame, failure_of(error))


def fail(draft: Draft, frame: Frame, failure: Failure) -> None:
    """Handle a failure at a frame's node: retry, else catch, else let it climb to the parent, else end the execution."""
    release(draft, frame)
    place = origin = frame
    origin_node = draft.node(origin)
    failed_at = origin.tail
    while True:
        node = draft.node(place)
        abort_children(draft, place, cause=failed_at)
        place.tail = failed_at
        if _retry(draft, place, node, failure):
            return
        if failed := draft.kind(node).failed:
            failed(draft, place, node)
        try:
            if _catch(draft, place, node, failure):
                return
        except EvaluationError as error:
            emit_evaluation_failed(draft, place, error)
            failure, failed_at = failure_of(error), place.tail
        place.status = FrameStatus.FAILED
        draft.emit(
            ev.NodeFailed(
                at=draft.at, node=node.name, title=node.title, kind=draft.kind(node).name, failure=failure, attempts=place.attempt
            ),
            place,
        )  # fmt: skip
        if place.parent is None:
            run.fail(draft, failure, place, origin, origin_node)
            return
        child, place = place, draft.touch(place.parent)
        parent_node = draft.node(place)
        if child_failed := draft.kind(parent_node).child_failed:
            child_failed(draft, place, parent_node, child)


def _retry(draft: Draft, frame: Frame, node: Node, failure: Failure) -> bool:
    index = choose_retrier(node.retry, frame.retries, failure)
    if index is None:
        return False
    counts = frame.retries or [0] * len(node.retry)
    frame.retries = [count + (place == index) for place, count in enumerate(counts)]
    retrier = node.retry[index]
    retry_at = draft.at + backoff(retrier, frame.retries[index], draft.entropy() if retrier.jitter else 0)
    drop_children(draft, frame)
    timer = Timer(id=draft.work_id(frame), due_at=retry_at)
    draft.ask(timer)
    frame.memo = RetryMemo(timer.id)
    frame.status = FrameStatus.WAITING
    event = ev.RetryScheduled(
        at=draft.at, node=node.name, title=node.title, failure=failure, attempt=frame.attempt, retry_at=retry_at
    )  # fmt: skip
    draft.emit(event, frame)
    return True


def _catch(draft: Draft, frame: Frame, node: Node, failure: Failure) -> bool:
    catcher = next((catcher for catcher in node.catch if catcher.matches(failure)), None)
    if catcher is None:
        return False
    scope = NodeScope(draft, frame, node, failure=failure)
    assigned = _assigned(draft, frame, catcher.assign, scope)
    output = frame.input if catcher.output is None else draft.payload(catcher.output(scope), frame)
    drop_children(draft, frame)
    _emit_caught(draft, frame, node, failure, catcher, output, assigned)
    _leave(draft, frame, catcher.next, output, assigned)
    return True


def _emit_caught(
    draft: Draft, frame: Frame, node: Node, failure: Failure, catcher: Catcher, output: Payload, assigned: dict[str, Payload] | None
) -> None:
    event = ev.NodeCaught(
        at=draft.at, node=node.name, title=node.title, kind=draft.kind(node).name, failure=failure, output=output,
        assigned=assigned, attempts=frame.attempt, next=catcher.next,
    )  # fmt: skip
    draft.emit(event, frame)
