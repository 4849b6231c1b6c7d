"""Pass, Wait, Choice, Succeed and Fail."""

from datetime import timedelta

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.advance import advance
from conductor_local.engine.messages import Start, TaskSucceeded
from conductor_local.engine.nodes.choice import NO_MATCH
from conductor_local.engine.state import Status
from conductor_local.payload import Payload
from conductor_local.program import Failure, Rule, Scope, Wait
from conductor_local.testing.kernel import BEGIN, Run

from .build import (
    body,
    choice,
    constant,
    every,
    fail,
    given,
    kinds,
    only,
    parallel,
    pass_,
    program,
    started,
    succeed,
    task,
    variable,
    wait,
    wrong,
)


def is_big(scope: Scope) -> bool:
    return bool(scope.input["n"] > 10)


# --- Pass


def test_pass_hands_its_input_on() -> None:
    run = started(pass_("A"), pass_("B"), input={"n": 1})
    assert (run.status, run.output) == (Status.SUCCEEDED, {"n": 1})


def test_pass_hands_its_arguments_on() -> None:
    run = started(pass_(arguments=constant("new")), input="old")
    assert run.output == "new"
    entered = only(run.events, ev.NodeEntered)
    assert (entered.input, entered.arguments) == (Payload("old"), Payload("new"))


def test_entering_with_the_input_itself_as_arguments_says_so_once() -> None:
    assert only(started(pass_(arguments=given), input="same").events, ev.NodeEntered).arguments is None


def test_output_reads_the_input_the_arguments_and_the_result() -> None:
    run = started(pass_(arguments=constant("a"), output=lambda scope: [scope.input, scope.arguments, scope.result]), input="i")
    assert run.output == ["i", "a", "a"]
    exited = only(run.events, ev.NodeExited)
    assert (exited.result, exited.output) == (Payload("a"), Payload(["i", "a", "a"]))


def test_an_output_that_is_the_result_is_recorded_once() -> None:
    assert only(started(pass_(output=lambda scope: scope.result), input=[1]).events, ev.NodeExited).result is None


def test_arguments_that_cannot_be_evaluated_fail_the_node_after_its_entry() -> None:
    run = started(pass_(arguments=wrong()), input=1)
    assert kinds(run.events) == ["ExecutionStarted", "NodeEntered", "NodeFailed", "ExecutionFailed"]
    assert run.failure == Failure("Expr.Wrong", "no such thing")


@pytest.mark.parametrize("slot", ["output", "assign"])
def test_a_slot_that_cannot_be_evaluated_fails_the_node(slot: str) -> None:
    run = started(pass_("P", **{slot: wrong()}))
    assert (run.status, run.failure) == (Status.FAILED, Failure("Expr.Wrong", "no such thing"))


# --- Wait


def test_wait_asks_for_a_timer_and_goes_on_when_it_fires() -> None:
    run = started(wait(seconds=60), input="kept")
    [timer] = run.timers
    assert (timer.due_at, run.status) == (BEGIN + timedelta(seconds=60), Status.RUNNING)
    run.fire()
    assert (run.status, run.output, run.execution.head.ended_at) == (Status.SUCCEEDED, "kept", timer.due_at)


def test_wait_keeps_its_arguments_as_the_result() -> None:
    run = started(wait(arguments=constant("a"), output=lambda scope: [scope.input, scope.result]), input="i")
    run.fire()
    assert run.output == ["i", "a"]


@pytest.mark.parametrize("seconds", [0, -5])
def test_wait_until_an_instant_that_has_passed_goes_on_at_once(seconds: int) -> None:
    run = started(wait(seconds=seconds), input=1)
    assert (run.status, run.output, run.steps[0].work) == (Status.SUCCEEDED, 1, [])


def test_wait_whose_instant_cannot_be_evaluated_fails() -> None:
    run = started(Wait(name="W", title="W", until=wrong("Late")))
    assert (run.failure, run.work) == (Failure("Late", "no such thing"), {})


def test_wait_ignores_what_is_not_its_timer() -> None:
    run = started(wait())
    [timer] = run.timers
    step = run.post(TaskSucceeded(at=run.now, work_id=timer.id, result=Payload(1)))
    assert (step.events, run.status) == ([], Status.RUNNING)


# --- Choice


def test_choice_takes_the_first_rule_that_holds() -> None:
    rules = (Rule(condition=constant(False), next="A"), Rule(condition=is_big, next="B"), Rule(condition=constant(True), next="A"))
    run = started(choice("C", *rules), succeed("A"), succeed("B"), input={"n": 11})
    assert [event.node for event in every(run.events, ev.NodeEntered)] == ["C", "B"]
    assert every(run.events, ev.NodeExited)[0].next == "B"


