"""Map: a child frame for each item, admitted in order by a window; the list of outputs in item order once all have ended.

The items stay in the memo as one payload; a child that ended shrinks to its output. So a commit writes what moved, never the whole.
"""

from conductor_local.engine import events as ev
from conductor_local.engine.draft import Draft
from conductor_local.engine.flow import fail_evaluation, join
from conductor_local.engine.limits import WINDOW_MAX
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame, MapMemo
from conductor_local.errors import EvaluationError
from conductor_local.payload import Json, Payload
from conductor_local.program import Item, Map


def enter(draft: Draft, frame: Frame, node: Map, scope: NodeScope, arguments: Payload) -> None:
    """Read items and window, then admit as many as fit."""
    try:
        items = draft.payload(node.items(scope), frame)
        draft.emit(ev.MapStarted(at=draft.at, node=node.name, title=node.title, length=len(items.value)), frame)
        window = 0 if node.window is None else int(node.window(scope))
    except EvaluationError as error:
        fail_evaluation(draft, frame, error)
        return
    frame.memo = MapMemo(items, arguments, window=min(window, WINDOW_MAX) if window > 0 else WINDOW_MAX)
    _go_on(draft, frame, node)


def child_ended(draft: Draft, frame: Frame, node: Map, child: Frame) -> None:
    """Count an iteration and admit the next."""
    assert isinstance(frame.memo, MapMemo)
    frame.memo.running -= 1
    event = ev.IterationSucceeded(at=draft.at, node=node.name, title=node.title, index=child.index)
    draft.emit(event, child, is_tail=False)
    frame.tail = event.history_id  # AWS: the end of the Map points to the last iteration that succeeded; observed 2023-2025
    _go_on(draft, frame, node, freed=child.tail)


def child_failed(draft: Draft, frame: Frame, node: Map, child: Frame) -> None:
    """Record which iteration ends the Map."""
    draft.emit(ev.IterationFailed(at=draft.at, node=node.name, title=node.title, index=child.index), child, is_tail=False)


def failed(draft: Draft, frame: Frame, node: Map) -> None:
    """Record that no retry is left: of the iterations, or of an evaluation that the history shows (AWS, observed 2024)."""
    latest = draft.events[-1] if draft.events else None
    if isinstance(frame.memo, MapMemo) or (isinstance(latest, ev.EvaluationFailed) and latest.frame == frame.id):
        draft.emit(ev.MapFailed(at=draft.at, node=node.name, title=node.title), frame)


def redriven(draft: Draft, frame: Frame, node: Map) -> None:
    """Admit what had not been admitted when the Map failed."""
    _go_on(draft, frame, node)


def _go_on(draft: Draft, frame: Frame, node: Map, freed: int | None = None) -> None:
    memo = frame.memo
    assert isinstance(memo, MapMemo)
    items = memo.items.value
    while memo.running < memo.window and memo.admitted < len(items):
        index = memo.admitted
        try:
            input = _iteration_input(draft, frame, node, memo, index, items[index])
        except EvaluationError as error:
            fail_evaluation(draft, frame, error)
            return
        memo.admitted += 1
        memo.running += 1
        child = draft.spawn(node.body, input, parent=frame, index=index)
        event = ev.IterationStarted(at=draft.at, node=node.name, title=node.title, index=index)
        draft.emit(event, child, cause=freed)
    if memo.running == 0:
        join(draft, frame, node, ev.MapSucceeded(at=draft.at, node=node.name, title=node.title))


def _iteration_input(draft: Draft, frame: Frame, node: Map, memo: MapMemo, index: int, item: Json) -> Payload:
    if node.item is None:
        return Payload(item)
    scope = NodeScope(draft, frame, node, item=Item(index, item))
    scope.arguments = memo.arguments.value
    return draft.payload(node.item(scope), frame)
