"""Parallel: branches side by side, one failure ends all."""

from conductor_local.engine import events as ev
from conductor_local.engine.state import Status
from conductor_local.program import Failure, Limits, Scope

from .build import body, constant, every, fail, kinds, only, parallel, pass_, started, task, wait, wrong


def test_every_branch_gets_the_arguments() -> None:
    run = started(parallel("P", body(task("A")), body(task("B")), arguments=constant("a")), input="i")
    assert [(invoke.node, invoke.arguments.value, invoke.path) for invoke in run.invokes] == [
        ("A", "a", ("P", 0)),
        ("B", "a", ("P", 1)),
    ]
    assert only(run.events, ev.ParallelStarted).branches == 2


def test_the_result_is_in_the_order_of_the_branches_whatever_ends_first() -> None:
    run = started(parallel("P", body(task("A")), body(task("B")), body(task("C"))))
    for name in "CAB":
        assert run.status is Status.RUNNING
        run.succeed(name, name)
    assert run.output == ["A", "B", "C"]


def test_a_branch_may_have_many_nodes() -> None:
    run = started(parallel("P", body(task("A"), wait("W"), task("B")), body(pass_("C"))), input=1)
    run.finish()
    assert run.output == [1, 1]


def test_the_output_of_a_parallel_reads_input_and_result() -> None:
    def output(scope: Scope) -> object:
        return [scope.input, scope.arguments, scope.result]

    run = started(parallel("P", body(pass_("A")), arguments=constant("a"), output=output), input="i")
    assert run.output == ["i", "a", ["a"]]


def test_the_first_failure_ends_all_branches() -> None:
    run = started(parallel("P", body(task("A")), body(task("B")), body(wait("W"))))
    step = run.fail("A", "Boom")
    assert (run.status, run.failure, run.work) == (Status.FAILED, Failure("Boom"), {})
    assert [event.node for event in every(step.events, ev.NodeAborted)] == ["B", "W", "A"]
    assert kinds(step.events)[-3:] == ["ParallelFailed", "NodeFailed", "ExecutionFailed"]


def test_the_failure_names_the_innermost_node() -> None:
    run = started(parallel("P", body(parallel("Q", body(task("A"))))))
    run.fail("A", "Boom")
    failed = only(run.events, ev.ExecutionFailed)
    assert (failed.node, failed.title, failed.path) == ("A", "The A", ("P", 0, "Q", 0))
    assert (run.execution.head.node, run.execution.head.failed_title) == ("A", "The A")


def test_a_branch_that_has_not_begun_is_ended_without_a_trace() -> None:
    run = started(parallel("P", body(fail("F")), body(task("never"))))
    assert (run.work, every(run.events, ev.NodeAborted)) == ({}, [])


def test_a_nested_parallel_is_ended_from_the_inside_out() -> None:
    inner = parallel("Q", body(task("A")), body(task("B")))
    run = started(parallel("P", body(inner), body(task("C"))))
    run.fail("C", "Boom")
    assert [event.node for event in every(run.events, ev.NodeAborted)] == ["A", "B", "Q", "C"]
    assert run.work == {}


def test_a_result_that_is_too_large_fails_the_parallel() -> None:
    run = started(parallel("P", body(task("A")), body(task("B"))), limits=Limits(payload_bytes=100))
    run.succeed("A", "x" * 60)
    run.succeed("B", "x" * 60)
    assert run.failure is not None
    assert run.failure.error == "States.DataLimitExceeded"


def test_an_output_that_cannot_be_evaluated_fails_the_parallel() -> None:
    run = started(parallel("P", body(pass_("A")), output=wrong("Bad")))
    assert (run.failure, run.execution.head.node) == (Failure("Bad", "no such thing"), "P")


def test_no_frame_is_left_after_success() -> None:
    run = started(parallel("P", body(parallel("Q", body(task("A")))), body(task("B"))))
    run.finish()
    assert (run.status, run.execution.frames) == (Status.SUCCEEDED, {})
