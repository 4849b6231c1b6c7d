"""Redrive: what had not succeeded runs again, what had does not."""

from datetime import timedelta

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.limits import TRANSITIONS_PER_STEP
from conductor_local.engine.messages import Redrive
from conductor_local.engine.state import Status
from conductor_local.program import Catcher, Failure, Limits, Retrier, Scope, Wait
from conductor_local.testing.kernel import BEGIN, Run

from .build import (
    body,
    choice,
    constant,
    every,
    fail,
    kinds,
    map_,
    only,
    parallel,
    pass_,
    program,
    retry,
    started,
    task,
    variable,
    wait,
    wrong,
)


def called(run: Run) -> list[tuple[str, object]]:
    return [(invoke.node, invoke.arguments.value) for invoke in run.invokes]


def unless_bad(scope: Scope) -> object:
    assert scope.item is not None
    return wrong("Bad")(scope) if scope.item.value == "bad" else scope.item.value


def test_a_failed_task_runs_again_and_what_came_before_does_not() -> None:
    run = started(task("A"), task("B"))
    run.succeed("A", "a")
    run.fail("B", "X")
    step = run.redrive()
    assert (run.status, called(run)) == (Status.RUNNING, [("B", "a")])
    assert kinds(step.events) == ["ExecutionRedriven", "NodeEntered", "TaskScheduled"]
    run.succeed("B", "b")
    assert (run.status, run.output) == (Status.SUCCEEDED, "b")


def test_the_head_forgets_how_it_ended() -> None:
    run = started(task("A"))
    run.fail("A", "X")
    run.redrive()
    head = run.execution.head
    assert (head.failure, head.ended_at, head.failed_title, head.redrives, head.node) == (None, None, None, 1, "A")


def test_the_head_says_where_the_root_stands_again() -> None:
    run = started(parallel("P", body(task("A"))))
    run.fail("A", "X")
    assert run.execution.head.node == "A"
    run.redrive()
    assert run.execution.head.node == "P"


def test_attempts_and_retries_begin_again() -> None:
    run = started(task("A", retry=(retry(attempts_max=1),), arguments=lambda scope: scope.retries))
    run.finish(lambda _: Failure("X"))
    run.redrive()
    assert (called(run), run.invoke_of("A").attempt) == ([("A", 0)], 1)
    run.fail("A", "X")
    assert len(run.timers) == 1


def test_expressions_see_how_often_it_was_redriven() -> None:
    run = started(task("A", arguments=lambda scope: scope.redrives))
    for count in range(3):
        assert called(run) == [("A", count)]
        run.fail("A", "X")
        run.redrive()


@pytest.mark.parametrize("end", ["running", "succeeded"])
def test_only_an_unsuccessful_execution_is_redriven(end: str) -> None:
    run = started(task("A") if end == "running" else pass_("A"))
    assert run.redrive().events == []


def test_a_second_redrive_at_once_is_ignored() -> None:
    run = started(task("A"))
    run.fail("A", "X")
    run.post(Redrive(at=run.now), Redrive(at=run.now))
    assert (run.execution.head.redrives, len(run.invokes)) == (1, 1)


def test_the_node_is_not_entered_again_in_the_history() -> None:
    run = started(pass_("A"), task("B"))
    run.fail("B", "X")
    again = only(run.redrive().events, ev.NodeEntered)
    assert (again.history_id, again.lifecycle_id > 0) == (0, True)


def test_expressions_still_name_the_first_entry() -> None:
    run = started(pass_("A"), task("B", output=lambda scope: scope.entered_event))
    entered = every(run.events, ev.NodeEntered)[1].history_id
    run.fail("B", "X")
    run.redrive()
    run.succeed("B")
    assert run.output == entered


def test_a_node_after_the_redriven_one_is_entered_as_usual() -> None:
    run = started(task("A"), pass_("B"))
    run.fail("A", "X")
    run.redrive()
    step = run.succeed("A")
    assert only(step.events, ev.NodeEntered).history_id > 0


def test_the_redrive_points_back_to_the_end() -> None:
    run = started(task("A"))
    end = run.fail("A", "X").events[-1].history_id
    redriven = only(run.redrive().events, ev.ExecutionRedriven)
    assert (redriven.cause, redriven.history_id, redriven.redrives) == (end, end + 1, 1)


def test_in_a_parallel_only_the_unsuccessful_branches_run_again() -> None:
    run = started(parallel("P", body(task("A")), body(task("B")), body(task("C"), task("D"))))
    run.succeed("A", "a")
    run.succeed("C", "c")
    run.fail("B", "X")
    step = run.redrive()
    assert called(run) == [("B", None), ("D", "c")]
    assert every(step.events, ev.ParallelStarted) == []
    run.succeed("D", "d")
    run.succeed("B", "b")
    assert run.output == ["a", "b", "d"]
    assert len(every(run.events, ev.ParallelSucceeded)) == 1


def test_in_a_map_only_unfinished_items_run_again_and_the_rest_is_admitted() -> None:
    run = started(map_("M", body(task("T")), window=constant(2)), input=[0, 1, 2, 3])
    run.perform(run.invokes[0])
    run.fail("T", "X")
    run.redrive()
    assert called(run) == [("T", 1), ("T", 2)]
    run.finish()
    assert run.output == [0, 1, 2, 3]


def test_a_map_that_stood_still_at_an_item_tries_it_again() -> None:
    def selector(scope: Scope) -> object:
        assert scope.item is not None
        return wrong("Bad")(scope) if scope.item.index == 1 and scope.redrives == 0 else scope.item.value

    run = started(map_("M", body(task("T")), item=selector, window=constant(1)), input=["a", "b", "c"])
    run.perform(run.invokes[0])
    assert run.failure == Failure("Bad", "no such thing")
    run.redrive()
    assert called(run) == [("T", "b")]
    run.finish()
    assert run.output == ["a", "b", "c"]


