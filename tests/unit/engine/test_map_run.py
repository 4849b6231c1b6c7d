"""MapRun: one call for all items; what it gives or how it fails; what is asked for when nobody waits for it any more."""

from typing import Any

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.effects import Invoke
from conductor_local.engine.items import item_values
from conductor_local.engine.messages import TaskSucceeded
from conductor_local.engine.nodes.map_run import MAP_RUN, run_name
from conductor_local.engine.state import Status
from conductor_local.engine.subtree import STOP_MAP_RUN
from conductor_local.payload import Payload
from conductor_local.program import Failure, Limits, MapRun, Scope
from conductor_local.testing.kernel import BEGIN, Run

from .build import body, catch, constant, kinds, only, parallel, pass_, retry, started, task, wrong

FAILED = Failure("Failed", "somehow")


def map_run(name: str = "M", **slots: Any) -> MapRun:
    given = {"processor": f"/{name}", "label": "each", "order": constant({"concurrency": 2}), "items": lambda scope: scope.input}
    return MapRun(name=name, title=name, **{**given, **slots})


def asked(run: Run) -> Invoke:
    (invoke,) = run.invokes
    return invoke


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


@pytest.mark.parametrize("work_id", ["", "9.9"])
def test_other_answers_and_callbacks_are_ignored(work_id: str) -> None:
    run = started(map_run(), input=[1])
    run.post(TaskSucceeded(at=BEGIN, work_id=work_id or asked(run).id, result=Payload(1)))
    assert run.status is Status.RUNNING


def test_values_of_items_are_made_as_the_node_sees_them() -> None:
    def select(scope: Scope) -> Any:
        assert scope.item is not None
        return [*scope.item, scope.input["base"], scope.node, scope.execution_id]

    run = started(map_run(items=None, item=select), input={"base": 7})
    value_of = item_values(run.program, run.execution, asked(run).id)
    assert value_of is not None
    assert value_of(3, "x") == [3, "x", 7, "M", "run-id"]


def test_without_a_slot_of_its_own_the_item_is_the_value() -> None:
    run = started(map_run(), input=["a"])
    value_of = item_values(run.program, run.execution, asked(run).id)
    assert value_of is not None
    assert value_of(0, "a") == "a"


def test_randomness_of_items_is_not_that_of_the_execution() -> None:
    run = started(map_run(item=lambda scope: scope.entropy()), input=[1])
    value_of = item_values(run.program, run.execution, asked(run).id)
    again = item_values(run.program, run.execution, asked(run).id)
    assert value_of is not None
    assert again is not None
    first = value_of(0, None)
    assert first == again(0, None)
    assert first != value_of(1, None)
    assert run.execution.head.draws == 0


def test_there_are_no_values_when_nobody_waits() -> None:
    run = started(map_run(), input=[1])
    call = asked(run)
    run.perform(call, lambda invoke: [])
    assert item_values(run.program, run.execution, call.id) is None
