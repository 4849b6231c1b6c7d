"""The values of a map run's items, made outside of any step: where items are read from elsewhere, only the runner knows them.

Works on a copy of an execution that waits for the run, and changes nothing.
"""

from collections.abc import Callable

from conductor_local.engine.advance import KINDS
from conductor_local.engine.draft import Draft
from conductor_local.engine.entropy import entropy
from conductor_local.engine.messages import WorkId
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Execution, MapRunMemo
from conductor_local.payload import Json
from conductor_local.program import Item, MapRun, Program

Select = Callable[[Item], Json]
"""Makes the value of an item. Raises `EvaluationError`."""


def item_values(program: Program, execution: Execution, work_id: WorkId) -> Select | None:
    """Return how the node that waits for `work_id` makes the values of its items; None when nobody waits for that work any more."""
    draft = Draft(program, execution, KINDS)
    draft.head.seed, draft.head.draws = entropy(draft.head.seed, _number(work_id)), 0  # not what the execution itself will draw
    for frame in draft.frames():
        if isinstance(frame.memo, MapRunMemo) and frame.memo.work_id == work_id:
            node = draft.node(frame)
            assert isinstance(node, MapRun)
            select = node.item
            if select is None:
                return _same
            return lambda item: select(NodeScope(draft, frame, node, item=item))
    return None


def _same(item: Item) -> Json:
    return item.whole


def _number(work_id: WorkId) -> int:
    return int(work_id.rpartition(".")[2])