def test_choice_takes_the_default_when_no_rule_holds() -> None:
    run = started(choice("C", Rule(condition=is_big, next="A"), default="B"), succeed("A"), succeed("B"), input={"n": 1})
    assert [event.node for event in every(run.events, ev.NodeEntered)] == ["C", "B"]


def test_choice_without_a_rule_that_holds_and_without_default_fails() -> None:
    run = started(choice("C", Rule(condition=is_big, next="A")), succeed("A"), input={"n": 1})
    assert run.failure == Failure("States.Runtime", NO_MATCH)


def test_the_slots_of_a_rule_replace_those_of_the_choice() -> None:
    rule = Rule(condition=constant(True), next="A", output=constant("rule"), assign=constant({"v": "rule"}))
    node = choice("C", rule, default="A", output=constant("node"), assign=constant({"v": "node", "w": 1}))
    run = started(node, succeed("A", output=lambda scope: [scope.input, scope.variable("v")]))
    assert run.output == ["rule", "rule"]
    assert every(run.events, ev.NodeExited)[0].assigned == {"v": Payload("rule")}


def test_the_default_uses_the_slots_of_the_choice() -> None:
    node = choice("C", default="A", output=constant("node"), assign=constant({"v": "node"}))
    run = started(node, succeed("A", output=lambda scope: [scope.input, scope.variable("v")]))
    assert run.output == ["node", "node"]


def test_a_rule_without_slots_hands_the_arguments_on() -> None:
    node = choice("C", Rule(condition=constant(True), next="A"), arguments=constant("a"), output=constant("unused"))
    assert started(node, succeed("A"), input="i").output == "a"


def test_a_condition_that_cannot_be_evaluated_fails_the_choice() -> None:
    assert started(choice("C", Rule(condition=wrong("Bad"), next="A")), succeed("A")).failure == Failure("Bad", "no such thing")


# --- Succeed and Fail


def test_succeed_ends_the_execution_with_its_arguments() -> None:
    run = started(succeed("S", arguments=constant("done")), pass_("never"))
    assert (run.status, run.output) == (Status.SUCCEEDED, "done")


def test_succeed_ends_only_its_branch() -> None:
    run = started(parallel("P", body(succeed("S")), body(pass_("Q"))), pass_("after", arguments=constant("went on")), input=1)
    assert run.output == "went on"


def test_fail_ends_the_execution_with_error_and_cause() -> None:
    run = started(fail("F", error=constant("Mine"), cause=constant("because")))
    assert (run.status, run.failure) == (Status.FAILED, Failure("Mine", "because"))
    head = run.execution.head
    assert (head.node, head.failed_title, head.output) == ("F", "The F", None)
    assert only(run.events, ev.ExecutionFailed).title == "The F"


def test_fail_may_leave_error_and_cause_out() -> None:
    assert started(fail("F")).failure == Failure(None, None)


def test_fail_whose_cause_cannot_be_evaluated_fails_with_that() -> None:
    assert started(fail("F", error=constant("Mine"), cause=wrong("Bad"))).failure == Failure("Bad", "no such thing")


def test_a_cause_is_cut_at_its_limit() -> None:
    failure = started(fail("F", error=constant("Mine"), cause=constant("x" * 40_000))).failure
    assert failure is not None
    assert failure.cause == "x" * 32_768


# --- all kinds


def test_a_step_names_what_changed_and_nothing_else() -> None:
    run = Run(program(task("T")), input=1)
    step = advance(run.program, run.execution, Start(at=BEGIN))
    assert (list(step.frames), len(step.work), step.cancelled, step.consumed, step.head.version) == ([1], 1, [], [], 1)
    assert (run.execution.head.version, run.execution.frames) == (0, {})


def test_variables_are_seen_from_the_next_node_on() -> None:
    first = pass_("A", assign=constant({"v": 1}))
    second = pass_("B", assign=lambda scope: {"v": 2, "old": scope.variable("v")}, output=variable("v"))
    run = started(first, second, pass_("C", output=lambda scope: [scope.input, scope.variable("v"), scope.variable("old")]))
    assert run.output == [1, 2, 1]


def test_the_head_says_where_the_root_stands() -> None:
    run = started(pass_("A"), task("B"))
    assert run.execution.head.node == "B"
    run.succeed("B", 1)
    assert run.execution.head.node is None