def nested_with_a_bad_item(**slots: object) -> Run:
    inner = map_("M", body(task("T")), items=constant(["a", "b", "bad"]), item=unless_bad, window=constant(2))
    run = started(parallel("P", body(inner), body(task("U")), body(parallel("Q", body(task("V")))), **slots), task("H"))
    run.succeed("T", "a")
    return run


def test_a_map_that_fails_during_the_redrive_ends_the_execution_again() -> None:
    run = nested_with_a_bad_item()
    assert (run.failure, run.work) == (Failure("Bad", "no such thing"), {})
    step = run.redrive()
    assert (run.status, run.failure, run.work) == (Status.FAILED, Failure("Bad", "no such thing"), {})
    assert kinds(step.events)[-1] == "ExecutionFailed"


def test_a_map_that_fails_during_the_redrive_may_be_caught_around_it() -> None:
    lenient: list[bool] = []
    handler = Catcher(matches=lambda _: bool(lenient), next="H")
    run = nested_with_a_bad_item(catch=(handler,))
    lenient.append(True)
    run.redrive()
    assert (run.status, called(run), set(run.execution.frames)) == (Status.RUNNING, [("H", None)], {1})


def test_a_map_that_fails_during_the_redrive_may_be_tried_again_around_it() -> None:
    lenient: list[bool] = []
    handler = Retrier(matches=lambda _: bool(lenient))
    run = nested_with_a_bad_item(retry=(handler,))
    lenient.append(True)
    run.redrive()
    assert (run.status, run.invokes, len(run.timers), set(run.execution.frames)) == (Status.RUNNING, [], 1, {1})


def test_nested_composites_go_on_where_they_were() -> None:
    inner = parallel("Q", body(task("A")), body(task("B")))
    run = started(map_("M", body(inner)), input=[0, 1])
    run.succeed("A", "a0")
    run.succeed("A", "a1")
    run.succeed("B", "b0")
    run.fail("B", "X")
    run.redrive()
    assert [(invoke.node, invoke.path) for invoke in run.invokes] == [("B", ("M", 1, "Q", 1))]
    run.succeed("B", "b1")
    assert run.output == [["a0", "b0"], ["a1", "b1"]]


def test_after_a_stop_all_that_was_open_runs_again() -> None:
    run = started(parallel("P", body(task("A")), body(wait("W", seconds=60)), body(task("B", retry=(retry(),)))), timeout_s=500)
    run.fail("B", "X")
    run.stop()
    run.now += timedelta(seconds=1000)
    run.redrive()
    assert [invoke.node for invoke in run.invokes] == ["A", "B"]
    assert [timer.due_at - run.now for timer in run.timers] == [timedelta(seconds=60), timedelta(seconds=500)]


def test_a_wait_until_an_instant_that_has_passed_meanwhile_goes_on() -> None:
    instant = BEGIN + timedelta(seconds=5)
    run = started(Wait(name="W", title="W", until=constant(instant)), input=1)
    run.stop()
    run.now = instant
    run.redrive()
    assert (run.status, run.output) == (Status.SUCCEEDED, 1)


def test_after_a_time_out_the_whole_limit_counts_again() -> None:
    run = started(task("A"), timeout_s=60)
    run.fire()
    run.redrive()
    assert (run.status, [timer.due_at for timer in run.timers]) == (Status.RUNNING, [BEGIN + timedelta(seconds=120)])
    run.succeed("A", 1)
    assert run.status is Status.SUCCEEDED


def test_a_fail_fails_again_and_a_choice_decides_again() -> None:
    run = started(pass_("A"), choice("C"), input=1)
    run.redrive()
    assert (run.status, run.execution.head.redrives) == (Status.FAILED, 1)
    failing = started(fail("F", error=constant("E")))
    failing.redrive()
    assert failing.failure == Failure("E")


def test_an_execution_that_never_began_begins_at_its_start() -> None:
    run = Run(program(task("A")), input="i")
    run.stop()
    run.redrive()
    assert called(run) == [("A", "i")]


def test_a_node_that_was_never_entered_is_entered_in_the_history() -> None:
    branches = [body(pass_("A")) for _ in range(TRANSITIONS_PER_STEP + 5)]
    run = started(parallel("P", *branches), input=1)
    run.stop()
    run.redrive()
    assert run.finish() is Status.SUCCEEDED
    in_history = [event.path for event in every(run.events, ev.NodeEntered) if event.history_id]
    assert in_history == [(), *(("P", index) for index in range(len(branches)))]


def test_a_history_that_is_full_cannot_be_redriven() -> None:
    run = started(pass_("A"), pass_("B", next="A"), limits=Limits(events=50))
    assert run.status is Status.FAILED
    assert (run.redrive().events, run.execution.head.redrives) == ([], 0)


def test_a_redriven_composite_that_is_tried_again_starts_from_nothing() -> None:
    run = started(parallel("P", body(task("A")), body(task("B")), retry=(retry("Y"),)))
    run.succeed("A", "a")
    run.fail("B", "X")
    run.redrive()
    run.fail("B", "Y")
    run.fire()
    assert [invoke.node for invoke in run.invokes] == ["A", "B"]


def test_variables_survive_a_redrive() -> None:
    run = started(pass_("V", assign=constant({"v": 7})), parallel("P", body(task("A", arguments=variable("v")))))
    run.fail("A", "X")
    run.redrive()
    assert called(run) == [("A", 7)]
