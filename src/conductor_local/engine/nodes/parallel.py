"""Parallel: a child frame for every branch; the list of their outputs once all have ended."""

from conductor_local.engine import events as ev
from conductor_local.engine.draft import Draft
from conductor_local.engine.flow import join
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame, ParallelMemo
from conductor_local.payload import Payload
from conductor_local.program import Parallel


def enter(draft: Draft, frame: Frame, node: Parallel, scope: NodeScope, arguments: Payload) -> None:
    """Start all branches with the same arguments."""
    draft.emit(ev.ParallelStarted(at=draft.at, node=node.name, title=node.title, branches=len(node.branches)), frame)
    frame.memo = ParallelMemo(running=len(node.branches))
    for index, branch in enumerate(node.branches):
        draft.spawn(branch, arguments, parent=frame, index=index)


def child_ended(draft: Draft, frame: Frame, node: Parallel, child: Frame) -> None:
    """Count a branch; the last one ends the node."""
    assert isinstance(frame.memo, ParallelMemo)
    frame.memo.running -= 1
    frame.tail = child.tail
    if frame.memo.running:
        return
    join(draft, frame, node, ev.ParallelSucceeded(at=draft.at, node=node.name, title=node.title))


def failed(draft: Draft, frame: Frame, node: Parallel) -> None:
    """Record that no retry of the branches is left."""
    if isinstance(frame.memo, ParallelMemo):
        draft.emit(ev.ParallelFailed(at=draft.at, node=node.name, title=node.title), frame)
