"""Task: calls, answers, limits, heartbeats and callbacks."""

from datetime import timedelta

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.effects import Invoke
from conductor_local.engine.messages import (
    Heartbeat,
    TaskAccepted,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
    encode_token,
)
from conductor_local.engine.state import Status
from conductor_local.payload import Payload
from conductor_local.program import Failure, Limits, Resource, Scope
from conductor_local.testing.kernel import BEGIN

from .build import catch, constant, error_output, every, kinds, only, pass_, retry, started, task, wrong


def test_task_asks_for_a_call_with_its_arguments() -> None:
    run = started(task("T", arguments=constant({"a": 1})), input="i")
    [invoke] = run.invokes
    assert invoke == Invoke(
        id=invoke.id, due_at=BEGIN, node="T", path=(), resource=Resource("function", "do-T"), arguments=Payload({"a": 1}), attempt=1
    )
    assert only(run.events, ev.TaskScheduled).arguments == Payload({"a": 1})
    assert only(run.events, ev.NodeEntered).function == "do-T"


def test_the_answer_is_the_result() -> None:
    run = started(task("T", output=lambda scope: [scope.input, scope.result]), input="i")
    run.succeed("T", "r")
    assert (run.status, run.output) == (Status.SUCCEEDED, ["i", "r"])
    assert kinds(run.steps[-1].events) == ["TaskStarted", "TaskSucceeded", "NodeExited", "ExecutionSucceeded"]


def test_an_answer_without_a_begin_records_none() -> None:
    run = started(task("T"))
    run.send(TaskSucceeded(at=run.now, work_id=run.invoke_of("T").id, result=Payload(1)))
    assert kinds(run.steps[-1].events)[0] == "TaskSucceeded"


def test_the_begin_of_a_call_and_its_worker_are_recorded() -> None:
    run = started(task("T"))
    work_id = run.invoke_of("T").id
    run.send(TaskFailed(at=run.now, work_id=work_id, failure=Failure("E"), started_at=BEGIN, worker="w1"))
    begun = only(run.events, ev.TaskStarted)
    assert (begun.started_at, begun.worker) == (BEGIN, "w1")


def test_a_failing_call_fails_the_execution() -> None:
    run = started(task("T"))
    run.fail("T", "Boom", "why")
    assert (run.status, run.failure) == (Status.FAILED, Failure("Boom", "why"))
    assert kinds(run.steps[-1].events) == ["TaskStarted", "TaskFailed", "NodeFailed", "ExecutionFailed"]


@pytest.mark.parametrize("slot", ["timeout_s", "heartbeat_s"])
def test_a_limit_that_cannot_be_evaluated_fails_the_task_before_it_is_called(slot: str) -> None:
    run = started(task("T", **{slot: wrong("Bad")}))
    assert (run.failure, run.steps[0].work) == (Failure("Bad", "no such thing"), [])


# --- what comes late, twice or from nowhere


def test_an_answer_that_comes_twice_counts_once() -> None:
    run = started(task("A"), task("B"))
    answer = TaskSucceeded(at=run.now, work_id=run.invoke_of("A").id, result=Payload(1))
    run.send(answer)
    step = run.send(answer)
    assert (step.events, [invoke.node for invoke in run.invokes]) == ([], ["B"])


def test_an_answer_to_an_earlier_attempt_is_ignored() -> None:
    run = started(task("T", retry=(retry(),)))
    first = run.invoke_of("T")
    run.fail("T", "Boom")
    run.fire()
    step = run.send(TaskSucceeded(at=run.now, work_id=first.id, result=Payload("late")))
    assert (step.events, run.status) == ([], Status.RUNNING)


def test_an_answer_during_the_back_off_is_ignored() -> None:
    run = started(task("T", retry=(retry(),)))
    first = run.invoke_of("T")
    run.fail("T", "Boom")
    step = run.send(TaskSucceeded(at=run.now, work_id=first.id, result=Payload("late")))
    assert (step.events, len(run.timers)) == ([], 1)


