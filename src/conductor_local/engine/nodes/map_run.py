"""MapRun: a map whose iterations are executions of their own. Ask for one run of all of them and wait for its end.

The whole run is one `Invoke`, so it is one durable obligation: whoever performs it may die and be followed by another, who meets
the executions that are there already. It carries the *order*, plain JSON:

    run          names this run; the names of its executions follow from it
    label        what the map is called
    items        the list, unless a reader gives them
    reader, batcher, writer    how items are read, gathered and how results are written; for the runner
    concurrency  how many executions at once; 0: as many as the runner allows
    toleratedCount, toleratedPercentage    how many items may fail; absent: none

The runner makes the value of each item when it is known (`engine/items.py`). When the node is over before the run is, the run is
taken back and a second `Invoke` (`STOP_MAP_RUN`) ends its executions; that too is done at least once.
"""

from hashlib import blake2b

from conductor_local.engine import events as ev
from conductor_local.engine.draft import Draft
from conductor_local.engine.effects import Invoke
from conductor_local.engine.flow import fail, fail_evaluation, finish
from conductor_local.engine.messages import AnyMessage, TaskFailed, TaskSucceeded, WorkId
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame, MapRunMemo
from conductor_local.errors import EvaluationError
from conductor_local.payload import Json, Payload
from conductor_local.program import MapRun, Resource

MAP_RUN = "map-run"
"""The kind of resource that performs a run; its name is the node's `processor`."""
WINDOW_MAX = 1_000
"""Executions of one run at once. AWS allows 10,000; here each waits in the same process, and more would not end sooner."""


def enter(draft: Draft, frame: Frame, node: MapRun, scope: NodeScope, arguments: Payload) -> None:
    """Read what is to be done and ask for it."""
    work_id = draft.work_id(frame)
    order: dict[str, Json] = {"run": run_name(draft.head.id, work_id), "label": node.label}
    try:
        if node.items is not None:
            order["items"] = draft.payload(node.items(scope), frame).value
        length = len(order.get("items", ()))  # AWS: a map that reads its items shows 0; observed 2023-2025
        draft.emit(ev.MapStarted(at=draft.at, node=node.name, title=node.title, length=length), frame)
        order |= node.order(scope)
    except EvaluationError as error:
        fail_evaluation(draft, frame, error)
        return
    _emit_started(draft, frame, node, order)
    asked = Payload(order)
    frame.memo = MapRunMemo(work_id, asked)
    draft.ask(
        Invoke(
            id=work_id, due_at=draft.at, node=node.name, path=frame.path, resource=Resource(MAP_RUN, node.processor),
            arguments=asked, attempt=frame.attempt,
        )
    )  # fmt: skip


def _emit_started(draft: Draft, frame: Frame, node: MapRun, order: dict[str, Json]) -> None:
    event = ev.MapRunStarted(
        at=draft.at, node=node.name, title=node.title, run=order["run"], label=node.label, concurrency=order.get("concurrency", 0),
        tolerated_count=order.get("toleratedCount"), tolerated_percentage=order.get("toleratedPercentage"),
        is_batched="batcher" in order,
    )  # fmt: skip
    draft.emit(event, frame)


def resume(draft: Draft, frame: Frame, node: MapRun, message: AnyMessage) -> None:
    """Hear how the run ended; what answers another run, or comes by a callback, is ignored."""
    memo = frame.memo
    if not isinstance(memo, MapRunMemo):
        return
    match message:
        case TaskSucceeded(work_id=memo.work_id, result=result, started_at=began) if began is not None:
            frame.memo = None
            _succeed(draft, frame, node, result)
        case TaskFailed(work_id=memo.work_id, failure=failure, started_at=began) if began is not None:
            frame.memo = None
            draft.emit(ev.MapRunFailed(at=draft.at, node=node.name, title=node.title, failure=failure), frame)
            fail(draft, frame, failure)


def failed(draft: Draft, frame: Frame, node: MapRun) -> None:
    """Record that no retry is left: of the run, or of an evaluation that the history shows."""
    latest = draft.events[-1] if draft.events else None
    if isinstance(latest, ev.MapRunFailed | ev.EvaluationFailed) and latest.frame == frame.id:
        draft.emit(ev.MapFailed(at=draft.at, node=node.name, title=node.title), frame)


def _succeed(draft: Draft, frame: Frame, node: MapRun, result: Payload) -> None:
    event = ev.MapRunSucceeded(at=draft.at, node=node.name, title=node.title)
    draft.emit(event, frame, is_tail=False)  # AWS: the exit points to the start of the run; observed 2024-11 to 2025
    try:
        draft.admit(result, frame)
    except EvaluationError as error:
        fail_evaluation(draft, frame, error)
        return
    draft.emit(ev.MapSucceeded(at=draft.at, node=node.name, title=node.title), frame, cause=event.history_id, is_tail=False)
    finish(draft, frame, node, result)


def run_name(execution_id: str, work_id: WorkId) -> str:
    """Name a run, in the form of a UUID: the same whoever performs it, another one for every attempt."""
    return _uuid(f"{execution_id}\0{work_id}")


def item_name(run: str, index: int) -> str:
    """Name the execution of an item or batch of a run, in the form of a UUID: the same whoever starts it."""
    return _uuid(f"{run}\0{index}")


def _uuid(text: str) -> str:
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    return "-".join((digest[:8], digest[8:12], f"4{digest[13:16]}", f"8{digest[17:20]}", digest[20:]))
