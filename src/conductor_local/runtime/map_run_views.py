"""What can be said of the map runs of an execution: from its events, and from the executions that the runs started."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime

import msgspec

from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.nodes.map_run import WINDOW_MAX, item_name
from conductor_local.engine.state import Head, Status


class Counts(msgspec.Struct, kw_only=True, rename="camel"):
    """How many items, or executions, stand where. `total` counts those that have been started."""

    running: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    aborted: int = 0
    total: int = 0


class MapRunView(msgspec.Struct, kw_only=True, rename="camel"):
    """One run of a distributed Map. `status` is RUNNING, SUCCEEDED, FAILED or ABORTED; `node` the Map's name."""

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
    items: Counts = msgspec.field(default_factory=Counts)
    executions: Counts = msgspec.field(default_factory=Counts)


_ENDS = {ev.MapRunSucceeded: "SUCCEEDED", ev.MapRunFailed: "FAILED"}
_COUNTED = {Status.SUCCEEDED: "succeeded", Status.FAILED: "failed", Status.TIMED_OUT: "timed_out", Status.ABORTED: "aborted"}
Find = Callable[[str], Awaitable[Head | None]]
"""Finds the execution that a run named so."""


def runs_of(head: Head, events: Iterable[AnyEvent]) -> list[MapRunView]:
    """Return all runs of an execution, newest first, without counts."""
    found: list[MapRunView] = []
    open_runs: dict[int, MapRunView] = {}
    for event in events:
        match event:
            case ev.MapRunStarted():
                found.append(_started(head, event))
                open_runs[event.frame] = found[-1]
            case ev.MapRunSucceeded() | ev.MapRunFailed():
                run = open_runs.pop(event.frame)
                run.status, run.ended_at = _ENDS[type(event)], event.at
            case ev.NodeAborted() if event.frame in open_runs:
                _abort(open_runs.pop(event.frame), event.at)
    for run in open_runs.values():
        if head.ended_at is not None:
            _abort(run, head.ended_at)
    return found[::-1]


def _started(head: Head, event: ev.MapRunStarted) -> MapRunView:
    return MapRunView(
        run=event.run, label=event.label, node=event.node, execution_id=head.id, status="RUNNING", started_at=event.at,
        max_concurrency=event.concurrency, tolerated_failure_count=event.tolerated_count or 0,
        tolerated_failure_percentage=event.tolerated_percentage or 0.0, is_batched=event.is_batched,
    )  # fmt: skip


def _abort(run: MapRunView, at: datetime) -> None:
    run.status, run.ended_at = "ABORTED", at


async def fill_counts(run: MapRunView, find: Find) -> None:
    """Fill in the counts of a run."""
    async for child in children_of(run, find):
        items = len(child.input.value["Items"]) if run.is_batched else 1
        name = _COUNTED.get(child.status, "running")
        for counts, more in ((run.executions, 1), (run.items, items)):
            setattr(counts, name, getattr(counts, name) + more)
            counts.total += more


async def children_of(run: MapRunView, find: Find) -> AsyncIterator[Head]:
    """Yield the executions of a run in the order of their items. At most a window of them is missing before one that is there."""
    index = missing = 0
    while missing <= min(run.max_concurrency or WINDOW_MAX, WINDOW_MAX):
        child = await find(item_name(run.run, index))
        index, missing = index + 1, missing + 1 if child is None else 0
        if child is not None:
            yield child
