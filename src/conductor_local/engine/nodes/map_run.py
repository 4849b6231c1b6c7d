"""MapRun: a map whose iterations are executions of their own. Ask for one run of all of them and wait for its end.

The whole run is one `Invoke`, so it is one durable obligation: whoever performs it may die and be followed by another, who meets
the executions that are there already. It carries the *order*, plain JSON:

    run          names this run; the names of its executions follow from it
    label        what the map is called
    items        the list, unless a reader gives them
    reader, batcher, writer    how items are read, gathered and how results are written; for the runner
    concurrency  how many executions at once; 0: as many as the runner allows
    toleratedCount, toleratedPercentage    how many items may fail; absent: none

    redrives     how often the run has been redriven; absent: never
    widest       how many executions may ever have been under way at once; absent: as many as `concurrency` says

The runner makes the value of each item when it is known (`engine/items.py`). When the node is over before the run is, the run is
taken back and a second `Invoke` (`STOP_MAP_RUN`) ends its executions; that too is done at least once. A run that did not succeed
stays in the frame's memo: when the execution is redriven, another `Invoke` goes on with it. While a run is under way its limits may
be changed; the memo has the order as it stands.
"""

from hashlib import blake2b

from conductor_local.engine import events as ev
from conductor_local.engine.draft import Draft
from conductor_local.engine.effects import Invoke
from conductor_local.engine.flow import fail, fail_evaluation, finish
from conductor_local.engine.messages import AnyMessage, RunCounted, RunUpdated, TaskFailed, TaskSucceeded, WorkId
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame, MapRunMemo
from conductor_local.errors import EvaluationError
from conductor_local.payload import Json, Payload
from conductor_local.program import ErrorName, Failure, MapRun, Resource

MAP_RUN = "map-run"
"""The kind of resource that performs a run; its name is the node's `processor`."""
WINDOW_MAX = 1_000
"""Executions of one run at once. AWS allows 10,000; here each waits in the same process, and more would not end sooner."""
REDRIVES_MAX = 1_000
"""Redrives of one run (AWS quota)."""
_BEGUN_ANEW = frozenset({ErrorName.DATA_LIMIT, ErrorName.RUNTIME})  # AWS, "Redriving Map Runs": such runs are not gone on with


def enter(draft: Draft, frame: Frame, node: MapRun, scope: NodeScope, arguments: Payload) -> None:
    """Read what is to be done and ask for it; or go on with a run that is there."""
    if isinstance(frame.memo, MapRunMemo):
        _redrive(draft, frame, node, frame.memo)
        return
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
    frame.memo = MapRunMemo(work_id, Payload(order))
    _ask(draft, frame, node, work_id, frame.memo.order)


def _redrive(draft: Draft, frame: Frame, node: MapRun, memo: MapRunMemo) -> None:
    order = memo.order.value
    redrives = order.get("redrives", 0) + 1
    if redrives > REDRIVES_MAX:
        frame.memo = None
        fail(draft, frame, Failure(ErrorName.RUNTIME, f"The map run was redriven {REDRIVES_MAX:,} times; no more is allowed."))
        return
    event = ev.MapRunRedriven(
        at=draft.at, node=node.name, title=node.title, run=order["run"], label=order["label"], redrives=redrives
    )  # fmt: skip
    draft.emit(event, frame)
    memo.work_id, memo.order = draft.work_id(frame), Payload({**order, "redrives": redrives})
    _ask(draft, frame, node, memo.work_id, memo.order)


def _ask(draft: Draft, frame: Frame, node: MapRun, work_id: WorkId, order: Payload) -> None:
    draft.ask(
        Invoke(
            id=work_id, due_at=draft.at, node=node.name, path=frame.path, resource=Resource(MAP_RUN, node.processor),
            arguments=order, attempt=frame.attempt,
        )
    )  # fmt: skip


def _emit_started(draft: Draft, frame: Frame, node: MapRun, order: dict[str, Json]) -> None:
    event = ev.MapRunStarted(
        at=draft.at, node=node.name, title=node.title, run=order["run"], label=node.label, **_limits(order),
        is_batched="batcher" in order, items=len(order["items"]) if "items" in order else None,
    )  # fmt: skip
    draft.emit(event, frame)


def _limits(order: dict[str, Json]) -> dict[str, Json]:
    return {
        "concurrency": order.get("concurrency", 0), "tolerated_count": order.get("toleratedCount"),
        "tolerated_percentage": order.get("toleratedPercentage"),
    }  # fmt: skip


def resume(draft: Draft, frame: Frame, node: MapRun, message: AnyMessage) -> None:
    """Hear how the run ended or what is new of it; what answers another run, or comes by a callback, is ignored."""
    memo = frame.memo
    if not isinstance(memo, MapRunMemo):
        return
    match message:
        case TaskSucceeded(work_id=memo.work_id, result=result, started_at=began) if began is not None:
            frame.memo = None
            _succeed(draft, frame, node, result)
        case TaskFailed(work_id=memo.work_id, failure=failure, started_at=began) if began is not None:
            memo.work_id = None
            if failure.error in _BEGUN_ANEW:
                frame.memo = None
            draft.emit(ev.MapRunFailed(at=draft.at, node=node.name, title=node.title, failure=failure), frame)
            fail(draft, frame, failure)
        case RunCounted(work_id=memo.work_id, items=items) if items != memo.items:
            memo.items = items
            draft.emit(ev.MapRunCounted(at=draft.at, node=node.name, title=node.title, items=items), frame)
        case RunUpdated(work_id=memo.work_id):
            _update(draft, frame, node, memo, message)


def _update(draft: Draft, frame: Frame, node: MapRun, memo: MapRunMemo, message: RunUpdated) -> None:
    """Take over new limits. Executions that the old ones allowed may still be under way."""
    order = memo.order.value
    told = {
        "concurrency": message.concurrency, "toleratedCount": message.tolerated_count,
        "toleratedPercentage": message.tolerated_percentage,
    }  # fmt: skip
    updated = {**order, **{name: limit for name, limit in told.items() if limit is not None}}
    updated["widest"] = max(window(order), window(updated), order.get("widest", 0))
    memo.order = Payload(updated)
    draft.emit(ev.MapRunUpdated(at=draft.at, node=node.name, title=node.title, **_limits(updated)), frame)


def window(order: dict[str, Json]) -> int:
    """Return how many executions an order allows at once."""
    return min(order.get("concurrency") or WINDOW_MAX, WINDOW_MAX)


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