@pytest.mark.parametrize("work_id", ["", ".", "nonsense", "in-1", "1.999", "99.1", "-1.1", "0.1", "9" * 5000, "²", "1_0"])
def test_messages_for_work_that_never_was_are_ignored(work_id: str) -> None:
    run = started(task("T", heartbeat_s=constant(5)))
    for message in (
        TaskSucceeded(at=run.now, work_id=work_id, result=Payload(1)),
        TaskFailed(at=run.now, work_id=work_id, failure=Failure("E")),
        TaskSubmitted(at=run.now, work_id=work_id, output=Payload(1)),
        Heartbeat(at=run.now, work_id=work_id),
        TimerFired(at=run.now, work_id=work_id),
    ):
        assert run.post(message).events == []
    assert (run.status, len(run.invokes)) == (Status.RUNNING, 1)


def test_an_answer_after_the_end_is_ignored() -> None:
    run = started(task("T"))
    invoke = run.invoke_of("T")
    run.stop("Enough")
    step = run.send(TaskSucceeded(at=run.now, work_id=invoke.id, result=Payload(1)))
    assert (step.events, run.status) == ([], Status.ABORTED)


# --- limits


def test_the_time_limit_fails_the_attempt_and_takes_the_call_back() -> None:
    run = started(task("T", timeout_s=constant(30)))
    invoke = run.invoke_of("T")
    step = run.fire()
    assert run.now == BEGIN + timedelta(seconds=30)
    assert (run.failure, step.cancelled) == (Failure("States.Timeout"), [invoke.id])
    assert kinds(step.events) == ["TaskStarted", "TaskTimedOut", "NodeFailed", "ExecutionFailed"]


def test_an_answer_in_time_takes_the_timers_back() -> None:
    run = started(task("T", timeout_s=constant(30), heartbeat_s=constant(5)), task("U"))
    timers = {timer.id for timer in run.timers}
    assert len(timers) == 2
    assert set(run.succeed("T").cancelled) == timers


def test_the_time_limit_counts_per_attempt() -> None:
    run = started(task("T", timeout_s=constant(30), retry=(retry("States.Timeout", interval_s=100),)))
    run.fire()
    run.fire()
    assert run.timers[0].due_at == BEGIN + timedelta(seconds=30 + 100 + 30)


def test_a_missing_heartbeat_fails_the_task_as_a_timeout() -> None:
    run = started(task("T", heartbeat_s=constant(5)))
    run.fire()
    assert (run.now, run.failure) == (BEGIN + timedelta(seconds=5), Failure("States.Timeout", is_missed_heartbeat=True))


def test_a_heartbeat_moves_the_deadline_and_the_timer_arms_itself_again() -> None:
    run = started(task("T", heartbeat_s=constant(5)))
    run.now += timedelta(seconds=3)
    step = run.heartbeat(run.invoke_of("T").id)
    assert (step.work, step.events) == ([], [])
    run.fire()
    assert run.status is Status.RUNNING
    assert [timer.due_at for timer in run.timers] == [BEGIN + timedelta(seconds=8)]
    run.fire()
    assert run.failure == Failure("States.Timeout", is_missed_heartbeat=True)


def test_a_heartbeat_of_a_task_without_heartbeats_does_nothing() -> None:
    run = started(task("T"))
    assert run.heartbeat(run.invoke_of("T").id).events == []


# --- callbacks


def test_a_submitted_task_waits_for_its_callback() -> None:
    run = started(task("T"))
    work_id = run.submit("T")
    assert (run.invokes, run.status) == ([], Status.RUNNING)
    assert kinds(run.steps[-1].events) == ["TaskStarted", "TaskSubmitted"]
    step = run.post(TaskSucceeded(at=run.now, work_id=work_id, result=Payload("called back")))
    assert (run.output, step.cancelled) == ("called back", [])


def test_a_submitted_task_fails_by_callback_and_has_no_call_to_take_back() -> None:
    run = started(task("T"))
    work_id = run.submit("T")
    step = run.post(TaskFailed(at=run.now, work_id=work_id, failure=Failure("Refused")))
    assert (run.failure, step.cancelled) == (Failure("Refused"), [])


