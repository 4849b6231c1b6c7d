"""Expressions that fail where the history shows it: `EvaluationError` with a location."""

from typing import Any

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.messages import TaskSucceeded
from conductor_local.errors import EvaluationError
from conductor_local.payload import Payload
from conductor_local.program import Failure, Rule, Scope, Wait
from conductor_local.testing.kernel import Run

from .build import body, catch, choice, constant, every, fail, history, map_, only, parallel, pass_, retry, started, succeed, task


def shown(_: Scope) -> Any:
    """A slot whose failure the history shows."""
    raise EvaluationError("Bad", "no such thing", location="Here")


def rows(run: Run) -> list[tuple[int, int, str]]:
    return [row for row in history(run) if row[2] in ("NodeEntered", "EvaluationFailed", "MapFailed", "ExecutionFailed")]


@pytest.mark.parametrize(
    "node",
    [
        pass_("N", arguments=shown),
        pass_("N", output=shown),
        task("N", timeout_s=shown),
        map_("N", body(pass_("A")), items=shown),
        map_("N", body(pass_("A")), item=shown),
        map_("N", body(pass_("A")), window=shown),
        parallel("N", body(pass_("A")), output=shown),
        fail("N", cause=shown),
        Wait(name="N", title="The N", until=shown),
        choice("N", Rule(condition=shown, next="S")),
    ],
    ids=lambda node: type(node).__name__,
)
def test_a_failed_expression_is_recorded_with_its_place(node: Any) -> None:
    run = started(node, succeed("S"), input=[1])
    failed = only(run.events, ev.EvaluationFailed)
    assert (failed.node, failed.title, failed.location, failed.failure) == ("N", "The N", "Here", Failure("Bad", "no such thing"))
    assert run.failure == failed.failure


def test_right_after_the_entry_it_points_to_what_came_before() -> None:
    run = started(pass_("A"), pass_("B", arguments=shown))
    assert rows(run)[1:] == [(4, 3, "NodeEntered"), (5, 3, "EvaluationFailed"), (6, 5, "ExecutionFailed")]


def test_in_a_wait_it_points_to_the_entry() -> None:
    run = started(pass_("A"), Wait(name="W", title="W", until=shown))
    assert rows(run)[1:] == [(4, 3, "NodeEntered"), (5, 4, "EvaluationFailed"), (6, 5, "ExecutionFailed")]


def test_later_it_points_to_the_event_before() -> None:
    run = started(task("T", output=shown))
    run.succeed("T")
    assert rows(run)[-2:] == [(6, 5, "EvaluationFailed"), (7, 6, "ExecutionFailed")]


def test_it_is_recorded_once_per_attempt() -> None:
    run = started(pass_("P", arguments=shown, retry=(retry(attempts_max=2),)))
    run.finish()
    assert [event.cause for event in every(run.events, ev.EvaluationFailed)] == [0, 3, 4]


def test_after_a_redrive_it_points_to_the_event_before() -> None:
    run = started(pass_("A"), fail("F", cause=lambda scope: shown(scope) if scope.redrives else "chosen"))
    run.redrive()
    entered = every(run.events, ev.NodeEntered)[1]
    assert only(run.events, ev.EvaluationFailed).cause == entered.history_id


def test_a_map_whose_items_failed_visibly_is_recorded_as_failed() -> None:
    run = started(map_("M", body(pass_("A")), items=shown))
    assert rows(run) == [(2, 0, "NodeEntered"), (3, 0, "EvaluationFailed"), (4, 3, "MapFailed"), (5, 4, "ExecutionFailed")]


def test_a_catcher_that_failed_visibly_is_recorded() -> None:
    run = started(task("T", catch=(catch("P", output=shown),)), pass_("P"))
    run.fail("T", "X")
    assert rows(run)[1:] == [(6, 5, "EvaluationFailed"), (7, 6, "ExecutionFailed")]


def test_without_a_place_the_history_shows_nothing() -> None:
    def hidden(_: Scope) -> Any:
        raise EvaluationError("Bad", "no such thing")

    assert every(started(pass_("A", arguments=hidden)).events, ev.EvaluationFailed) == []


def test_the_credentials_of_a_task_are_recorded_and_not_given_to_it() -> None:
    run = started(task("T", arguments=constant("a"), credentials=constant({"role": "r"})))
    assert only(run.events, ev.TaskScheduled).credentials == Payload({"role": "r"})
    assert run.invoke_of("T").arguments == Payload("a")


def test_a_call_that_timed_out_had_begun_when_it_was_asked_for() -> None:
    run = started(task("T", timeout_s=constant(5)))
    run.fire()
    assert only(run.events, ev.TaskStarted).started_at == run.execution.head.started_at


def test_a_submitted_call_that_timed_out_began_once() -> None:
    run = started(task("T", timeout_s=constant(5)))
    run.submit("T")
    run.fire()
    assert len(every(run.events, ev.TaskStarted)) == 1


def test_the_definition_can_be_read() -> None:
    run = started(pass_("A", output=lambda scope: [scope.definition_id, scope.definition_name]))
    assert run.output == ["definition", "Definition"]
    assert run.send(TaskSucceeded(at=run.now, work_id="1.1", result=Payload(1))).events == []
