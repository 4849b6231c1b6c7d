"""MapRun: one call for all items; what it gives or how it fails; what is asked for when nobody waits for it any more."""

from typing import Any

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.effects import Invoke
from conductor_local.engine.items import item_values
from conductor_local.engine.messages import Redrive, RunCounted, RunUpdated, Stop, TaskSucceeded
from conductor_local.engine.nodes.map_run import MAP_RUN, REDRIVES_MAX, run_name
from conductor_local.engine.state import MapRunMemo, Status
from conductor_local.engine.subtree import STOP_MAP_RUN
from conductor_local.payload import Payload
from conductor_local.program import Failure, Item, Limits, MapRun, Scope
from conductor_local.testing.kernel import BEGIN, Run

from .build import body, catch, constant, kinds, only, parallel, pass_, retry, started, task, wrong

FAILED = Failure("Failed", "somehow")


def map_run(name: str = "M", **slots: Any) -> MapRun:
    given = {"processor": f"/{name}", "label": "each", "order": constant({"concurrency": 2}), "items": lambda scope: scope.input}
    return MapRun(name=name, title=name, **{**given, **slots})


def asked(run: Run) -> Invoke:
    (invoke,) = run.invokes
    return invoke


def memo_of(run: Run) -> MapRunMemo:
    (memo,) = [frame.memo for frame in run.execution.frames.values()]
    assert isinstance(memo, MapRunMemo)
    return memo


def stop_of(run: Run) -> Invoke:
    (invoke,) = [invoke for invoke in run.invokes if invoke.resource.kind == STOP_MAP_RUN]
    return invoke


def test_one_call_carries_the_whole_order() -> None:
    run = started(map_run(), input=[1, 2])
    invoke = asked(run)
    assert (invoke.resource.kind, invoke.resource.name) == (MAP_RUN, "/M")
    name = run_name("run-id", invoke.id)
    assert invoke.arguments.value == {"run": name, "label": "each", "items": [1, 2], "concurrency": 2}
    assert only(run.events, ev.MapStarted).length == 2
    assert (only(run.events, ev.MapRunStarted).run, only(run.events, ev.MapRunStarted).label) == (name, "each")


def test_items_that_are_read_elsewhere_count_as_none() -> None:
    run = started(map_run(items=None), input=[1, 2])
    assert only(run.events, ev.MapStarted).length == 0
    assert "items" not in asked(run).arguments.value


def test_what_the_run_gives_is_the_result() -> None:
    run = started(map_run(output=lambda scope: {"found": scope.result}), input=[1])
    run.perform(asked(run), lambda invoke: ["a"])
    assert run.output == {"found": ["a"]}
    assert kinds(run.events)[1:-1] == [
        "NodeEntered",
        "MapStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapSucceeded",
        "NodeExited",
    ]


def test_ends_point_back_as_those_of_aws_do() -> None:
    run = started(map_run(), input=[1])
    run.perform(asked(run), lambda invoke: [])
    shown = {type(event).__name__: event for event in run.events}
    assert shown["MapRunSucceeded"].cause == shown["MapRunStarted"].history_id
    assert shown["MapSucceeded"].cause == shown["MapRunSucceeded"].history_id
    assert shown["NodeExited"].cause == shown["MapRunStarted"].history_id


def test_a_failed_run_fails_the_node() -> None:
    run = started(map_run(), input=[1])
    run.perform(asked(run), lambda invoke: FAILED)
    assert (run.status, run.failure) == (Status.FAILED, FAILED)
    assert kinds(run.events)[-4:] == ["MapRunFailed", "MapFailed", "NodeFailed", "ExecutionFailed"]
    assert not run.work


def test_a_failed_run_is_tried_again_as_another_run() -> None:
    run = started(map_run(retry=(retry(),)), input=[1])
    first = asked(run)
    run.perform(first, lambda invoke: FAILED)
    run.fire()
    second = asked(run)
    assert second.attempt == 2
    assert second.arguments.value["run"] != first.arguments.value["run"]
    assert not [event for event in run.events if isinstance(event, ev.MapFailed)]


def test_a_failed_run_is_caught() -> None:
    run = started(map_run(catch=(catch("P"),)), pass_("P"), input=[1])
    run.perform(asked(run), lambda invoke: FAILED)
    assert run.status is Status.SUCCEEDED


def test_items_that_cannot_be_had_fail_the_node_before_it_starts() -> None:
    run = started(map_run(items=wrong("Bad")), input=[1])
    assert run.failure is not None
    assert run.failure.error == "Bad"
    assert not [event for event in run.events if isinstance(event, ev.MapStarted)]


