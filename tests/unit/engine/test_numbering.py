"""The three numberings of events, and what each event points back to."""

from conductor_local.engine import events as ev
from conductor_local.engine.events import Event
from conductor_local.program import Failure
from conductor_local.testing.kernel import Run

from .build import body, catch, constant, fail, history, map_, parallel, pass_, retry, started, task, wait


def mixed() -> Run:
    inner = body(task("T", retry=(retry(attempts_max=1),)), wait("W"))
    run = started(parallel("P", body(map_("M", inner, items=constant([1, 2, 3]), window=constant(2))), body(task("U"))), pass_("Z"))
    run.finish(lambda invoke: Failure("X") if invoke.attempt == 1 and invoke.node == "T" else 1)
    return run


def test_seq_is_dense_from_one() -> None:
    run = mixed()
    assert [event.seq for event in run.events] == list(range(1, len(run.events) + 1))
    assert run.execution.head.next_seq == len(run.events) + 1


def test_history_ids_are_dense_from_one() -> None:
    numbers = [event.history_id for event in mixed().events if event.history_id]
    assert numbers == list(range(1, len(numbers) + 1))


def test_lifecycle_ids_are_dense_from_one() -> None:
    numbers = [event.lifecycle_id for event in mixed().events if event.lifecycle_id]
    assert numbers == list(range(1, len(numbers) + 1))


def test_an_event_is_in_the_numberings_its_kind_says() -> None:
    for event in mixed().events:
        assert (event.history_id > 0, event.lifecycle_id > 0) == (event.in_history, event.in_lifecycle)


def test_retries_failed_nodes_and_what_is_told_of_runs_are_not_in_the_history() -> None:
    hidden = [kind for kind in Event.__subclasses__() + ev.NodeEvent.__subclasses__() if not kind.in_history]
    assert hidden == [ev.NodeFailed, ev.RetryScheduled, ev.MapRunCounted, ev.MapRunUpdated]


def test_an_event_points_back_to_an_earlier_one() -> None:
    for event in mixed().events:
        assert 0 <= event.cause < (event.history_id or 1)


def test_an_event_says_where_it_happened() -> None:
    run = started(map_("M", body(parallel("P", body(pass_("A"))))), input=[0])
    places = {event.node: event.path for event in run.events if isinstance(event, ev.NodeEntered)}
    assert places == {"M": (), "P": ("M", 0), "A": ("M", 0, "P", 0)}


# --- what points back to what: id, cause, kind


def test_a_sequence_points_back_step_by_step() -> None:
    run = started(task("T"), pass_("A"))
    run.succeed("T")
    assert history(run) == [
        (1, 0, "ExecutionStarted"),
        (2, 0, "NodeEntered"),
        (3, 2, "TaskScheduled"),
        (4, 3, "TaskStarted"),
        (5, 4, "TaskSucceeded"),
        (6, 5, "NodeExited"),
        (7, 6, "NodeEntered"),
        (8, 7, "NodeExited"),
        (9, 8, "ExecutionSucceeded"),
    ]


def test_a_retry_points_back_to_the_failure() -> None:
    run = started(task("T", retry=(retry(),), timeout_s=constant(5)))
    run.fire()
    run.fire()
    assert history(run)[4:] == [(5, 4, "TaskTimedOut"), (6, 5, "TaskScheduled")]


def test_a_caught_failure_goes_on_from_the_failure() -> None:
    run = started(task("T", catch=(catch("A"),)), pass_("A"))
    run.fail("T", "X")
    assert history(run)[4:7] == [(5, 4, "TaskFailed"), (6, 5, "NodeCaught"), (7, 6, "NodeEntered")]


def test_a_failure_ends_the_execution_from_the_last_event() -> None:
    assert history(started(pass_("A"), fail("F")))[3:] == [(4, 3, "NodeEntered"), (5, 4, "ExecutionFailed")]


def test_branches_point_back_to_the_start_of_the_parallel_and_its_end_to_the_last_branch() -> None:
    run = started(parallel("P", body(task("A")), body(task("B"))), pass_("Z"))
    run.succeed("B")
    run.succeed("A")
    assert history(run)[1:] == [
        (2, 0, "NodeEntered"),
        (3, 2, "ParallelStarted"),
        (4, 3, "NodeEntered"),
        (5, 4, "TaskScheduled"),
        (6, 3, "NodeEntered"),
        (7, 6, "TaskScheduled"),
        (8, 7, "TaskStarted"),
        (9, 8, "TaskSucceeded"),
        (10, 9, "NodeExited"),
        (11, 5, "TaskStarted"),
        (12, 11, "TaskSucceeded"),
        (13, 12, "NodeExited"),
        (14, 13, "ParallelSucceeded"),
        (15, 13, "NodeExited"),
        (16, 15, "NodeEntered"),
        (17, 16, "NodeExited"),
        (18, 17, "ExecutionSucceeded"),
    ]


