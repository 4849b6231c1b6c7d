from datetime import UTC, datetime

import pytest

from conductor_local.language.timestamps import instant, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016-03-14T01:59:00Z", datetime(2016, 3, 14, 1, 59, tzinfo=UTC)),
        ("2016-03-14T01:59:00.5+02:30", datetime(2016, 3, 13, 23, 29, 0, 500_000, tzinfo=UTC)),
        ("2016-03-14T01:59:00.123456789-01:00", datetime(2016, 3, 14, 2, 59, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_timestamp_becomes_a_moment_in_utc(text, expected):
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "2016-03-14", "2016-03-14 01:59:00Z", "2016-03-14t01:59:00z", "2016-03-14T01:59:00", "2016-02-30T01:59:00Z",
        "2016-03-14T01:59:60Z", "2016-03-14T24:00:00Z", "2016-03-14T01:59:00+0200", "2016-03-14T01:59:00+24:00",
        "2016-03-14T01:59:00.Z", "0000-01-01T00:00:00Z", "2016-03-14T01:59:00Z\n", "٢٠١٦-03-14T01:59:00Z",
    ],
)  # fmt: skip
def test_anything_else_is_no_timestamp(text):
    assert instant(text) is None
    assert moment(text) is None


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00"])
def test_an_instant_beyond_the_calendar_can_be_compared_but_not_waited_for(text):
    assert instant(text) is not None
    assert moment(text) is None


def test_instants_are_ordered_to_the_last_digit_and_across_offsets():
    texts = [
        "2016-03-14T02:00:00.10+01:00",
        "2016-03-14T01:00:00.1000000000001Z",
        "2016-03-14T01:00:00.11Z",
        "2016-03-14T01:00:01Z",
    ]
    assert sorted(texts, key=instant) == texts
    assert instant(texts[0]) == instant("2016-03-14T01:00:00.1Z")
