"""Conductor gives the answers that AWS gave, except where `exceptions.toml` says why not."""

from collections import Counter

import pytest

from .replay.accepted import accepted
from .replay.cases import folder, load
from .replay.verdicts import Verdict, judge
from .wire.scripts import load_scripts

pytestmark = pytest.mark.skipif(not folder().is_dir(), reason="the recordings from AWS are not here (CONDUCTOR_AWS_RECORDED)")


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    judged = [judge(case) for case in load(folder())]
    print("\nrecorded cases:", dict(Counter(verdict.status for verdict in judged)))
    return judged


def test_no_recorded_case_differs_that_is_not_accepted(verdicts: list[Verdict]) -> None:
    reasons = accepted()
    failing = [verdict for verdict in verdicts if verdict.status == "fail" and verdict.id not in reasons]
    told = "\n".join(
        f"{verdict.id}\n    at {verdict.path}: {verdict.expected!r:.150} but {verdict.got!r:.150}" for verdict in failing
    )
    assert not failing, f"{len(failing)} of {len(verdicts)} differ:\n{told}"


def test_every_accepted_difference_is_still_there(verdicts: list[Verdict]) -> None:
    passing = {verdict.id for verdict in verdicts if verdict.status == "pass"}
    known = {verdict.id for verdict in verdicts} | {script.id for script in load_scripts(folder())}
    assert not [id for id in accepted() if id in passing or id not in known], "take these out of exceptions.toml"


def test_there_are_cases(verdicts: list[Verdict]) -> None:
    assert len(verdicts) > 600
