from datetime import timedelta

import pytest

from conductor_local.testing.kernel import BEGIN

from .machines import failed, only, run, told

NOON = "2026-01-01T12:00:00Z"


@pytest.mark.parametrize(
    ("fields", "waited"),
    [
        ({"Seconds": 5}, timedelta(seconds=5)),
        ({"SecondsPath": "$.a.s"}, timedelta(seconds=7)),
        ({"InputPath": "$.a", "SecondsPath": "$.s"}, timedelta(seconds=7)),
        ({"Timestamp": NOON}, timedelta(hours=12)),
        ({"TimestampPath": "$.t"}, timedelta(hours=12)),
        ({"Timestamp": "2001-01-01T00:00:00+01:00"}, timedelta(0)),
    ],
)
def test_a_wait_ends_when_it_says(fields, waited):
    done = run(only({"Type": "Wait", **fields}), {"a": {"s": 7}, "t": NOON})
    assert done.failure is None
    assert done.now == BEGIN + waited


@pytest.mark.parametrize(
    ("fields", "value", "text"),
    [
        ({"SecondsPath": "$.v"}, -1, "The SecondsPath parameter references a negative value: $.v == -1"),
        ({"SecondsPath": "$.v"}, 1.5, "The SecondsPath parameter cannot be parsed as a long value: $.v == 1.5"),
        ({"SecondsPath": "$.x"}, 1, "The SecondsPath parameter does not reference an input value: $.x"),
        ({"SecondsPath": "$.v"}, 2**62, "Wait state delay is too long."),
        ({"Timestamp": "9999-01-01T00:00:00Z"}, 1, "Wait state delay is too long."),
        (
            {"TimestampPath": "$.v"},
            "noon",
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.v == noon",
        ),
    ],
)
def test_what_cannot_be_waited_for(fields, value, text):
    assert failed(only({"Type": "Wait", **fields}), {"v": value}) == ("States.Runtime", text)


ALL = "[Seconds, SecondsPath, Timestamp, TimestampPath]"


@pytest.mark.parametrize(
    ("fields", "text", "location"),
    [
        ({}, f"There should be one of the following fields: {ALL}", "/States/A"),
        ({"Seconds": 1, "SecondsPath": "$"}, f"There should only be one of the following fields: {ALL}", "/States/A"),
        ({"Seconds": 1.5}, "Expected value of type Integer", "/States/A/Seconds"),
        ({"Seconds": -1}, "Minimum value is 0", "/States/A/Seconds"),
        ({"Timestamp": "noon"}, "String does not match RFC3339 timestamp", "/States/A/Timestamp"),
        ({"SecondsPath": "$..x"}, "Value is not a Reference Path", "/States/A/SecondsPath"),
        (
            {
                "SecondsPath": "$[",
            },
            "Value is not a Reference Path",
            "/States/A/SecondsPath",
        ),
    ],
)
def test_refused_waits(fields, text, location):
    assert told(only({"Type": "Wait", **fields})) == [(text, location)]