def test_a_task_is_submitted_once() -> None:
    run = started(task("T"))
    work_id = run.submit("T")
    assert run.send(TaskSubmitted(at=run.now, work_id=work_id, output=Payload({}))).events == []


def test_a_submitted_task_still_times_out() -> None:
    run = started(task("T", timeout_s=constant(30), catch=(catch("U"),)), pass_("U"))
    run.submit("T")
    run.fire()
    assert run.status is Status.SUCCEEDED


def test_a_callback_that_overtakes_the_submission_takes_the_call_back() -> None:
    run = started(task("T"), task("U"))
    invoke = run.invoke_of("T")
    step = run.post(TaskSucceeded(at=run.now, work_id=invoke.id, result=Payload(1)))
    assert step.cancelled == [invoke.id]
    assert run.send(TaskSubmitted(at=run.now, work_id=invoke.id, output=Payload({}))).events == []


def test_the_token_names_the_call_it_belongs_to() -> None:
    def arguments(scope: Scope) -> object:
        return [scope.task_token, scope.task_token]

    run = started(task("T", arguments=arguments, retry=(retry(),)))
    first = run.invoke_of("T")
    assert first.arguments.value == [encode_token("run-id", first.id)] * 2
    run.fail("T", "Boom")
    run.fire()
    second = run.invoke_of("T")
    assert second.arguments.value == [encode_token("run-id", second.id)] * 2
    assert second.id != first.id


# --- size


def test_an_answer_that_is_too_large_fails_the_task() -> None:
    run = started(task("T"), limits=Limits(payload_bytes=100))
    run.succeed("T", "x" * 99)
    assert run.failure is not None
    assert run.failure.error == "States.DataLimitExceeded"
    assert kinds(run.steps[-1].events) == ["TaskStarted", "TaskFailed", "NodeFailed", "ExecutionFailed"]


def test_a_payload_may_be_as_large_as_the_limit() -> None:
    run = started(task("T"), limits=Limits(payload_bytes=100))
    run.succeed("T", "x" * 98)
    assert run.status is Status.SUCCEEDED


@pytest.mark.parametrize("slot", ["arguments", "output"])
def test_a_value_that_a_slot_makes_too_large_fails_the_node(slot: str) -> None:
    node = pass_("P", catch=(catch("Q", "States.DataLimitExceeded"),), **{slot: constant({"v": "x" * 99})})
    run = started(node, pass_("Q"), limits=Limits(payload_bytes=100))
    assert (run.status, len(every(run.events, ev.NodeCaught))) == (Status.SUCCEEDED, 1)


def test_a_failed_attempt_tells_its_failure_to_the_catcher() -> None:
    run = started(task("T", catch=(catch("P", output=error_output),)), pass_("P"))
    run.fail("T", "Boom", "why")
    assert run.output == {"error": "Boom", "cause": "why"}


# --- jobs that are waited for


def test_a_job_is_told_of_when_it_is_accepted_and_once() -> None:
    run = started(task("T"))
    work_id = run.invoke_of("T").id
    accepted = TaskAccepted(at=run.now, work_id=work_id, output=Payload("id"), started_at=BEGIN)
    assert kinds(run.send(accepted).events) == ["TaskStarted", "TaskSubmitted"]
    assert run.send(accepted).events == []  # the call was made again after a crash
    answer = TaskSucceeded(at=run.now, work_id=work_id, result=Payload(1), started_at=BEGIN, submitted=Payload("id"))
    assert kinds(run.send(answer).events) == ["TaskSucceeded", "NodeExited", "ExecutionSucceeded"]


def test_the_call_of_an_accepted_job_stays_owed_and_is_taken_back_when_time_is_up() -> None:
    run = started(task("T", timeout_s=constant(5)))
    work_id = run.invoke_of("T").id
    run.send(TaskAccepted(at=run.now, work_id=work_id, output=Payload("id"), started_at=BEGIN))
    assert work_id in run.work
    run.fire()
    assert kinds(run.steps[-1].events)[0] == "TaskTimedOut"
    assert work_id not in run.work
