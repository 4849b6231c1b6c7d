"""What may happen to a map run while it is under way or when it is over: new limits, an end from outside, a redrive."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.integration.test_map_run import PATIENCE_S, bucket, children, fail_at, machine, plain, reader, settings, task, until

from conductor_local.api.aws import Machine, history
from conductor_local.errors import Conflict, InvalidRequest, NotFound
from conductor_local.functions.registry import describe
from conductor_local.runtime.map_run_views import MapRunView, is_pending_redrive
from conductor_local.runtime.service import Service
from conductor_local.runtime.wiring import open_runtime
from conductor_local.testing.harness import Harness


class Gate:
    """A function `work` whose calls wait until they are let through."""

    def __init__(self) -> None:
        self.entered: list[int] = []
        self.most = self._running = 0
        self.open = asyncio.Semaphore(0)

    async def work(self, n: int) -> int:
        self.entered.append(n)
        self._running += 1
        self.most = max(self.most, self._running)
        try:
            await self.open.acquire()
        finally:
            self._running -= 1
        if n < 0:
            raise ValueError(f"{n} is bad")
        return n

    def let(self, number: int) -> None:
        for _ in range(number):
            self.open.release()


@asynccontextmanager
async def at_work(folder: Path, gate: Gate, definition: Any = None, items: Any = None) -> Any:
    """Open a runtime; with a definition start it and give its id and that of its only run."""
    async with open_runtime(settings(folder), functions=[describe(gate.work, name="work")]) as runtime:
        service = runtime.service
        if definition is None:
            yield service
            return
        defined = await service.publish(definition)
        started = await service.start(defined.definition.id, items)
        yield service, started.instance_id


async def the_run(service: Service, instance_id: str) -> MapRunView:
    async with asyncio.timeout(PATIENCE_S):
        while not (runs := await service.runs.of(instance_id)):
            await asyncio.sleep(0.01)
    (run,) = runs
    return run


async def ended(service: Service, instance_id: str) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        return plain(await service.wait(instance_id))


async def shown(service: Service, instance_id: str) -> list[str]:
    """Return the types of the events that AWS would show."""
    events = history(await service.events(instance_id), machine=Machine(arn="arn:x:stateMachine:m", role_arn="r", region="r"))
    return [event["type"] for event in events]


# new limits


async def test_more_may_run_at_once_from_now_on(tmp_path: Path) -> None:
    gate = Gate()
    async with at_work(tmp_path, gate, machine(task("work"), MaxConcurrency=1), list(range(6))) as (service, id):
        await until(lambda: len(gate.entered) == 1)
        run = await the_run(service, id)
        await service.runs.update(id, run.run, max_concurrency=4)
        assert (await the_run(service, id)).max_concurrency == 4
        await until(lambda: len(gate.entered) == 4)
        gate.let(6)
        assert (await ended(service, id)).current_payload == list(range(6))


async def test_fewer_may_run_at_once_from_now_on(tmp_path: Path) -> None:
    gate = Gate()
    async with at_work(tmp_path, gate, machine(task("work"), MaxConcurrency=4), list(range(8))) as (service, id):
        await until(lambda: len(gate.entered) == 4)
        await service.runs.update(id, (await the_run(service, id)).run, max_concurrency=1)
        gate.let(3)
        await until(lambda: gate._running == 1)
        gate.most = 1
        gate.let(5)
        assert (await ended(service, id)).status == "COMPLETED"
        assert gate.most == 1


async def test_what_is_tolerated_counts_for_what_has_failed_already(tmp_path: Path) -> None:
    gate = Gate()
    fields = {"ToleratedFailureCount": 2, "MaxConcurrency": 1}
    async with at_work(tmp_path, gate, machine(task("work"), **fields), [-1, 1, 2]) as (service, id):
        gate.let(1)
        await until(lambda: len(gate.entered) == 2)
        run = await the_run(service, id)
        assert (run.executions.failed, run.tolerated_failure_count) == (1, 2)
        await service.runs.update(id, run.run, tolerated_failure_count=0)
        assert (await ended(service, id)).error_details["error"] == "States.ExceedToleratedFailureThreshold"


async def test_more_is_tolerated_from_now_on(tmp_path: Path) -> None:
    gate = Gate()
    async with at_work(tmp_path, gate, machine(task("work"), MaxConcurrency=1), [0, -1, 2]) as (service, id):
        await service.runs.update(id, (await the_run(service, id)).run, tolerated_failure_percentage=40.0)
        gate.let(3)
        assert (await ended(service, id)).current_payload == [0, 2]


async def test_new_limits_hold_after_a_restart(tmp_path: Path) -> None:
    gate = Gate()
    async with at_work(tmp_path, gate, machine(task("work"), MaxConcurrency=1), [-1, -2, 3, 4]) as (service, id):
        await until(lambda: len(gate.entered) == 1)
        await service.runs.update(id, (await the_run(service, id)).run, max_concurrency=3, tolerated_failure_count=2)
    again = Gate()
    async with at_work(tmp_path, again) as service:
        await until(lambda: len(again.entered) == 3)
        again.let(4)
        assert (await ended(service, id)).current_payload == [3, 4]


async def test_a_run_that_has_ended_keeps_its_limits() -> None:
    async with Harness() as harness:
        done = await harness.run(machine(), [1])
        (run,) = await harness.service.runs.of(done.instance_id)
        with pytest.raises(Conflict, match="has ended"):
            await harness.service.runs.update(done.instance_id, run.run, max_concurrency=1)
        with pytest.raises(NotFound):
            await harness.service.runs.update(done.instance_id, "none", max_concurrency=1)
        for limits in ({}, {"max_concurrency": -1}, {"tolerated_failure_percentage": 101.0}):
            with pytest.raises(InvalidRequest):
                await harness.service.runs.update(done.instance_id, run.run, **limits)  # type: ignore[arg-type]


# an end from outside


@pytest.mark.parametrize("how", ["stopped", "timed out", "failed"])
async def test_a_parent_that_ends_ends_its_run(tmp_path: Path, how: str) -> None:
    gate, definition = Gate(), machine(task("work"), MaxConcurrency=2)
    gate.let(1)
    if how == "timed out":
        definition["TimeoutSeconds"] = 1
    if how == "failed":
        breaks = {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Fail"}, "Fail": {"Type": "Fail", "Error": "Broken"}}
        branches = [{"StartAt": "Each", "States": definition["States"]}, {"StartAt": "Wait", "States": breaks}]
        definition = {"name": "m", "StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}}
    async with at_work(tmp_path, gate, definition, [1, 2, 3, 4, 5]) as (service, id):
        await until(lambda: len(gate.entered) == 3)
        if how == "stopped":
            await service.cancel(id)
        await ended(service, id)
        async with asyncio.timeout(PATIENCE_S):
            while (await the_run(service, id)).executions.aborted != 2:
                await asyncio.sleep(0.01)
        run = await the_run(service, id)
        types = await shown(service, id)
    assert (run.status, run.ended_at is not None) == ("ABORTED", True)
    counts = run.executions
    assert (counts.succeeded, counts.aborted, counts.running, counts.pending, counts.total) == (1, 2, 0, 0, 3)
    assert (run.items.succeeded, run.items.aborted, run.items.pending, run.items.total) == (1, 2, 2, 5)
    after = {"stopped": "ExecutionAborted", "timed out": "ExecutionTimedOut", "failed": "MapStateAborted"}
    assert types[types.index("MapRunAborted") + 1] == after[how]


async def test_items_that_are_read_are_counted(tmp_path: Path) -> None:
    bucket(tmp_path, a__json="[1,2,3,4]")
    gate = Gate()
    definition = machine(task("work"), ItemReader=reader({"InputType": "JSON"}, Key="a.json"), MaxConcurrency=1)
    async with open_runtime(settings(tmp_path, buckets=tmp_path), functions=[describe(gate.work, name="work")]) as runtime:
        service = runtime.service
        started = await service.start((await service.publish(definition)).definition.id, {})
        await until(lambda: gate.entered)
        async with asyncio.timeout(PATIENCE_S):  # the first item may begin before it is heard how many there are
            while (run := await the_run(service, started.instance_id)).item_count is None:
                await asyncio.sleep(0.01)
        assert (run.item_count, run.items.running, run.items.pending, run.items.total) == (4, 1, 3, 4)
        gate.let(4)
        assert (await ended(service, started.instance_id)).status == "COMPLETED"


# redrives


async def test_a_redrive_runs_what_had_not_succeeded_and_nothing_else() -> None:
    calls: Counter[int] = Counter()
    is_broken = True

    def work(n: int) -> int:
        calls[n] += 1
        if n == 3 and is_broken:
            raise ValueError("3 is bad")
        return n * 10

    async with Harness(functions={"work": work}) as harness:
        service = harness.service
        failed = await harness.run(machine(task("work"), MaxConcurrency=1), [1, 2, 3, 4])
        id = failed.instance_id
        (before,) = await service.runs.of(id)
        assert (failed.status, before.executions.failed, before.items.pending) == ("FAILED", 1, 1)
        is_broken = False
        await service.redrive(id)
        again = await harness.wait(id)
        (after,) = await service.runs.of(id)
        items = await service.runs.items(id, after.run)
        types = await shown(service, id)
    assert (again.status, again.current_payload) == ("COMPLETED", [10, 20, 30, 40])
    assert calls == {1: 1, 2: 1, 3: 2, 4: 1}
    assert (after.run, after.status, after.redrives, after.redriven_at is not None) == (before.run, "SUCCEEDED", 1, True)
    assert [head.redrives for head in items] == [0, 0, 1, 0]
    assert (after.executions.succeeded, after.executions.total) == (4, 4)
    start = types.index("ExecutionRedriven")
    assert types[start : start + 4] == ["ExecutionRedriven", "MapRunRedriven", "MapRunSucceeded", "MapStateSucceeded"]


@pytest.mark.parametrize(("kind", "first_calls", "redrives"), [("STANDARD", 1, 1), ("EXPRESS", 2, 0)])
async def test_standard_children_go_on_and_express_ones_begin_anew(kind: str, first_calls: int, redrives: int) -> None:
    calls: Counter[str] = Counter()

    def first(n: int) -> int:
        calls["first"] += 1
        return n

    def second(n: int) -> int:
        calls["second"] += 1
        if calls["second"] == 1:
            raise ValueError("bad")
        return n + 1

    definition = machine(kind=kind)
    processor = definition["States"]["Each"]["ItemProcessor"]
    states = {"First": {**task("first"), "Next": "Second"}, "Second": task("second")}
    del states["First"]["End"]
    definition["States"]["Each"]["ItemProcessor"] = {**processor, "StartAt": "First", "States": states}
    async with Harness(functions={"first": first, "second": second}) as harness:
        failed = await harness.run(definition, [1])
        await harness.service.redrive(failed.instance_id)
        again = await harness.wait(failed.instance_id)
        (run,) = await harness.service.runs.of(failed.instance_id)
        (item,) = await harness.service.runs.items(failed.instance_id, run.run)
    assert (again.current_payload, calls["first"], calls["second"], item.redrives) == ([2], first_calls, 2, redrives)


async def test_a_redrive_fails_again_and_again() -> None:
    async with Harness(functions={"check": fail_at(2)}) as harness:
        failed = await harness.run(machine(task("check"), MaxConcurrency=1), [1, 2, 3])
        for round in (1, 2):
            await harness.service.redrive(failed.instance_id)
            assert (await harness.wait(failed.instance_id)).status == "FAILED"
            (run,) = await harness.service.runs.of(failed.instance_id)
            assert (run.status, run.redrives, run.executions.failed, run.executions.succeeded) == ("FAILED", round, 1, 1)
            items = await harness.service.runs.items(failed.instance_id, run.run)
            assert [head.redrives for head in items] == [0, round]


async def test_a_child_waits_for_its_turn_to_be_redriven(tmp_path: Path) -> None:
    gate = Gate()
    definition = machine(task("work"), MaxConcurrency=1, ToleratedFailureCount=1)
    async with at_work(tmp_path, gate, definition, [-1, -2, 3]) as (service, id):
        gate.let(2)
        assert (await ended(service, id)).status == "FAILED"
        await service.redrive(id)
        await until(lambda: len(gate.entered) == 3)
        run = await the_run(service, id)
        items = await service.runs.items(id, run.run)
        assert (run.executions.running, run.executions.pending_redrive, run.executions.failed) == (1, 1, 0)
        assert [is_pending_redrive(run, head) for head in items] == [False, True]
        await service.cancel(id)
        run = await the_run(service, id)
        assert run.executions.pending_redrive == 0


async def test_a_redrive_right_after_a_stop_waits_for_what_is_being_stopped(tmp_path: Path) -> None:
    gate = Gate()
    async with at_work(tmp_path, gate, machine(task("work")), list(range(5))) as (service, id):
        await until(lambda: len(gate.entered) == 5)
        await service.cancel(id)
        await service.redrive(id)
        await until(lambda: len(gate.entered) == 10)
        gate.let(5)
        assert (await ended(service, id)).current_payload == list(range(5))
        run = await the_run(service, id)
        assert [head.redrives for head in await service.runs.items(id, run.run)] == [1] * 5
        assert len(await children(service)) == 5


async def test_a_redrive_goes_on_after_a_restart(tmp_path: Path) -> None:
    gate = Gate()
    async with at_work(tmp_path, gate, machine(task("work"), MaxConcurrency=1), [1, -1, 2]) as (service, id):
        gate.let(2)
        assert (await ended(service, id)).status == "FAILED"
        await service.redrive(id)
        await until(lambda: len(gate.entered) == 3)
    again = Gate()
    async with at_work(tmp_path, again) as service:
        again.let(1)
        assert (await ended(service, id)).status == "FAILED"
        run = await the_run(service, id)
        assert [head.redrives for head in await service.runs.items(id, run.run)] == [0, 1]
    assert again.entered == [-1]
