"""Map: items admitted by a window, outputs in item order, one failure ends all."""

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.limits import WINDOW_MAX
from conductor_local.engine.state import Status
from conductor_local.program import Failure, Scope
from conductor_local.testing.kernel import Run

from .build import body, catch, constant, every, given, kinds, map_, only, pass_, retry, started, task, wait, wrong


def arguments_of(run: Run) -> list[object]:
    return [invoke.arguments.value for invoke in run.invokes]


def with_index(scope: Scope) -> object:
    assert scope.item is not None
    return [scope.item.index, scope.item.value, scope.arguments]


def choose_broken(scope: Scope) -> object:
    """An item selector that cannot take the item "bad"."""
    assert scope.item is not None
    return wrong("Bad")(scope) if scope.item.value == "bad" else scope.item.value


def test_the_body_runs_for_every_item() -> None:
    run = started(map_("M", body(task("T"))), input=["a", "b"])
    assert [(invoke.arguments.value, invoke.path) for invoke in run.invokes] == [("a", ("M", 0)), ("b", ("M", 1))]
    assert only(run.events, ev.MapStarted).length == 2


def test_the_result_is_in_item_order_whatever_ends_first() -> None:
    run = started(map_("M", body(task("T"))), input=[0, 1, 2])
    for invoke in reversed(run.invokes):
        run.perform(invoke, lambda invoke: invoke.arguments.value * 10)
    assert run.output == [0, 10, 20]


def test_an_empty_list_succeeds_at_once() -> None:
    run = started(map_("M", body(task("T"))), input=[])
    assert run.output == []
    assert kinds(run.events)[1:-1] == ["NodeEntered", "MapStarted", "MapSucceeded", "NodeExited"]


def test_items_come_from_their_own_slot() -> None:
    run = started(map_("M", body(pass_("P")), items=lambda scope: scope.arguments["list"], arguments=constant({"list": [7]})))
    assert run.output == [7]


def test_the_window_bounds_what_runs_at_once() -> None:
    run = started(map_("M", body(task("T")), window=constant(2)), input=[0, 1, 2, 3])
    assert arguments_of(run) == [0, 1]
    run.perform(run.invokes[1])
    assert arguments_of(run) == [0, 2]
    run.finish()
    assert run.output == [0, 1, 2, 3]


def test_a_window_of_one_runs_items_one_after_another() -> None:
    run = started(map_("M", body(task("T")), window=constant(1)), input=[0, 1, 2])
    while run.status is Status.RUNNING:
        assert len(run.invokes) == 1
        run.perform(run.invokes[0])
    assert run.output == [0, 1, 2]


@pytest.mark.parametrize("window", [None, constant(0), constant(1000), constant(-1)])
def test_no_window_and_a_wide_one_mean_what_the_engine_allows(window: object) -> None:
    run = started(map_("M", body(task("T")), window=window), input=list(range(100)))
    assert len(run.invokes) == WINDOW_MAX


def test_the_item_slot_makes_the_input_of_an_iteration() -> None:
    run = started(map_("M", body(pass_("P")), item=with_index, items=constant(["a", "b"]), arguments=constant("args")), input="i")
    assert run.output == [[0, "a", "args"], [1, "b", "args"]]


def test_items_admitted_later_read_the_same_arguments() -> None:
    node = map_("M", body(task("T")), item=with_index, items=constant(["a", "b"]), arguments=constant("args"), window=constant(1))
    run = started(node)
    run.finish()
    assert run.output == [[0, "a", "args"], [1, "b", "args"]]


def test_items_that_cannot_be_evaluated_fail_the_map_before_it_starts() -> None:
    run = started(map_("M", body(task("T")), items=wrong("Bad")), input=[1])
    assert run.failure == Failure("Bad", "no such thing")
    assert kinds(run.events) == ["ExecutionStarted", "NodeEntered", "NodeFailed", "ExecutionFailed"]


def test_a_window_that_cannot_be_evaluated_fails_the_map() -> None:
    run = started(map_("M", body(task("T")), window=wrong("Bad")), input=[1])
    assert (run.failure, every(run.events, ev.IterationStarted)) == (Failure("Bad", "no such thing"), [])


def test_an_item_that_cannot_be_made_fails_the_map_and_ends_the_iterations_before_it() -> None:
    run = started(map_("M", body(task("T")), item=choose_broken), input=["a", "bad", "c"])
    assert (run.failure, run.work) == (Failure("Bad", "no such thing"), {})
    assert [event.index for event in every(run.events, ev.IterationAborted)] == [0]
    assert [event.title for event in every(run.events, ev.IterationAborted)] == ["The M"]
    assert len(every(run.events, ev.MapFailed)) == 1


def test_an_item_that_cannot_be_made_later_ends_those_at_work() -> None:
    run = started(map_("M", body(task("T")), item=choose_broken, window=constant(2)), input=["a", "b", "bad"])
    run.perform(run.invokes[0])
    assert (run.failure, run.work) == (Failure("Bad", "no such thing"), {})
    assert [(event.node, event.path) for event in every(run.events, ev.NodeAborted)] == [("T", ("M", 1))]


def test_the_first_failure_ends_all_iterations() -> None:
    run = started(map_("M", body(task("T"))), input=[0, 1, 2])
    step = run.send(run.outcome(run.invokes[1], Failure("Boom")))
    assert (run.failure, run.work) == (Failure("Boom"), {})
    assert [event.index for event in every(step.events, ev.IterationFailed)] == [1]
    assert [event.index for event in every(step.events, ev.IterationAborted)] == [0, 2]
    assert kinds(step.events)[-3:] == ["MapFailed", "NodeFailed", "ExecutionFailed"]


def test_an_iteration_that_has_ended_is_not_aborted() -> None:
    run = started(map_("M", body(task("T"))), input=[0, 1])
    run.perform(run.invokes[0])
    run.fail("T", "Boom")
    assert every(run.events, ev.IterationAborted) == []


def test_a_failure_handled_inside_an_iteration_leaves_the_others_alone() -> None:
    inner = body(task("T", catch=(catch("P"),)), pass_("P"))
    run = started(map_("M", inner), input=[0, 1])
    run.fail("T", "Boom")
    run.succeed("T", "fine")
    assert run.output == [0, "fine"]


def test_a_retry_of_the_map_runs_all_items_again() -> None:
    run = started(map_("M", body(task("T")), retry=(retry(),)), input=[0, 1])
    run.perform(run.invokes[0])
    run.fail("T", "Boom")
    assert (set(run.execution.frames), every(run.events, ev.MapFailed)) == ({1}, [])
    run.fire()
    assert arguments_of(run) == [0, 1]
    run.finish()
    assert run.output == [0, 1]


def test_a_map_inside_a_map() -> None:
    inner = map_("N", body(task("T")), items=given)
    run = started(map_("M", body(inner)), input=[[1, 2], [], [3]])
    run.finish(lambda invoke: invoke.arguments.value * 10)
    assert run.output == [[10, 20], [], [30]]
    assert run.execution.frames == {}


def test_many_items_go_through_a_small_window() -> None:
    run = started(map_("M", body(wait("W", seconds=1)), window=constant(3)), input=list(range(50)))
    run.finish()
    assert run.output == list(range(50))