def test_an_order_that_cannot_be_had_fails_the_node_after_it_started() -> None:
    run = started(map_run(order=wrong("Bad")), input=[1])
    assert only(run.events, ev.MapStarted).length == 1
    assert not [event for event in run.events if isinstance(event, ev.MapRunStarted | ev.MapFailed)]


def test_a_result_that_is_too_large() -> None:
    run = started(map_run(), input=[1], limits=Limits(payload_bytes=100))
    run.perform(asked(run), lambda invoke: ["x" * 200])
    assert run.failure is not None
    assert run.failure.error == "States.DataLimitExceeded"


def test_whoever_stops_the_execution_asks_for_the_end_of_what_was_started() -> None:
    run = started(map_run(), input=[1])
    call = asked(run)
    run.stop()
    stop = stop_of(run)
    assert run.invokes == [stop]
    assert stop.arguments == call.arguments
    run.perform(stop, lambda invoke: None)
    assert run.status is Status.ABORTED
    assert not run.work


def test_a_sibling_that_fails_does_so_too() -> None:
    run = started(parallel("Both", body(map_run()), body(task("T"))), input=[1])
    run.perform(run.invoke_of("T"), lambda invoke: FAILED)
    assert run.status is Status.FAILED
    assert stop_of(run)
    assert only(run.events, ev.MapRunAborted).cause == only(run.events, ev.TaskFailed).history_id
    assert kinds(run.events).index("MapRunAborted") < kinds(run.events).index("NodeAborted")


def test_the_history_tells_that_a_stopped_run_was_aborted_and_points_to_its_start() -> None:
    run = started(map_run(), input=[1])
    run.stop()
    assert kinds(run.events)[-2:] == ["MapRunAborted", "ExecutionAborted"]
    assert run.events[-2].cause == only(run.events, ev.MapRunStarted).history_id


def test_a_full_history_has_room_for_its_end_only() -> None:
    run = started(map_run(), input=[1], limits=Limits(events=5))
    assert run.status is Status.RUNNING
    run.stop()
    assert kinds(run.events)[-2:] == ["MapRunStarted", "ExecutionAborted"]


# what changes while it runs


def test_new_limits_are_those_of_the_order() -> None:
    run = started(map_run(), input=[1])
    run.post(RunUpdated(at=BEGIN, work_id=asked(run).id, concurrency=5, tolerated_percentage=10.0))
    run.post(RunUpdated(at=BEGIN, work_id=asked(run).id, concurrency=1, tolerated_count=3))
    order = memo_of(run).order.value
    assert (order["concurrency"], order["toleratedCount"], order["toleratedPercentage"], order["widest"]) == (1, 3, 10.0, 5)
    updated = [event for event in run.events if isinstance(event, ev.MapRunUpdated)][-1]
    assert (updated.concurrency, updated.tolerated_count, updated.tolerated_percentage) == (1, 3, 10.0)


def test_what_a_reader_found_is_told_once() -> None:
    run = started(map_run(items=None), input=[1])
    for _ in range(2):
        run.post(RunCounted(at=BEGIN, work_id=asked(run).id, items=7))
    assert only(run.events, ev.MapRunCounted).items == 7


# redrives


@pytest.mark.parametrize("end", ["stop", "fail"])
def test_a_redrive_goes_on_with_the_same_run(end: str) -> None:
    run = started(map_run(), input=[1, 2])
    first = asked(run)
    if end == "stop":
        run.stop()
        run.perform(stop_of(run), lambda invoke: None)
    else:
        run.perform(first, lambda invoke: FAILED)
    run.redrive()
    again = asked(run)
    assert again.id != first.id
    assert again.arguments.value == {**first.arguments.value, "redrives": 1}
    assert kinds(run.events)[-3:] == ["ExecutionRedriven", "NodeEntered", "MapRunRedriven"]
    redriven = only(run.events, ev.MapRunRedriven)
    assert (redriven.run, redriven.redrives, redriven.history_id > 0) == (first.arguments.value["run"], 1, True)
    assert not [event for event in run.events[-3:] if isinstance(event, ev.NodeEntered) and event.history_id]
    run.perform(again, lambda invoke: ["a", "b"])
    assert run.output == ["a", "b"]


def test_a_run_that_a_sibling_ended_is_gone_on_with_too() -> None:
    run = started(parallel("Both", body(map_run()), body(task("T"))), input=[1])
    run.perform(run.invoke_of("T"), lambda invoke: FAILED)
    run.perform(stop_of(run), lambda invoke: None)
    run.redrive()
    assert only(run.events, ev.MapRunRedriven).run == run.invoke_of("M").arguments.value["run"]
    run.finish(lambda invoke: ["a"])
    assert run.output == [["a"], ["a"]]


