"""The owner and its mailboxes: perform what was committed, lose nothing, do nothing twice that the store did not forget."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from conductor_local.engine.state import Status
from conductor_local.errors import Bug, Conflict, Fenced, Unavailable
from conductor_local.payload import Payload
from conductor_local.program import Failure
from conductor_local.runtime import changes as changes_module
from conductor_local.runtime import owner as owner_module
from conductor_local.runtime.ports import Definition, TaskCall
from conductor_local.stores.memory import MemoryStore

from .rig import T0, Faults, HandClock, Process, call, plain, process, until, wait, workflow

AWAY = Unavailable("the store is away")


async def hang(_: TaskCall) -> None:
    await asyncio.Event().wait()


# --- performing ------------------------------------------------------------------------------------------------------------------


async def test_a_function_is_called_only_after_the_commit_that_asked_for_it() -> None:
    async with process() as p:
        p.faults.hold("commit")
        started = await p.start(workflow(call("a")))
        await p.faults.reached["commit"].wait()
        assert p.functions.calls == []
        p.faults.release("commit")
        assert (await p.wait(started.instance_id)).status == "COMPLETED"
        assert p.functions.names == ["a"]


async def test_work_of_an_own_commit_is_performed_without_being_claimed() -> None:
    async with process() as p:
        claims = p.faults.counts["claim"]
        await p.run(workflow(call("a"), call("b")))
        assert p.faults.counts["claim"] == claims


async def test_work_posted_from_outside_is_claimed_after_a_nudge() -> None:
    async with process(functions={"a": hang}) as p:
        started = await p.start(workflow(call("a")))
        await until(lambda: p.functions.calls)
        assert (await p.service.cancel(started.instance_id)).status == "CANCELLED"


async def test_work_that_nobody_told_of_is_found_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner_module, "POLL_S", 0.01)
    monkeypatch.setattr(changes_module, "POLL_S", 0.01)
    store = MemoryStore()
    async with process(store) as first, process(store) as second:
        await until(lambda: first.owner.is_fenced)
        started = await first.start(workflow(call("a")))  # its bus does not reach the second process
        assert (await first.wait(started.instance_id)).status == "COMPLETED"
        assert (first.functions.names, second.functions.names) == ([], ["a"])


async def test_timers_fire_in_the_order_in_which_they_are_due() -> None:
    clock = HandClock()
    async with process(clock=clock) as p:
        ids = [(await p.start(workflow(wait(s), call("a"), name=f"w{s}"))).instance_id for s in (30, 10, 20)]
        await until(lambda: p.owner.is_idle and p.faults.counts["commit"] == 3)
        for expected in (1, 2, 0):
            await clock.pass_by(10)
            assert (await p.wait(ids[expected])).status == "COMPLETED"
        assert [each.execution_id for each in p.functions.calls] == [ids[1], ids[2], ids[0]]


async def test_the_virtual_clock_jumps_to_each_timer_and_no_further() -> None:
    async with process() as p:
        done = await p.run(workflow(wait(10), wait(3600, "Long")))
        assert [record.ended_at for record in done.history or []] == ["2026-03-01T12:00:10.000Z", "2026-03-01T13:00:10.000Z"]
        assert p.clock.now() == T0 + timedelta(seconds=3610)


async def test_a_timer_asked_for_while_a_claim_is_under_way_is_not_forgotten() -> None:
    clock = HandClock()
    async with process(clock=clock) as p:
        await until(lambda: p.owner.is_idle)
        p.faults.hold("claim")
        p.owner.wake()
        await p.faults.reached["claim"].wait()
        started = await p.start(workflow(wait(10)))
        await until(lambda: p.faults.counts["commit"] == 1 and not p.owner.backlog)
        p.faults.release("claim")
        await until(lambda: p.owner.is_idle)
        await clock.pass_by(10)
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


async def test_a_cancelled_instance_has_its_functions_cancelled() -> None:
    async with process(functions={"a": hang}) as p:
        started = await p.start(workflow(call("a")))
        await until(lambda: p.functions.calls)
        await p.service.cancel(started.instance_id)
        await until(lambda: p.functions.cancelled == ["a"])
        assert p.owner.running == 0


async def test_a_branch_that_fails_cancels_the_functions_beside_it() -> None:
    branches = [
        {"startAt": "x", "steps": {"x": call("a")}},
        {"startAt": "y", "steps": {"y": call("b")}},
    ]
    async with process(functions={"a": hang, "b": lambda call: Failure("No", "no")}) as p:
        done = await p.run(workflow({"name": "Both", "type": "parallel", "branches": branches}))
        assert done.error == "Error in step B: no"
        await until(lambda: p.functions.cancelled == ["a"])


async def test_a_function_that_outlives_its_step_is_cancelled_by_the_timeout() -> None:
    async with process(functions={"a": hang}) as p:
        clock_moves = p.start(workflow(call("a", timeoutSeconds=5)))
        started = await clock_moves
        await until(lambda: p.functions.calls)
        assert p.clock.now() == T0, "the virtual clock stands still while a function runs"
        await p.service.cancel(started.instance_id)


async def test_no_more_functions_run_at_once_than_are_allowed() -> None:
    running = most = 0
    go_on = asyncio.Event()

    async def count(_: TaskCall) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go_on.wait()
        running -= 1

    items = {"name": "Each", "type": "map", "itemsPath": "$.n", "iterator": {"startAt": "x", "steps": {"x": call("a")}}}
    async with process(functions={"a": count}, invocations_max=3) as p:
        started = await p.start(workflow(items), {"n": list(range(10))})
        await until(lambda: running == 3)
        go_on.set()
        await p.wait(started.instance_id)
        assert (most, len(p.functions.calls)) == (3, 10)


async def test_each_attempt_has_a_key_of_its_own() -> None:
    flaky = call("a", retry=[{"errorEquals": ["E"], "maxAttempts": 1}])
    async with process(functions={"a": lambda call: Failure("E") if call.invoke.attempt == 1 else 1}) as p:
        await p.run(workflow(flaky))
        assert [each.invoke.attempt for each in p.functions.calls] == [1, 2]
        assert len({each.idempotency_key for each in p.functions.calls}) == 2


async def test_the_late_answer_of_a_deleted_instance_is_dropped() -> None:
    answer = asyncio.Event()

    async def late(_: TaskCall) -> int:
        try:
            await answer.wait()
        except asyncio.CancelledError:
            await answer.wait()  # a function that does not hear that it was cancelled
        return 1

    async with process(functions={"a": late}) as p:
        started = await p.start(workflow(call("a")))
        await until(lambda: p.functions.calls)
        await p.service.cancel(started.instance_id)
        await p.service.delete_instance(started.instance_id)
        commits = p.faults.counts["commit"]
        answer.set()
        await until(lambda: p.owner.is_idle)
        assert p.faults.counts["commit"] == commits
        assert (await p.run(workflow(call("b")))).status == "COMPLETED"


# --- a store that fails ----------------------------------------------------------------------------------------------------------


async def test_after_a_conflict_the_instance_is_read_again() -> None:
    async with process() as p:
        p.faults.say("commit", Conflict("somebody was faster"))
        done = await p.run(workflow(call("a")))
        assert done.status == "COMPLETED"
        assert p.faults.counts["load"] > 0
        assert p.functions.names == ["a"]


@pytest.mark.parametrize("operation", ["commit", "load"])
async def test_a_store_that_is_away_is_asked_again(operation: str) -> None:
    async with process() as p:
        p.faults.say("commit", AWAY)
        p.faults.say(operation, AWAY)
        done = await p.run(workflow(call("a"), call("b")))
        assert (done.status, p.functions.names) == ("COMPLETED", ["a", "b"])
        assert len(done.history or []) == 2


@pytest.mark.parametrize("then", ["answers", "is away as well"])
async def test_a_commit_whose_answer_was_lost_is_not_made_again_and_is_performed(then: str) -> None:
    async with process() as p:
        p.faults.lose("commit", AWAY)
        if then == "is away as well":
            p.faults.say("describe", AWAY)
        started = await p.start(workflow(call("a")))
        await until(lambda: p.functions.calls)
        done = await p.wait(started.instance_id)
        assert (done.status, p.functions.names) == ("COMPLETED", ["a"])
        assert (await p.types(started.instance_id)).count("ExecutionStarted") == 1


async def test_what_a_claim_gave_is_given_again_when_its_answer_was_lost() -> None:
    clock = HandClock()
    async with process(clock=clock) as p:
        started = await p.start(workflow(wait(10), call("a")))
        await until(lambda: p.owner.is_idle and p.faults.counts["commit"] == 1)
        p.faults.lose("claim", AWAY)
        await clock.pass_by(10)
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


async def test_functions_in_hand_go_on_while_the_owner_acquires_anew() -> None:
    go_on = asyncio.Event()
    clock = HandClock()
    async with process(functions={"a": lambda call: go_on.wait()}, clock=clock, lost_tasks="fail") as p:
        started = await p.start(workflow(call("a")))
        await until(lambda: p.functions.calls)
        epoch = p.owner.epoch
        p.faults.lose("claim", AWAY)
        p.owner.wake()
        await until(lambda: p.owner.epoch != epoch and p.owner.running == 1)
        go_on.set()
        assert (await p.wait(started.instance_id)).status == "COMPLETED"
        assert p.functions.names == ["a"]


async def test_an_acquire_whose_answer_was_lost_does_not_fence_the_owner_itself() -> None:
    async with process() as p:
        p.faults.lose("claim", AWAY)
        p.faults.lose("acquire", AWAY)
        p.owner.wake()
        await until(lambda: p.faults.counts["acquire"] >= 2)
        done = await p.run(workflow(call("a")))
        assert (done.status, p.owner.is_fenced) == ("COMPLETED", False)


async def test_an_instance_whose_creation_went_unanswered_runs_all_the_same() -> None:
    async with process() as p:
        p.faults.lose("create", AWAY)
        with pytest.raises(Unavailable):
            await p.start(workflow(call("a")), key="k")
        again = await p.start(workflow(call("a")), key="k")
        done = await p.wait(again.instance_id)
        assert (done.status, p.functions.names) == ("COMPLETED", ["a"])


async def test_an_instance_whose_creator_gave_up_waiting_runs_all_the_same() -> None:
    async with process() as p:
        p.faults.hold("create")
        asking = asyncio.create_task(p.start(workflow(call("a")), key="k"))
        await p.faults.reached.setdefault("create", asyncio.Event()).wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await until(lambda: p.functions.names == ["a"])
        p.faults.release("create")


async def test_a_store_that_stays_away_does_not_keep_the_process_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner_module, "STOP_S", 0.01)
    store = MemoryStore()
    async with process(store) as p:
        p.faults.say("commit", *[AWAY] * 100)
        started = await p.start(workflow(call("a")))
        await until(lambda: p.faults.counts["commit"])
    async with process(store) as p:
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


# --- stopping and recovering -----------------------------------------------------------------------------------------------------


async def test_a_stopped_worker_leaves_its_rows_for_the_next() -> None:
    store = MemoryStore()
    async with process(store, {"b": hang}) as first:
        started = await first.start(workflow(call("a"), call("b"), call("c")))
        await until(lambda: first.functions.names == ["a", "b"])
    assert first.functions.cancelled == ["b"]
    async with process(store) as second:
        done = await second.wait(started.instance_id)
        assert (done.status, second.functions.names) == ("COMPLETED", ["b", "c"])
        lost, again = first.functions.calls[1], second.functions.calls[0]
        assert (lost.idempotency_key, lost.invoke.attempt) == (again.idempotency_key, again.invoke.attempt)


async def test_an_instance_created_while_nobody_owns_the_partition_runs_later() -> None:
    store = MemoryStore()
    async with process(store) as p:
        defined = await p.service.define(workflow(call("a")))
        await p.stop()
        started = await p.service.start(defined.definition.id, {})
    async with process(store) as p:
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


async def test_a_timer_outlives_the_process_that_set_it() -> None:
    store, clock = MemoryStore(), HandClock()
    async with process(store, clock=clock) as p:
        started = await p.start(workflow(wait(10)))
        await until(lambda: p.owner.is_idle and p.faults.counts["commit"] == 1)
    await clock.pass_by(100)
    async with process(store, clock=clock) as p:
        done = await p.wait(started.instance_id)
        assert (done.status, done.ended_at) == ("COMPLETED", "2026-03-01T12:01:40.000Z")


async def test_a_lost_task_can_be_made_to_fail() -> None:
    store = MemoryStore()
    async with process(store, {"a": hang}) as p:
        started = await p.start(workflow(call("a")))
        await until(lambda: p.functions.calls)
    async with process(store, lost_tasks="fail") as p:
        done = await p.wait(started.instance_id)
        assert (done.status, p.functions.names) == ("FAILED", [])
        assert "lost tasks are set to fail" in str(done.error)


async def test_retry_sees_a_lost_task_that_failed() -> None:
    store = MemoryStore()
    step = call("a", retry=[{"errorEquals": ["States.TaskFailed"]}])
    async with process(store, {"a": hang}) as p:
        started = await p.start(workflow(step))
        await until(lambda: p.functions.calls)
    async with process(store, lost_tasks="fail") as p:
        done = await p.wait(started.instance_id)
        assert (done.status, [each.invoke.attempt for each in p.functions.calls]) == ("COMPLETED", [2])


# --- another owner ---------------------------------------------------------------------------------------------------------------


async def test_a_fenced_owner_stops_calling_and_committing() -> None:
    store = MemoryStore()
    async with process(store, {"a": hang}) as first:
        started = await first.start(workflow(call("a")))
        await until(lambda: first.functions.calls)
        async with process(store) as second:
            done = await second.wait(started.instance_id)
            first.owner.wake()
            await until(lambda: first.owner.is_fenced)
            await until(lambda: first.functions.cancelled == ["a"])
            commits = first.faults.counts["commit"]
            assert (done.status, second.functions.names) == ("COMPLETED", ["a"])
            assert "another process took over" in (await first.service.ready())["worker"]
            assert await second.service.ready() == {}
            another = await first.start(workflow(call("b"), name="other"))
            second.owner.wake()
            assert (await second.wait(another.instance_id)).status == "COMPLETED"
            assert first.faults.counts["commit"] == commits


async def test_a_commit_that_is_fenced_makes_the_owner_give_up() -> None:
    go_on = asyncio.Event()
    store = MemoryStore()
    async with process(store, {"a": lambda call: go_on.wait()}) as p:
        started = await p.start(workflow(call("a"), call("b")))
        await until(lambda: p.functions.calls)
        await store.acquire(0)
        go_on.set()
        await until(lambda: p.owner.is_fenced)
        assert p.functions.names == ["a"]
        assert plain(await p.service.instance(started.instance_id)).status == "RUNNING"


async def test_an_owner_in_doubt_does_not_take_the_partition_back() -> None:
    store = MemoryStore()
    async with process(store) as p:
        await store.acquire(0)
        acquired = p.faults.counts["acquire"]
        p.faults.say("claim", AWAY)
        p.owner.wake()
        await until(lambda: p.owner.is_fenced)
        assert p.faults.counts["acquire"] == acquired


# --- faults of ours --------------------------------------------------------------------------------------------------------------


async def parked(p: Process, instance_id: str) -> str:
    """Return why an instance was parked."""
    await until(lambda: p.faults.counts["suspend"] and p.owner.is_idle)
    instance = await p.service.instance(instance_id)
    assert instance.status == "RUNNING"
    return str(instance.suspended)


async def test_a_fault_of_the_engine_parks_with_its_traceback_and_the_next_process_tries_again() -> None:
    store = MemoryStore()
    async with process(store, {"a": lambda call: object()}) as p:  # no runner gives that: encoding it fails in the kernel
        started = await p.start(workflow(call("a"), call("b")))
        assert "Traceback" in await parked(p, started.instance_id)
        kept = await store.load(started.instance_id)
    assert kept is not None
    assert kept.head.status is Status.SUSPENDED
    assert await p.work(started.instance_id) == [p.functions.calls[0].invoke.id]
    async with process(store) as p:
        done = await p.wait(started.instance_id)
        assert (done.status, p.functions.names) == ("COMPLETED", ["a", "b"])
        assert done.suspended is msgspec.UNSET


async def test_a_fault_before_the_first_step_is_tried_again_too() -> None:
    store, broken = MemoryStore(), Faults()
    broken.say("commit", Bug("a row that nobody can store"))
    async with process(store, faults=broken) as p:
        started = await p.start(workflow(call("a")))
        assert "a row that nobody can store" in await parked(p, started.instance_id)
    async with process(store) as p:
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


async def test_a_runner_that_raises_parks_the_instance() -> None:
    def broken(_: TaskCall) -> Any:
        raise RuntimeError("the runner is broken")

    store = MemoryStore()
    async with process(store, {"a": broken}) as p:
        started = await p.start(workflow(call("a")))
        assert "the runner is broken" in await parked(p, started.instance_id)
    async with process(store) as p:
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


async def test_parking_waits_for_a_store_that_is_away() -> None:
    async with process(functions={"a": lambda call: object()}) as p:
        p.faults.say("suspend", AWAY)
        started = await p.start(workflow(call("a")))
        await until(lambda: p.faults.counts["suspend"] == 2)
        assert "Traceback" in await parked(p, started.instance_id)


async def test_other_instances_go_on_when_one_is_parked() -> None:
    async with process(functions={"a": lambda call: object()}) as p:
        started = await p.start(workflow(call("a")))
        await parked(p, started.instance_id)
        assert (await p.run(workflow(call("b"), name="other"))).status == "COMPLETED"


async def test_an_answer_that_comes_after_the_parking_changes_nothing() -> None:
    go_on = asyncio.Event()
    branches = [{"startAt": "x", "steps": {"x": call("a")}}, {"startAt": "y", "steps": {"y": call("b")}}]
    store = MemoryStore()
    async with process(store, {"a": lambda call: object(), "b": lambda call: go_on.wait()}) as p:
        started = await p.start(workflow({"name": "Both", "type": "parallel", "branches": branches}))
        await until(lambda: p.faults.counts["suspend"])
        commits = p.faults.counts["commit"]
        go_on.set()
        await until(lambda: p.owner.is_idle)
        assert p.faults.counts["commit"] == commits
    async with process(store) as p:
        done = await p.wait(started.instance_id)
        assert (done.status, sorted(p.functions.names)) == ("COMPLETED", ["a", "b"])


async def test_a_definition_that_no_longer_compiles_parks_its_instances() -> None:
    store = MemoryStore()
    old = Definition(
        id="d", name="old", dialect="steps", document=Payload({"name": "old", "startAt": "gone", "steps": {}}), digest="d1",
        created_at=T0, updated_at=T0,
    )  # fmt: skip
    await store.put_definition(old, replaces=None)
    async with process(store) as p:
        started = await p.service.start("d", {})
        assert "no longer compiles" in await parked(p, started.instance_id)


async def test_an_ended_instance_stays_ended_whatever_fails() -> None:
    store = MemoryStore()
    async with process(store, {"a": lambda call: Failure("No", "no")}) as p:
        failed = await p.run(workflow(call("a")))
        p.faults.say("commit", Bug("broken"))
        asking = asyncio.create_task(p.service.redrive(failed.instance_id))
        await until(lambda: not p.faults.counts["suspend"] and p.faults.counts["post"] and p.owner.is_idle)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert (await p.service.instance(failed.instance_id)).status == "FAILED"
    async with process(store) as p:  # what was asked for is still there
        await until(lambda: p.functions.names == ["a"])
        assert (await p.wait(failed.instance_id)).status == "COMPLETED"


async def test_fencing_while_parking_gives_up() -> None:
    async with process(functions={"a": lambda call: object()}) as p:
        p.faults.say("suspend", Fenced("gone"))
        await p.start(workflow(call("a")))
        await until(lambda: p.owner.is_fenced)


async def test_when_parking_fails_too_the_rows_wait_for_the_next_process() -> None:
    store = MemoryStore()
    async with process(store, {"a": lambda call: object()}) as p:
        p.faults.say("suspend", RuntimeError("not even that"))
        started = await p.start(workflow(call("a")))
        await until(lambda: p.faults.counts["suspend"] and p.owner.is_idle)
        assert (await p.run(workflow(call("b"), name="other"))).status == "COMPLETED"
    async with process(store) as p:
        assert (await p.wait(started.instance_id)).status == "COMPLETED"


# --- memory ----------------------------------------------------------------------------------------------------------------------


async def test_instances_that_are_forgotten_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner_module, "CACHE_MAX", 2)
    clock = HandClock()
    async with process(clock=clock) as p:
        ids = []
        for n in range(6):
            ids.append((await p.start(workflow(wait(10), call("a"), name=f"w{n}"))).instance_id)
            await until(lambda: p.owner.is_idle)
        await clock.pass_by(10)
        assert {(await p.wait(id)).status for id in ids} == {"COMPLETED"}
        assert p.faults.counts["load"] > 0


async def test_a_recovered_call_waits_for_a_store_that_is_away() -> None:
    store = MemoryStore()
    async with process(store, {"a": hang}) as p:
        started = await p.start(workflow(call("a")))
        await until(lambda: p.functions.calls)
    away = Faults()
    away.say("load", AWAY)
    async with process(store, faults=away) as p:
        assert (await p.wait(started.instance_id)).status == "COMPLETED"
        assert p.functions.names == ["a"]
