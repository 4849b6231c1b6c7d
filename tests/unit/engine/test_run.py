"""The whole execution: begin, stop, time limit, event limit, the budget of one step."""

from datetime import timedelta

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.effects import Deliver
from conductor_local.engine.limits import TRANSITIONS_PER_STEP
from conductor_local.engine.messages import Continue, TaskSucceeded, TimerFired
from conductor_local.engine.state import FrameStatus, Status
from conductor_local.payload import Payload
from conductor_local.program import Failure, Limits
from conductor_local.testing.kernel import BEGIN, Run

from .build import body, catch, constant, every, kinds, map_, only, parallel, pass_, program, retry, started, task, variable, wait

# --- begin


def test_a_start_that_comes_twice_counts_once() -> None:
    run = started(task("T"))
    assert (run.start().events, len(run.invokes)) == ([], 1)


def test_messages_before_the_start_are_ignored() -> None:
    run = Run(program(pass_()))
    answer = TaskSucceeded(at=BEGIN, work_id="1.1", result=Payload(1))
    assert run.post(Continue(at=BEGIN), TimerFired(at=BEGIN, work_id="0.1"), answer).events == []
    assert run.status is Status.PENDING


def test_time_never_goes_backwards() -> None:
    run = started(task("A"), task("B"))
    late = BEGIN + timedelta(seconds=9)
    run.send(TaskSucceeded(at=late, work_id=run.invoke_of("A").id, result=Payload(1)))
    step = run.send(TaskSucceeded(at=BEGIN, work_id=run.invoke_of("B").id, result=Payload(1)))
    assert ({event.at for event in step.events}, run.execution.head.ended_at) == ({late}, late)


# --- stop


def test_stop_ends_everything_at_once() -> None:
    inner = parallel("Q", body(task("A", timeout_s=constant(9))), body(wait("W")))
    run = started(parallel("P", body(inner), body(task("B", retry=(retry(),)))), timeout_s=100)
    run.fail("B", "X")
    step = run.stop("Enough", "said so")
    assert (run.status, run.failure, run.work) == (Status.ABORTED, Failure("Enough", "said so"), {})
    assert kinds(step.events) == ["ExecutionAborted"]
    assert run.execution.head.ended_at == run.now


def test_stop_leaves_a_submitted_task_nothing_to_cancel() -> None:
    run = started(task("T"))
    run.submit("T")
    assert run.stop().cancelled == []


def test_stop_before_the_start_keeps_the_start_out() -> None:
    run = Run(program(task("T")))
    run.stop()
    assert (run.start().events, run.status, run.work) == ([], Status.ABORTED, {})


def test_a_second_stop_is_ignored() -> None:
    run = started(task("T"))
    run.stop("First")
    assert (run.stop("Second").events, run.failure) == ([], Failure("First"))


def test_an_execution_that_ended_cannot_be_stopped() -> None:
    run = started(pass_())
    assert (run.stop().events, run.status) == ([], Status.SUCCEEDED)


# --- the time limit of the whole run


def test_the_time_limit_ends_the_run() -> None:
    run = started(task("T", catch=(catch("H"),), retry=(retry(),)), pass_("H"), timeout_s=60)
    step = run.fire()
    assert (run.status, run.failure, run.work) == (Status.TIMED_OUT, Failure("States.Timeout"), {})
    assert kinds(step.events) == ["ExecutionTimedOut"]
    assert run.execution.head.ended_at == BEGIN + timedelta(seconds=60)


def test_a_run_that_ends_in_time_takes_the_timer_back() -> None:
    run = started(task("T"), timeout_s=60)
    [timer] = run.timers
    assert run.succeed("T").cancelled == [timer.id]
    assert run.send(TimerFired(at=timer.due_at, work_id=timer.id)).events == []


def test_a_run_that_ends_in_its_first_step_never_asks_for_the_timer() -> None:
    run = started(pass_(), timeout_s=60)
    assert (run.steps[0].work, run.steps[0].cancelled) == ([], [])


# --- the event limit


