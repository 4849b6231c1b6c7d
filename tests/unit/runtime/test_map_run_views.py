"""What is counted of a map run."""

from datetime import timedelta
from typing import Any

from conductor_local.engine import events as ev
from conductor_local.engine.nodes.map_run import item_name
from conductor_local.engine.state import Head, Status, create_execution
from conductor_local.payload import Payload
from conductor_local.runtime.map_run_views import MapRunView, fill_counts, is_pending_redrive, runs_of
from conductor_local.testing.kernel import BEGIN


def view(**fields: Any) -> MapRunView:
    given = {"status": "RUNNING", "window_max": 5, **fields}
    return MapRunView(run="r", label="each", node="Each", execution_id="e", started_at=BEGIN, **given)


def item(status: Status, *, round: int = 0, events: int = 1, input: Any = None) -> Head:
    head = create_execution(
        id="i", name="i", definition="d", definition_id="d", definition_name="d", partition=0, seed=1, input=Payload(input),
        at=BEGIN, round=round,
    ).head  # fmt: skip
    head.status, head.next_history_id = status, events
    return head


async def counted(run: MapRunView, *items: Head | None, events_max: int | None = None) -> MapRunView:
    names = {item_name("r", index): head for index, head in enumerate(items)}

    async def find(name: str) -> Head | None:
        return names.get(name)

    await fill_counts(run, find, events_max)
    return run


async def test_every_status_has_its_place() -> None:
    statuses = [Status.PENDING, Status.RUNNING, Status.SUSPENDED, Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT, Status.ABORTED]
    counts = (await counted(view(item_count=9), *map(item, statuses))).executions
    assert (counts.pending, counts.running, counts.succeeded, counts.failed, counts.timed_out, counts.aborted) == (1, 2, 1, 1, 1, 1)
    assert counts.total == 7


async def test_items_that_have_no_execution_yet_are_pending() -> None:
    items = (await counted(view(item_count=9), item(Status.SUCCEEDED), item(Status.PENDING))).items
    assert (items.succeeded, items.pending, items.total) == (1, 8, 9)


async def test_a_gap_may_be_as_wide_as_the_window() -> None:
    gap = [None] * 5
    assert (await counted(view(), item(Status.RUNNING), *gap, item(Status.RUNNING))).executions.running == 2
    assert (await counted(view(), item(Status.RUNNING), *gap, None, item(Status.RUNNING))).executions.running == 1


def test_a_run_whose_execution_ended_without_room_for_another_event_was_aborted() -> None:
    started = ev.MapRunStarted(at=BEGIN, node="Each", run="r", label="each", frame=1)
    head = item(Status.FAILED)
    head.ended_at = BEGIN + timedelta(seconds=1)
    (run,) = runs_of(head, [started])
    assert (run.status, run.ended_at) == ("ABORTED", head.ended_at)


async def test_batches_count_their_items() -> None:
    run = await counted(view(is_batched=True, item_count=3), item(Status.FAILED, input={"Items": [1, 2]}))
    assert (run.items.failed, run.items.pending, run.executions.failed, run.executions.pending) == (2, 1, 1, 0)


async def test_what_waits_to_be_redriven_and_what_never_will_be() -> None:
    full, waits, redriven = item(Status.FAILED, events=10), item(Status.ABORTED), item(Status.FAILED, round=2)
    run = await counted(view(redrives=2), full, waits, redriven, events_max=10)
    counts = run.executions
    assert (counts.pending_redrive, counts.failed, counts.aborted, counts.failures_not_redrivable) == (1, 2, 0, 1)
    over = view(redrives=2, status="FAILED", ended_at=BEGIN + timedelta(seconds=1))
    assert not is_pending_redrive(over, waits)