@pytest.mark.parametrize("error", ["States.DataLimitExceeded", "States.Runtime"])
def test_after_some_failures_a_redrive_begins_another_run(error: str) -> None:
    run = started(map_run(), input=[1])
    first = asked(run)
    run.perform(first, lambda invoke: Failure(error))
    run.redrive()
    assert asked(run).arguments.value["run"] != first.arguments.value["run"]
    assert not [event for event in run.events if isinstance(event, ev.MapRunRedriven)]


def test_a_run_is_redriven_a_thousand_times() -> None:
    run = started(map_run(), input=[1])
    run.perform(asked(run), lambda invoke: FAILED)
    frame = next(iter(run.execution.frames.values()))
    assert isinstance(frame.memo, MapRunMemo)
    frame.memo.order = Payload({**frame.memo.order.value, "redrives": REDRIVES_MAX})
    run.redrive()
    assert run.failure is not None
    assert run.failure.error == "States.Runtime"
    assert not run.work


def test_an_execution_takes_part_in_a_round_once() -> None:
    run = started(task("T"))
    run.fail("T", "Failed")
    for _ in range(2):
        run.post(Redrive(at=BEGIN, round=1))
        if run.invokes:
            run.fail("T", "Failed")
    head = run.execution.head
    assert (head.redrives, head.round, head.status) == (1, 1, Status.FAILED)


def test_a_stop_that_comes_late_does_not_end_a_later_round() -> None:
    run = started(task("T"))
    run.fail("T", "Failed")
    run.post(Redrive(at=BEGIN, round=1))
    run.post(Stop(at=BEGIN, failure=FAILED, round=0))
    assert run.status is Status.RUNNING
    run.post(Stop(at=BEGIN, failure=FAILED, round=1))
    assert run.status is Status.ABORTED


def test_an_execution_that_runs_anew_does_everything_again() -> None:
    run = started(task("T"), task("U"))
    run.succeed("T")
    run.fail("U", "Failed")
    run.post(Redrive(at=BEGIN, round=1, is_anew=True))
    assert [invoke.node for invoke in run.invokes] == ["T"]
    assert (run.execution.head.redrives, run.execution.head.round) == (0, 1)


def test_one_whose_history_is_full_has_heard_of_the_round() -> None:
    run = started(pass_("P"), pass_("Q"), limits=Limits(events=4))
    assert run.status is Status.FAILED
    run.post(Redrive(at=BEGIN, round=2))
    assert (run.status, run.execution.head.round) == (Status.FAILED, 2)


@pytest.mark.parametrize("work_id", ["", "9.9"])
def test_other_answers_and_callbacks_are_ignored(work_id: str) -> None:
    run = started(map_run(), input=[1])
    run.post(TaskSucceeded(at=BEGIN, work_id=work_id or asked(run).id, result=Payload(1)))
    assert run.status is Status.RUNNING


def test_an_answer_that_comes_when_the_next_attempt_is_waited_for_is_ignored() -> None:
    run = started(map_run(retry=(retry(),)), input=[1])
    first = asked(run)
    run.perform(first, lambda invoke: FAILED)
    run.post(TaskSucceeded(at=BEGIN, work_id=first.id, result=Payload(1), started_at=BEGIN))
    assert run.status is Status.RUNNING


def test_values_of_items_are_made_as_the_node_sees_them() -> None:
    def select(scope: Scope) -> Any:
        assert scope.item is not None
        return [scope.item.index, scope.item.value, scope.item.source, scope.input["base"], scope.node, scope.execution_id]

    run = started(map_run(items=None, item=select), input={"base": 7})
    value_of = item_values(run.program, run.execution, asked(run).id)
    assert value_of is not None
    assert value_of(Item(3, "x", source="here")) == [3, "x", "here", 7, "M", "run-id"]


def test_without_a_slot_of_its_own_the_item_is_the_value() -> None:
    run = started(map_run(), input=["a"])
    value_of = item_values(run.program, run.execution, asked(run).id)
    assert value_of is not None
    assert value_of(Item(0, "a")) == "a"
    assert value_of(Item(0, "a", key="k")) == {"Key": "k", "Value": "a"}


def test_randomness_of_items_is_not_that_of_the_execution() -> None:
    run = started(map_run(item=lambda scope: scope.entropy()), input=[1])
    value_of = item_values(run.program, run.execution, asked(run).id)
    again = item_values(run.program, run.execution, asked(run).id)
    assert value_of is not None
    assert again is not None
    first = value_of(Item(0, None))
    assert first == again(Item(0, None))
    assert first != value_of(Item(1, None))
    assert run.execution.head.draws == 0


def test_there_are_no_values_when_nobody_waits() -> None:
    run = started(map_run(), input=[1])
    call = asked(run)
    run.perform(call, lambda invoke: [])
    assert item_values(run.program, run.execution, call.id) is None
