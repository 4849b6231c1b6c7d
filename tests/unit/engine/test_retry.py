"""Retry: when, how often, and what a retry of a composite means."""

from datetime import timedelta

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.effects import Invoke
from conductor_local.engine.retry import backoff, choose_retrier
from conductor_local.engine.state import Status
from conductor_local.program import Failure, Retrier
from conductor_local.testing.kernel import Run

from .build import (
    any_failure,
    body,
    catch,
    constant,
    every,
    fail,
    kinds,
    named,
    only,
    parallel,
    pass_,
    program,
    retry,
    started,
    task,
    wrong,
)

BITS_MAX = 2**64 - 1


def delays_of(retrier: Retrier, count: int) -> list[float]:
    return [backoff(retrier, k, 0).total_seconds() for k in range(1, count + 1)]


# --- the delay


def test_the_delay_grows_by_the_rate() -> None:
    assert delays_of(retry(interval_s=3, backoff_rate=2), 4) == [3, 6, 12, 24]


def test_a_rate_of_one_keeps_the_delay() -> None:
    assert delays_of(retry(interval_s=5, backoff_rate=1), 3) == [5, 5, 5]


def test_the_delay_never_exceeds_its_maximum() -> None:
    assert delays_of(retry(interval_s=3, backoff_rate=2, delay_max_s=10), 4) == [3, 6, 10, 10]


@pytest.mark.parametrize("delay_max_s", [None, 1e12])
def test_a_delay_beyond_all_numbers_is_a_year(delay_max_s: float | None) -> None:
    assert backoff(retry(interval_s=1, backoff_rate=10, delay_max_s=delay_max_s), 5000, 0) == timedelta(days=366)


def test_a_whole_rate_makes_no_endless_numbers() -> None:
    assert backoff(retry(interval_s=1, backoff_rate=2), 10**9, 0) == timedelta(days=366)


def test_jitter_draws_from_zero_to_the_capped_delay() -> None:
    retrier = retry(interval_s=100, backoff_rate=2, delay_max_s=50, jitter=True)
    assert backoff(retrier, 3, 0) == timedelta(0)
    assert backoff(retrier, 3, BITS_MAX // 2) == timedelta(seconds=25)
    assert backoff(retrier, 3, BITS_MAX) <= timedelta(seconds=50)


def test_without_jitter_chance_changes_nothing() -> None:
    assert backoff(retry(interval_s=2), 1, BITS_MAX) == timedelta(seconds=2)


# --- the choice


def test_no_retrier_matches() -> None:
    assert choose_retrier((retry("A"), retry("B")), [], Failure("C")) is None


def test_the_first_retrier_that_matches_is_chosen() -> None:
    assert choose_retrier((retry("A"), retry("B"), retry()), [0, 0, 0], Failure("B")) == 1


def test_an_exhausted_first_match_is_final() -> None:
    assert choose_retrier((retry("A", attempts_max=1), retry()), [1, 0], Failure("A")) is None


def test_a_retrier_of_no_attempts_stops_the_search() -> None:
    assert choose_retrier((retry("A", attempts_max=0), retry()), [], Failure("A")) is None


# --- in a run


def test_a_failing_task_is_tried_again_after_the_delay() -> None:
    run = started(task("T", retry=(retry(interval_s=7),)))
    step = run.fail("T", "Boom", "why")
    scheduled = only(step.events, ev.RetryScheduled)
    assert (scheduled.attempt, scheduled.retry_at, scheduled.failure) == (1, run.now + timedelta(seconds=7), Failure("Boom", "why"))
    assert (run.timers[0].due_at, run.invokes) == (scheduled.retry_at, [])
    run.fire()
    assert run.invoke_of("T").attempt == 2
    run.succeed("T", "at last")
    assert run.output == "at last"
    assert only(run.events, ev.NodeExited).attempts == 2
    assert len(every(run.events, ev.NodeEntered)) == 1


def test_a_task_fails_once_its_attempts_are_used_up() -> None:
    run = started(task("T", retry=(retry(attempts_max=2),)))
    attempts: list[int] = []

    def answer(invoke: Invoke) -> Failure:
        attempts.append(invoke.attempt)
        return Failure("Boom")

    run.finish(answer)
    assert (run.status, attempts, only(run.events, ev.NodeFailed).attempts) == (Status.FAILED, [1, 2, 3], 3)


def test_each_retrier_counts_for_itself() -> None:
    run = started(task("T", retry=(retry("A", attempts_max=1), retry("B", attempts_max=2))))
    for error in "ABB":
        run.fail("T", error)
        run.fire()
    run.fail("T", "B")
    assert (run.status, run.invokes) == (Status.FAILED, [])


def test_the_delay_of_a_retrier_grows_with_its_own_count() -> None:
    run = started(task("T", retry=(retry("A", interval_s=1), retry("B", interval_s=1))))
    for error in "AAB":
        run.fail("T", error)
        run.fire()
    times = [event.retry_at - event.at for event in every(run.events, ev.RetryScheduled)]
    assert times == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=1)]


