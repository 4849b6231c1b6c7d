"""What a miss means in each field, in AWS's words (reference sheet 4)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from conductor_local.language.absent import ABSENT
from conductor_local.language.expr import (
    ExpressionSyntaxError,
    Read,
    choice_path,
    count_path,
    data_path,
    items_path,
    maybe,
    on_input,
    on_result,
    parse,
    percentage_path,
    read_text,
    seconds_path,
    timestamp_path,
)

from .helpers import CONTEXT, at, failing, failure_of, value_of

RUNTIME = "States.Runtime"


@pytest.mark.parametrize(
    ("expression", "document", "text"),
    [
        ("$.no", {"a": 1}, """The JSONPath '$.no' specified for the field 'k.$' could not be found in the input '{"a":1}'"""),
        (
            "$.a.b",
            {"a": None},
            """The JSONPath '$.a.b' specified for the field 'k.$' could not be found in the input '{"a":null}'""",
        ),
        ("$[5].x", [1], "The JSONPath '$[5].x' specified for the field 'k.$' could not be found in the input '[1]'"),
        (
            "$.t[0]",
            {"t": "x"},
            """The JSONPath '$.t[0]' specified for the field 'k.$' could not be found in the input '{"t":"x"}'""",
        ),
        ("$v.a", {}, "The JSONPath '$v.a' specified for the field 'k.$' could not be found in the input '{}'"),
    ],
)
def test_a_template_path_that_leads_nowhere(expression: str, document: Any, text: str) -> None:
    assert failure_of(expression, document) == (RUNTIME, text)


def test_a_context_path_that_leads_nowhere_shows_the_context() -> None:
    _, text = failure_of("$$.Execution.Input.no", execution_input={})
    assert text.startswith("The JSONPath '$$.Execution.Input.no' specified for the field 'k.$' could not be found in the input")
    assert '"StateMachine":{"Id":"arn:m","Name":"m"}' in text


@pytest.mark.parametrize("expression", ["$.l[5]", "$.l[-3]", "$v[2]"])
def test_an_index_past_the_end_is_null_in_a_template(expression: str) -> None:
    assert value_of(expression, {"l": [1, 2]}, variables={"v": [1, 2]}) is None


@pytest.mark.parametrize(
    ("path", "document", "reason"),
    [
        ("$.X", {}, "No results for path: $['X']"),
        ("$.no.such.result.path", {}, "Missing property in path $['no']"),
        ("$.a.b", {"a": {}}, "No results for path: $['a']['b']"),
        ("$.a.b.c", {"a": {}}, "Missing property in path $['a']['b']"),
        ("$.l[3]", {"l": []}, "No results for path: $['l'][3]"),
        ("$.l[3].x", {"l": []}, "No results for path: $['l'][3]['x']"),
        ("$.l[0]", {"l": None}, "The path $['l'] is null"),
        ("$.l[0]", {"l": {"a": "b"}}, "Filter: [0] can only be applied to arrays. Current context is: {a=b}"),
        (
            "$.a.b",
            {"a": 1},
            "Expected to find an object with property ['b'] in path $['a'] but found 'java.lang.Integer'. This is not a json "
            "object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonProvider'.",
        ),
        ("$v.a", {}, "No results for path: $['a']"),
        ("$v", {}, "No results for path: $"),
    ],
)
def test_a_data_path_that_leads_nowhere(path: str, document: Any, reason: str) -> None:
    assert failing(data_path(parse(path), CONTEXT), document) == (RUNTIME, f"Invalid path '{path}' : {reason}")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "java.lang.Boolean"),
        (1, "java.lang.Integer"),
        (1.5, "java.lang.Double"),
        ("", "java.lang.String"),
        ([], "java.util.ArrayList"),
    ],
)
def test_a_property_of_anything_but_an_object_names_its_java_class(value: Any, name: str) -> None:
    assert f"but found '{name}'" in failing(data_path(parse("$.b"), CONTEXT), value)[1]


@pytest.mark.parametrize("field", ["ErrorPath", "CausePath"])
def test_the_paths_of_a_fail_state(field: str) -> None:
    assert failing(read_text("$.X", field, CONTEXT), {}) == (
        RUNTIME,
        f"The JSONPath '$.X' specified for the field '{field}' could not be found in the input '{{}}'",
    )
    assert read_text("States.Format('{}!', $.e)", field, CONTEXT)({"e": "E"}, at()) == "E!"
    with pytest.raises(ExpressionSyntaxError, match=r"States\.MathAdd cannot be used in"):
        read_text("States.MathAdd(1, 1)", field, CONTEXT)


def test_a_choice_variable_that_is_not_there() -> None:
    text = "Invalid path '$.x': The choice state's condition path references an invalid value."
    assert failing(choice_path(parse("$.x"), CONTEXT), {}) == (RUNTIME, text)
    assert choice_path(parse("$.x"), CONTEXT)({"x": None}, at()) is None


def test_absence_can_be_asked_for() -> None:
    assert maybe(parse("$.x"), CONTEXT)({}, at()) is ABSENT
    assert maybe(parse("$v"), CONTEXT)({}, at()) is ABSENT
    assert maybe(parse("$$.Nope"), CONTEXT)({}, at()) is ABSENT
    assert maybe(parse("$['a','b']"), CONTEXT)([], at()) is ABSENT
    assert maybe(parse("$.x"), CONTEXT)({"x": None}, at()) is None


SECONDS, STAMP = seconds_path(parse("$.x"), CONTEXT), timestamp_path(parse("$.x"), CONTEXT)
COUNT, SHARE = count_path(parse("$.x"), CONTEXT, "MaxConcurrencyPath"), percentage_path(parse("$.x"), CONTEXT)
TOLERATED = count_path(parse("$.x"), CONTEXT, "ToleratedFailureCountPath")
ITEMS = items_path(parse("$.x"), CONTEXT)
NOT_LONG = "The SecondsPath parameter cannot be parsed as a long value: $.x == "
NOT_TIME = "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.x == "


@pytest.mark.parametrize(
    ("read", "document", "text"),
    [
        (SECONDS, {}, "The SecondsPath parameter does not reference an input value: $.x"),
        (SECONDS, {"x": None}, "The SecondsPath parameter does not reference an input value: $.x"),
        (SECONDS, {"x": -1}, "The SecondsPath parameter references a negative value: $.x == -1"),
        (SECONDS, {"x": 1.5}, NOT_LONG + "1.5"),
        (SECONDS, {"x": -1.5}, NOT_LONG + "-1.5"),
        (SECONDS, {"x": True}, NOT_LONG + "true"),
        (SECONDS, {"x": "abc"}, NOT_LONG + "abc"),
        (STAMP, {}, "The TimestampPath parameter does not reference an input value: $.x"),
        (STAMP, {"x": "2016-13-05T21:29:29Z"}, NOT_TIME + "2016-13-05T21:29:29Z"),
        (STAMP, {"x": 5}, NOT_TIME + "5"),
        (COUNT, {}, "Invalid path '$.x' : No results for path: $['x']"),
        (COUNT, {"x": "n"}, 'The MaxConcurrencyPath field refers to value "n" which is not a valid integer: $.x'),
        (COUNT, {"x": {}}, 'The MaxConcurrencyPath field refers to value "{}" which is not a valid integer: $.x'),
        (COUNT, {"x": True}, 'The MaxConcurrencyPath field refers to value "true" which is not a valid integer: $.x'),
        (TOLERATED, {"x": -1}, "ToleratedFailureCount cannot be negative."),
        (SHARE, {"x": "n"}, 'The ToleratedFailurePercentagePath field refers to value "n" which is not a valid float: $.x'),
        (SHARE, {"x": 100.5}, "ToleratedFailurePercentage must be between 0 and 100."),
        (ITEMS, {"x": {}}, 'Reference path "$.x" must point to array.'),
    ],
)  # fmt: skip
def test_a_value_that_will_not_do(read: Read, document: Any, text: str) -> None:
    assert failing(read, document) == (RUNTIME, text)


def test_values_that_will_do() -> None:
    assert SECONDS({"x": 0}, at()) == 0
    assert STAMP({"x": "2016-03-14T01:59:00Z"}, at()) == datetime(2016, 3, 14, 1, 59, tzinfo=UTC)
    assert COUNT({"x": 3}, at()) == 3
    assert SHARE({"x": 12.5}, at()) == 12.5
    assert ITEMS({"x": [1]}, at()) == [1]


def test_a_read_becomes_a_slot() -> None:
    read = data_path(parse("$.x"), CONTEXT)
    assert on_input(read)(at({"x": 1})) == 1
    assert on_result(read)(at({}, result={"x": 2})) == 2
