"""Catch: where a failure goes on, with what, and what it ends."""

from conductor_local.engine import events as ev
from conductor_local.engine.state import Status
from conductor_local.payload import Payload
from conductor_local.program import Failure

from .build import (
    body,
    catch,
    constant,
    error_output,
    every,
    kinds,
    map_,
    only,
    parallel,
    pass_,
    retry,
    started,
    task,
    variable,
    wrong,
)


def test_the_first_catcher_that_matches_goes_on() -> None:
    node = task("T", catch=(catch("A", "X"), catch("B", "Y"), catch("C")))
    run = started(node, pass_("A"), pass_("B"), pass_("C"))
    run.fail("T", "Y")
    assert only(run.events, ev.NodeCaught).next == "B"
    assert [event.node for event in every(run.events, ev.NodeEntered)] == ["T", "B", "C"]


def test_a_failure_that_no_catcher_matches_ends_the_execution() -> None:
    run = started(task("T", catch=(catch("A", "X"),)), pass_("A"))
    run.fail("T", "Y")
    assert run.failure == Failure("Y")


def test_without_an_output_the_input_of_the_node_goes_on() -> None:
    run = started(task("T", arguments=constant("a"), catch=(catch("A"),)), pass_("A"), input="i")
    run.fail("T", "X")
    assert run.output == "i"


def test_output_and_assign_of_a_catcher_read_the_failure() -> None:
    handler = catch("A", output=error_output, assign=lambda scope: {"why": scope.failure.cause})
    run = started(task("T", catch=(handler,)), pass_("A", output=lambda scope: [scope.input, scope.variable("why")]))
    run.fail("T", "X", "because")
    assert run.output == [{"error": "X", "cause": "because"}, "because"]
    caught = only(run.events, ev.NodeCaught)
    assert (caught.failure, caught.assigned, caught.attempts) == (Failure("X", "because"), {"why": Payload("because")}, 1)


def test_the_slots_of_the_node_are_not_used_for_a_caught_failure() -> None:
    run = started(task("T", output=wrong(), assign=wrong(), catch=(catch("A"),)), pass_("A"), input="i")
    run.fail("T", "X")
    assert run.output == "i"


def test_a_failure_is_caught_only_once_its_retries_are_used_up() -> None:
    run = started(task("T", retry=(retry("X", attempts_max=1),), catch=(catch("A"),)), pass_("A"))
    run.finish(lambda _: Failure("X"))
    assert (run.status, only(run.events, ev.NodeCaught).attempts) == (Status.SUCCEEDED, 2)


def test_catch_cancels_sibling_branches() -> None:
    run = started(parallel("P", body(task("A")), body(task("B", timeout_s=constant(9))), catch=(catch("H"),)), task("H"), input="i")
    cancelled = {run.invoke_of("B").id, run.timers[0].id}
    step = run.fail("A", "X")
    assert cancelled <= set(step.cancelled)
    assert [work.node for work in run.invokes] == ["H"]
    assert set(run.execution.frames) == {1}
    assert "ParallelFailed" in kinds(step.events)


def test_a_late_answer_of_a_cancelled_branch_is_ignored() -> None:
    run = started(parallel("P", body(task("A")), body(task("B")), catch=(catch("H"),)), task("H"))
    late = run.outcome(run.invoke_of("B"), "late")
    run.fail("A", "X")
    assert run.send(late).events == []


def test_a_catch_around_nested_composites_drops_all_below() -> None:
    inner = map_("M", body(parallel("Q", body(task("A")), body(task("B")))), items=constant([1, 2]))
    run = started(parallel("P", body(inner), body(task("C")), catch=(catch("H"),)), pass_("H"), input=1)
    run.fail("A", "X")
    assert (run.status, run.work, run.execution.frames) == (Status.SUCCEEDED, {}, {})


def test_a_catcher_of_a_composite_assigns_outside_it() -> None:
    branch = body(pass_("A", assign=constant({"v": "inner"})), task("B"))
    node = parallel("P", branch, catch=(catch("H", assign=constant({"v": "caught"})),))
    run = started(pass_("V", assign=constant({"v": "outer"})), node, pass_("H", output=variable("v")))
    run.fail("B", "X")
    assert run.output == "caught"


def test_a_catch_inside_a_branch_keeps_the_failure_there() -> None:
    run = started(parallel("P", body(task("A", catch=(catch("H"),)), pass_("H", output=constant("saved"))), body(task("B"))))
    run.fail("A", "X")
    run.succeed("B", "fine")
    assert run.output == ["saved", "fine"]


def test_a_catcher_that_cannot_be_evaluated_fails_the_node_with_that() -> None:
    for slots in ({"output": wrong("Bad")}, {"assign": wrong("Bad")}):
        run = started(task("T", catch=(catch("A", **slots), catch("A"))), pass_("A"))
        run.fail("T", "X")
        assert (run.failure, run.execution.head.node) == (Failure("Bad", "no such thing"), "T")


def test_what_a_broken_catcher_raised_may_be_caught_further_out() -> None:
    inner = task("T", catch=(catch("never", output=wrong("Bad")),))
    run = started(parallel("P", body(inner, pass_("never")), catch=(catch("H", "Bad", output=error_output),)), pass_("H"))
    run.fail("T", "X")
    assert run.output == {"error": "Bad", "cause": "no such thing"}


def test_a_caught_timeout_takes_the_call_back() -> None:
    run = started(task("T", timeout_s=constant(5), catch=(catch("H", "States.Timeout"),)), task("H"))
    run.fire()
    assert [invoke.node for invoke in run.invokes] == ["H"]
    assert run.timers == []


def test_a_catcher_may_go_back_to_the_node_itself() -> None:
    run = started(task("T", catch=(catch("T"),)))
    run.fail("T", "X")
    assert (run.invoke_of("T").attempt, len(every(run.events, ev.NodeEntered))) == (1, 2)
