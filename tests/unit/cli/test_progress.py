"""What a person sees of a running instance."""

import pytest

from conductor_local.cli.progress import PlainProgress, abbreviate, seconds_text
from conductor_local.cli.story import Story

STARTED = {"type": "WORKFLOW_STARTED", "workflowName": "Signup", "startedAt": "2026-03-01T10:00:00.000Z", "initialPayload": {}}
STEP = {"instanceId": "i-1", "stepId": "check", "stepName": "Check the user"}
STEP_STARTED = {
    "type": "STEP_STARTED",
    **STEP,
    "functionName": "validateUserData",
    "input": {"password": "hunter22"},
    "startedAt": "2026-03-01T10:00:00.100Z",
}
STEP_COMPLETED = {"type": "STEP_COMPLETED", **STEP, "output": {"password": "hunter22"}, "endedAt": "2026-03-01T10:00:00.600Z"}
STEP_FAILED = {"type": "STEP_FAILED", **STEP, "error": "no email", "endedAt": "2026-03-01T10:00:00.600Z"}


def test_a_step_takes_from_its_start_to_its_end() -> None:
    story = Story()
    for event in (STARTED, STEP_STARTED):
        story.tell(event)
    moment = story.tell(STEP_COMPLETED)
    assert (moment.took_s, moment.since_start_s, moment.function) == (0.5, 0.6, "validateUserData")


def test_steps_of_one_name_in_two_branches_are_kept_apart() -> None:
    story = Story()
    story.tell({**STEP_STARTED, "path": ["split", 0]})
    story.tell({**STEP_STARTED, "path": ["split", 1], "startedAt": "2026-03-01T10:00:00.400Z"})
    assert story.tell({**STEP_COMPLETED, "path": ["split", 0]}).took_s == 0.5


def test_an_end_without_a_known_start_is_told() -> None:
    assert Story().tell(STEP_COMPLETED).title == "Check the user"


def test_plain_progress_is_a_line_for_each_moment(capsys: pytest.CaptureFixture[str]) -> None:
    progress = PlainProgress(err=True)
    for event in (STARTED, STEP_STARTED, STEP_FAILED):
        progress.show(event)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split()[2] for line in captured.err.splitlines()] == ["started", "running", "failed"]
    assert "no email" in captured.err


def test_secrets_are_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    progress = PlainProgress(err=True)
    for event in (STARTED, STEP_STARTED, STEP_COMPLETED):
        progress.show(event)
    assert "hunter22" not in capsys.readouterr().err


def test_a_long_value_is_cut() -> None:
    assert len(abbreviate({"a": "x" * 500}, 40)) == 40


@pytest.mark.parametrize(("seconds", "text"), [(0.5, "0.50 s"), (12.34, "12.3 s"), (125, "2 min 5 s")])
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text