def test_a_failing_parallel_points_back_to_the_failing_event() -> None:
    run = started(parallel("P", body(task("A")), body(task("B"))))
    run.fail("A", "X")
    assert history(run)[7:] == [
        (8, 5, "TaskStarted"),
        (9, 8, "TaskFailed"),
        (10, 9, "NodeAborted"),
        (11, 9, "NodeAborted"),
        (12, 9, "ParallelFailed"),
        (13, 12, "ExecutionFailed"),
    ]


def test_a_caught_parallel_goes_on_from_its_failure() -> None:
    run = started(parallel("P", body(fail("F")), catch=(catch("A"),)), pass_("A"))
    assert history(run)[3:7] == [(4, 3, "NodeEntered"), (5, 4, "ParallelFailed"), (6, 5, "NodeCaught"), (7, 6, "NodeEntered")]


def test_a_parallel_tried_again_starts_from_the_failing_event() -> None:
    run = started(parallel("P", body(fail("F")), retry=(retry(),)))
    run.fire()
    assert history(run)[3:6] == [(4, 3, "NodeEntered"), (5, 4, "ParallelStarted"), (6, 5, "NodeEntered")]


def test_iterations_started_together_point_back_to_the_start_of_the_map() -> None:
    run = started(map_("M", body(pass_("A"))), input=[0, 1])
    assert history(run)[2:] == [
        (3, 2, "MapStarted"),
        (4, 3, "IterationStarted"),
        (5, 3, "IterationStarted"),
        (6, 4, "NodeEntered"),
        (7, 6, "NodeExited"),
        (8, 7, "IterationSucceeded"),
        (9, 5, "NodeEntered"),
        (10, 9, "NodeExited"),
        (11, 10, "IterationSucceeded"),
        (12, 11, "MapSucceeded"),
        (13, 11, "NodeExited"),
        (14, 13, "ExecutionSucceeded"),
    ]


def test_an_iteration_that_takes_a_free_place_points_back_to_the_last_event_of_the_one_before() -> None:
    run = started(map_("M", body(pass_("A")), window=constant(1)), input=[0, 1])
    assert history(run)[3:] == [
        (4, 3, "IterationStarted"),
        (5, 4, "NodeEntered"),
        (6, 5, "NodeExited"),
        (7, 6, "IterationSucceeded"),
        (8, 6, "IterationStarted"),
        (9, 8, "NodeEntered"),
        (10, 9, "NodeExited"),
        (11, 10, "IterationSucceeded"),
        (12, 11, "MapSucceeded"),
        (13, 11, "NodeExited"),
        (14, 13, "ExecutionSucceeded"),
    ]


def test_an_empty_map_points_back_to_its_start() -> None:
    assert history(started(map_("M", body(pass_("A"))), input=[]))[2:] == [
        (3, 2, "MapStarted"),
        (4, 3, "MapSucceeded"),
        (5, 3, "NodeExited"),
        (6, 5, "ExecutionSucceeded"),
    ]


def test_a_failing_map_points_back_to_the_failing_event() -> None:
    run = started(map_("M", body(task("T"))), input=[0, 1])
    run.fail("T", "X")
    assert history(run)[9:] == [
        (10, 7, "TaskStarted"),
        (11, 10, "TaskFailed"),
        (12, 11, "IterationFailed"),
        (13, 11, "NodeAborted"),
        (14, 11, "IterationAborted"),
        (15, 11, "NodeAborted"),
        (16, 11, "MapFailed"),
        (17, 16, "ExecutionFailed"),
    ]


def test_a_map_tried_again_starts_from_the_failing_event() -> None:
    run = started(map_("M", body(fail("F")), retry=(retry(),)), input=[0])
    run.fire()
    assert history(run)[4:8] == [
        (5, 4, "NodeEntered"),
        (6, 5, "IterationFailed"),
        (7, 5, "MapStarted"),
        (8, 7, "IterationStarted"),
    ]


def test_what_ends_the_execution_from_outside_points_back_to_nothing() -> None:
    stopped = started(task("T"))
    stopped.stop()
    late = started(task("T"), timeout_s=5)
    late.fire()
    assert [history(run)[-1] for run in (stopped, late)] == [(4, 0, "ExecutionAborted"), (4, 0, "ExecutionTimedOut")]