@pytest.mark.parametrize("limit", range(1, 30))
def test_the_event_that_says_so_is_the_last_one_allowed(limit: int) -> None:
    inner = body(task("T", timeout_s=constant(9)), pass_("Q"))
    node = parallel("P", inner, body(map_("M", inner, items=constant([1, 2]), window=constant(1))))
    run = started(node, limits=Limits(events=limit), timeout_s=100)
    run.finish()
    failed = only(run.events, ev.ExecutionFailed)
    assert failed.history_id == limit == run.execution.head.next_history_id - 1
    assert (run.status, run.work) == (Status.FAILED, {})
    assert failed.failure == Failure("States.Runtime", f"The execution reached the maximum number of history events ({limit}).")


def test_a_run_may_end_with_the_last_event_allowed() -> None:
    run = started(pass_(), limits=Limits(events=4))
    assert (run.status, run.events[-1].history_id) == (Status.SUCCEEDED, 4)


def test_an_endless_loop_ends_at_the_event_limit() -> None:
    run = started(pass_("A"), pass_("B", next="A"), limits=Limits(events=25_000))
    run.finish()
    assert (run.status, run.events[-1].history_id) == (Status.FAILED, 25_000)


def test_failures_around_the_event_limit_leave_no_work() -> None:
    for limit in range(8, 20):
        branches = [body(task("A", retry=(retry(attempts_max=1),))), body(task("B"))]
        run = started(parallel("P", *branches, catch=(catch("H"),)), task("H"), limits=Limits(events=limit))
        run.finish(lambda invoke: Failure("X") if invoke.node == "A" else None)
        assert (run.work, run.status is Status.RUNNING) == ({}, False)


# --- the budget of one step


def test_a_long_step_leaves_one_continue_and_goes_on_to_the_same_result() -> None:
    items = list(range(2 * TRANSITIONS_PER_STEP))
    run = started(map_("M", body(pass_("A"), pass_("B"))), input=items)
    [work] = run.steps[0].work
    assert isinstance(work, Deliver)
    assert (work.message, run.execution.head.continuing) == (Continue(at=run.now), work.id)
    run.finish()
    assert (run.status, run.output, len(run.steps)) == (Status.SUCCEEDED, items, 5)
    assert run.execution.head.continuing is None


def test_no_second_continue_while_one_is_on_its_way() -> None:
    endless = body(pass_("A"), pass_("B", next="A"))
    run = started(parallel("P", endless, body(task("T"), pass_("Q", next="T"))))
    step = run.succeed("T", 1)
    assert [type(work).__name__ for work in step.work] == ["Invoke"]


def test_the_end_takes_the_continue_back() -> None:
    run = started(pass_("A"), pass_("B", next="A"))
    waiting = run.execution.head.continuing
    assert run.stop().cancelled == [waiting]
    assert (run.work, run.execution.head.continuing) == ({}, None)
    assert run.execution.frames[1].status is FrameStatus.ABORTED


def test_a_run_stopped_between_two_steps_goes_on_after_a_redrive() -> None:
    items = list(range(2 * TRANSITIONS_PER_STEP))
    run = started(map_("M", body(pass_("A"))), input=items)
    run.stop()
    for work in run.candidates():
        run.perform(work)
    run.redrive()
    run.finish()
    assert (run.status, run.output) == (Status.SUCCEEDED, items)


def test_a_continue_that_comes_twice_changes_nothing() -> None:
    run = started(task("T"))
    step = run.post(Continue(at=run.now), Continue(at=run.now))
    assert (step.events, step.work, step.frames) == ([], [], {})


# --- folding


def test_folding_handles_messages_in_their_order() -> None:
    run = started(parallel("P", body(task("A")), body(task("B"))))
    answers = [run.outcome(run.invoke_of(name), name) for name in "BA"]
    step = run.send(*answers)
    assert [event.node for event in every(step.events, ev.TaskSucceeded)] == ["B", "A"]
    assert (run.output, step.head.version) == (["A", "B"], 2)


# --- loading


def test_an_execution_loaded_from_a_store_makes_the_same_events() -> None:
    def entered(*, is_reloaded: bool) -> ev.NodeEntered:
        nodes = pass_("A", assign=lambda scope: {"v": scope.input}), wait("W"), pass_("B", arguments=variable("v"))
        run = started(*nodes, input={"a": [1]})
        if is_reloaded:
            frame = run.execution.frames[1]
            frame.input = Payload.from_encoded(frame.input.encoded)
            frame.variables = {"v": Payload.from_encoded(frame.variables["v"].encoded)}
        run.fire()
        return every(run.events, ev.NodeEntered)[-1]

    assert entered(is_reloaded=True) == entered(is_reloaded=False)
