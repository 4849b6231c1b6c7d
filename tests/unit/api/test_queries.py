"""Query parameters: what they accept and how they refuse."""

from datetime import UTC, datetime

import pytest

from conductor_local.api.rest.queries import instant, statuses_of, switch
from conductor_local.engine.state import Status
from conductor_local.errors import InvalidRequest


def test_statuses_come_repeated_or_with_commas() -> None:
    assert statuses_of(["FAILED,CANCELLED", "PENDING"]) == {Status.FAILED, Status.ABORTED, Status.PENDING}
    assert statuses_of(["RUNNING"]) == {Status.RUNNING, Status.SUSPENDED}
    assert statuses_of(None) == statuses_of([""]) == frozenset()


def test_an_unknown_status_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidRequest, match="'DONE' is not a status; there are: PENDING") as caught:
        statuses_of(["DONE"])
    assert caught.value.pointer == "query/status"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31t12:00:00.5z", datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-31T14:00:00+02:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T14:00:00 02:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_times_are_rfc_3339(text: str, expected: datetime) -> None:
    assert instant("startedFrom", text) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-01-31", "2026-01-31T12:00:00", "2026-02-31T12:00:00Z", "2026-01-31T25:00:00Z"]
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        instant("startedFrom", text)
    assert caught.value.pointer == "query/startedFrom"


def test_a_switch_may_come_without_a_value() -> None:
    assert [switch("follow", text) for text in (None, "", "true", "0")] == [False, True, True, False]
    with pytest.raises(InvalidRequest):
        switch("follow", "perhaps")