def test_counters_begin_again_when_the_node_is_visited_again() -> None:
    again = task("T", retry=(retry("A", attempts_max=1),), catch=(catch("T", "A"), catch("P")))
    run = started(again, pass_("P"))
    for _ in range(3):
        run.fail("T", "A")
        run.fire()
        run.fail("T", "A")
    assert (len(every(run.events, ev.RetryScheduled)), run.invoke_of("T").attempt) == (3, 1)


def test_arguments_are_evaluated_again_for_each_attempt() -> None:
    run = started(task("T", arguments=lambda scope: scope.retries, retry=(retry(),)))
    seen: list[int] = []

    def answer(invoke: Invoke) -> Failure:
        seen.append(invoke.arguments.value)
        return Failure("Boom")

    run.finish(answer)
    assert seen == [0, 1, 2, 3]


def test_arguments_that_cannot_be_evaluated_are_tried_again_too() -> None:
    run = started(task("T", arguments=wrong("Bad"), retry=(retry("Bad", attempts_max=1),)))
    assert run.status is Status.RUNNING
    run.fire()
    assert run.failure == Failure("Bad", "no such thing")
    assert len(every(run.events, ev.NodeEntered)) == 1


def test_jitter_is_the_same_on_every_replay_and_differs_by_seed() -> None:
    def first_delay(seed: int) -> timedelta:
        run = Run(program(task("T", retry=(retry(interval_s=1000, jitter=True),))), seed=seed)
        run.start()
        run.fail("T", "Boom")
        assert timedelta(0) <= run.timers[0].due_at - run.now <= timedelta(seconds=1000)
        return run.timers[0].due_at - run.now

    assert first_delay(7) == first_delay(7)
    assert len({first_delay(seed) for seed in range(20)}) == 20


def test_only_jitter_draws_from_the_entropy() -> None:
    run = started(task("T", retry=(retry(),)))
    run.fail("T", "Boom")
    assert run.execution.head.draws == 0


def test_a_retry_of_a_parallel_runs_all_branches_again() -> None:
    run = started(parallel("P", body(task("A")), body(task("B")), retry=(retry(),)))
    run.succeed("A", "first time")
    run.fail("B", "Boom")
    assert (run.invokes, set(run.execution.frames)) == ([], {1})
    step = run.fire()
    assert kinds(step.events) == ["ParallelStarted", "NodeEntered", "TaskScheduled", "NodeEntered", "TaskScheduled"]
    assert [(invoke.node, invoke.attempt) for invoke in run.invokes] == [("A", 1), ("B", 1)]
    run.succeed("A", 1)
    run.succeed("B", 2)
    assert (run.output, every(run.events, ev.ParallelFailed)) == ([1, 2], [])


def test_a_retry_takes_the_work_of_nested_branches_back() -> None:
    inner = parallel("Q", body(task("A")), body(task("B", timeout_s=constant(9))))
    run = started(parallel("P", body(inner), body(task("C")), retry=(retry(),)))
    run.fail("C", "Boom")
    assert (run.invokes, len(run.timers), set(run.execution.frames)) == ([], 1, {1})


def test_the_inner_retry_comes_before_the_outer() -> None:
    inner = task("A", retry=(retry("X", attempts_max=1),))
    run = started(parallel("P", body(inner), retry=(retry("X", attempts_max=1),)))
    run.finish(lambda _: Failure("X"))
    assert [event.node for event in every(run.events, ev.RetryScheduled)] == ["A", "P", "A"]


def test_a_failure_that_matches_nothing_is_not_tried_again() -> None:
    run = started(task("T", retry=(Retrier(matches=named("Other")),)))
    run.fail("T", "Boom")
    assert run.status is Status.FAILED


def test_a_failing_end_inside_a_branch_is_tried_again_by_the_composite() -> None:
    run = started(parallel("P", body(fail("F", error=constant("E"))), retry=(Retrier(matches=any_failure, attempts_max=2),)))
    run.finish()
    assert len(every(run.events, ev.ParallelStarted)) == 3
