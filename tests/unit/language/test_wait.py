from datetime import UTC, datetime, timedelta

import pytest

from conductor_local.errors import EvaluationError

from .fakes import ENTRY, only, refusals, scope


def until(payload=None, **fields):
    return only({"type": "wait", **fields}).until(scope(payload))


@pytest.mark.parametrize("seconds", [0, 1.5, 99_999_999])
def test_a_wait_of_seconds_counts_from_entry(seconds):
    assert until(seconds=seconds) == ENTRY + timedelta(seconds=seconds)
    assert until({"s": seconds}, seconds="$.s") == ENTRY + timedelta(seconds=seconds)


def test_a_wait_until_a_time_or_a_path_to_one():
    expected = datetime(2030, 6, 1, 10, tzinfo=UTC)
    assert until(until="2030-06-01T12:00:00+02:00") == expected
    assert until({"due": "2030-06-01T10:00:00Z"}, until="due") == expected


@pytest.mark.parametrize(
    ("fields", "payload", "message"),
    [
        ({"seconds": "$.s"}, {}, r"step 'a': seconds '\$\.s' finds nothing"),
        ({"seconds": "$.s"}, {"s": "5"}, "finds a text"),
        ({"seconds": "$.s"}, {"s": -1}, "finds the number -1"),
        ({"until": "$.due"}, {}, r"step 'a': until '\$\.due' finds nothing"),
        ({"until": "$.due"}, {"due": "tomorrow"}, "finds a text, but must lead to an RFC 3339 time"),
        ({"until": "$.due"}, {"due": 5}, "finds the number 5"),
        ({"until": "$.due"}, {"due": "2999-01-01T00:00:00Z"}, "too long"),
        ({"until": "2999-01-01T00:00:00Z"}, {}, "too long"),
    ],
)
def test_a_time_that_will_not_do_fails_by_step_and_path(fields, payload, message):
    with pytest.raises(EvaluationError, match=message) as caught:
        until(payload, **fields)
    assert caught.value.error == "States.Runtime"


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({}, "", "WAIT"),
        ({"seconds": 1, "until": "2030-06-01T12:00:00Z"}, "", "WAIT"),
        ({"seconds": -1}, "/seconds", "OUT_OF_RANGE"),
        ({"seconds": None}, "/seconds", "WRONG_TYPE"),
        ({"seconds": "10"}, "/seconds", "WRONG_TYPE"),
        ({"seconds": "$.["}, "/seconds", "PATH_SYNTAX"),
        ({"until": 5}, "/until", "WRONG_TYPE"),
        ({"until": ""}, "/until", "EMPTY"),
        ({"until": "2030-06-01"}, "/until", "TIMESTAMP"),
        ({"until": "$..x"}, "/until", "PATH_SYNTAX"),
    ],
)
def test_a_wait_is_checked(fields, pointer, code):
    assert refusals({"a": {"type": "wait", **fields}}) == [(f"/steps/a{pointer}", code)]
