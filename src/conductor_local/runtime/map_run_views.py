"""What can be said of the map runs of an execution: from its events, and from the executions that the runs started."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime

import msgspec

from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.nodes.map_run import WINDOW_MAX, item_name
from conductor_local.engine.state import REDRIVABLE, Head, Status


class Counts(msgspec.Struct, kw_only=True, rename="camel"):
    """How many items, or executions, stand where.

    `total` counts the items as soon as they are known, and the executions that were started. `pending` have not begun;
    `pending_redrive` did not succeed and will be redriven; of those that failed, `failures_not_redrivable` never will be.
    """

    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    aborted: int = 0
    total: int = 0
    failures_not_redrivable: int = 0
    pending_redrive: int = 0


class MapRunView(msgspec.Struct, kw_only=True, rename="camel"):
    """One run of a distributed Map. `status` is RUNNING, SUCCEEDED, FAILED or ABORTED; `node` the Map's name.

    `item_count` is how many items there are, None before they have been read; `window_max` how many executions may ever have been
    under way at once.
    """

    run: str
    label: str
    node: str
    execution_id: str
    status: str
    started_at: datetime
    ended_at: datetime | None = None
    max_concurrency: int = 0
    tolerated_failure_count: int = 0
    tolerated_failure_percentage: float = 0.0
    is_batched: bool = False
    redrives: int = 0
    redriven_at: datetime | None = None
    item_count: int | None = None
    window_max: int = 0
    items: Counts = msgspec.field(default_factory=Counts)
    executions: Counts = msgspec.field(default_factory=Counts)


RUN_RECORD = "mapRun"
"""Kind of the records that tell the execution a run belongs to, by the run."""
RUN_LABEL = "mapRun"
"""Label of an execution that a run started: which one."""
_ENDS = {ev.MapRunSucceeded: "SUCCEEDED", ev.MapRunFailed: "FAILED", ev.MapRunAborted: "ABORTED"}
_COUNTED = {
    Status.PENDING: "pending", Status.SUCCEEDED: "succeeded", Status.FAILED: "failed", Status.TIMED_OUT: "timed_out",
    Status.ABORTED: "aborted",
}  # fmt: skip
Find = Callable[[str], Awaitable[Head | None]]
"""Finds the execution that a run named so."""


def runs_of(head: Head, events: Iterable[AnyEvent]) -> list[MapRunView]:
    """Return all runs of an execution, newest first, without counts."""
    found: dict[str, MapRunView] = {}
    open_runs: dict[int, MapRunView] = {}
    for event in events:
        match event:
            case ev.MapRunStarted():
                found[event.run] = open_runs[event.frame] = _started(head, event)
            case ev.MapRunRedriven():
                open_runs[event.frame] = _redriven(found[event.run], event)
            case ev.MapRunCounted():
                open_runs[event.frame].item_count = event.items
            case ev.MapRunUpdated():
                _update(open_runs[event.frame], event)
            case ev.MapRunSucceeded() | ev.MapRunFailed() | ev.MapRunAborted():
                _end(open_runs.pop(event.frame), _ENDS[type(event)], event.at)
    for run in open_runs.values():
        if head.ended_at is not None:  # there was no room in the history to say so
            _end(run, "ABORTED", head.ended_at)
    return list(found.values())[::-1]


def _started(head: Head, event: ev.MapRunStarted) -> MapRunView:
    return MapRunView(
        run=event.run, label=event.label, node=event.node, execution_id=head.id, status="RUNNING", started_at=event.at,
        max_concurrency=event.concurrency, tolerated_failure_count=event.tolerated_count or 0,
        tolerated_failure_percentage=event.tolerated_percentage or 0.0, is_batched=event.is_batched, item_count=event.items,
        window_max=_window(event.concurrency),
    )  # fmt: skip


def _redriven(run: MapRunView, event: ev.MapRunRedriven) -> MapRunView:
    run.status, run.ended_at, run.redrives, run.redriven_at = "RUNNING", None, event.redrives, event.at
    return run


def _update(run: MapRunView, event: ev.MapRunUpdated) -> None:
    run.max_concurrency, run.window_max = event.concurrency, max(run.window_max, _window(event.concurrency))
    run.tolerated_failure_count = event.tolerated_count or 0
    run.tolerated_failure_percentage = event.tolerated_percentage or 0.0


def _end(run: MapRunView, status: str, at: datetime) -> None:
    run.status, run.ended_at = status, at


def _window(concurrency: int) -> int:
    return min(concurrency or WINDOW_MAX, WINDOW_MAX)


async def fill_counts(run: MapRunView, find: Find, events_max: int | None = None) -> None:
    """Fill in the counts of a run; `events_max` is how many events one of its executions may have, and then is not redrivable."""
    async for child in children_of(run, find):
        items = len(child.input.value["Items"]) if run.is_batched else 1
        name = "pending_redrive" if is_pending_redrive(run, child, events_max) else _COUNTED.get(child.status, "running")
        for counts, more in ((run.executions, 1), (run.items, items)):
            setattr(counts, name, getattr(counts, name) + more)
            counts.total += more
            counts.failures_not_redrivable += more if child.status in REDRIVABLE and _is_full(child, events_max) else 0
    if run.item_count is not None:
        run.items.pending += run.item_count - run.items.total
        run.items.total = run.item_count


def is_pending_redrive(run: MapRunView, child: Head, events_max: int | None = None) -> bool:
    """Whether an execution waits for its turn to be redriven (AWS's status PENDING_REDRIVE): none does when the run is over."""
    has_failed = child.status in REDRIVABLE and child.round < run.redrives
    return run.status == "RUNNING" and has_failed and not _is_full(child, events_max)


def _is_full(child: Head, events_max: int | None) -> bool:
    return events_max is not None and child.next_history_id >= events_max


async def children_of(run: MapRunView, find: Find) -> AsyncIterator[Head]:
    """Yield the executions of a run in the order of their items. At most a window of them is missing before one that is there."""
    index = missing = 0
    while missing <= run.window_max and not (not run.is_batched and index == run.item_count):
        child = await find(item_name(run.run, index))
        index, missing = index + 1, missing + 1 if child is None else 0
        if child is not None:
            yield child
