"""JSONata mode."""

from datetime import timedelta

import pytest

from conductor_local.program import Failure
from conductor_local.testing.kernel import BEGIN

from .machines import END, built, failed, found, machine, only, output, run, task, told

EACH = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}


def jsonata(state, **more):
    return only(state, QueryLanguage="JSONata", **more)


def test_arguments_assign_and_output():
    states = {
        "A": task(
            Arguments={"n": "{% $states.input.n + 1 %}", "k": "as it is"}, Assign={"v": "{% $states.result.n %}"},
            Output={"r": "{% $states.result.k %}"}, Next="B",
        ),
        "B": {"Type": "Pass", "Output": {"v": "{% $v %}", "in": "{% $states.input %}"}, "End": True},
    }  # fmt: skip
    assert output(machine(states, QueryLanguage="JSONata"), {"n": 1}) == {"v": 2, "in": {"r": "as it is"}}


def test_without_fields_everything_passes():
    assert output(jsonata(task()), {"a": 1}) == {"a": 1}
    assert output(jsonata({"Type": "Pass"}), {"a": 1}) == {"a": 1}
    assert output(jsonata({"Type": "Succeed", "Output": "{% $states.input.a %}"}), {"a": 1}) == 1


def test_an_evaluation_that_fails_can_be_caught():
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Z", "Output": "{% $states.errorOutput.Cause %}"}]
    states = {"A": task(Arguments="{% $states.input.x %}", Next="Z", Catch=catch), "Z": END}
    assert output(machine(states, QueryLanguage="JSONata")).endswith(
        "The JSONata expression '$states.input.x' specified for the field 'Arguments' returned nothing (undefined)."
    )


def test_a_catcher_assigns_and_hands_the_error_on():
    catch = [{"ErrorEquals": ["E"], "Next": "Z", "Assign": {"v": "{% $states.errorOutput.Error %}"}}]
    states = {
        "A": task(Next="Z", Catch=catch),
        "Z": {"Type": "Pass", "Output": ["{% $v %}", "{% $states.input %}"], "End": True},
    }
    passed = output(machine(states, QueryLanguage="JSONata"), answer=lambda invoke: Failure("E", "why"))
    assert passed == ["E", {"Error": "E", "Cause": "why"}]


def test_choice():
    choice = {
        "Type": "Choice", "Default": "Z", "Output": "default", "Assign": {"v": 0},
        "Choices": [
            {"Condition": "{% $states.input.n > 1 %}", "Next": "Z", "Output": "{% $states.input.n %}", "Assign": {"v": 1}},
            {"Condition": False, "Next": "Z"},
        ],
    }  # fmt: skip
    states = {"A": choice, "Z": {"Type": "Pass", "Output": ["{% $states.input %}", "{% $v %}"], "End": True}}
    document = machine(states, QueryLanguage="JSONata")
    assert output(document, {"n": 2}) == [2, 1]
    assert output(document, {"n": 1}) == ["default", 0]


def test_a_condition_that_is_no_boolean_fails():
    states = {"A": {"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "Z"}]}, "Z": END}
    error, cause = failed(machine(states, QueryLanguage="JSONata"))
    assert error == "States.QueryEvaluationError"
    assert "'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number'" in cause


@pytest.mark.parametrize(
    ("fields", "waited"),
    [
        ({"Seconds": "{% $states.input.n %}"}, timedelta(seconds=3)),
        ({"Seconds": 2}, timedelta(seconds=2)),
        ({"Timestamp": "{% $states.input.t %}"}, timedelta(hours=1)),
        ({"Timestamp": "2026-01-01T02:00:00Z"}, timedelta(hours=2)),
    ],
)
def test_wait(fields, waited):
    done = run(jsonata({"Type": "Wait", **fields}), {"n": 3, "t": "2026-01-01T01:00:00Z"})
    assert done.failure is None
    assert done.now == BEGIN + waited


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({"Type": "Wait", "Seconds": "{% 1.5 %}"}, "The Seconds field cannot be parsed as a long value: 1.5"),
        ({"Type": "Wait", "Seconds": "{% -1 %}"}, "The Seconds field must be between 0 and 99999999: -1"),
        (
            {"Type": "Wait", "Timestamp": "{% 'noon' %}"},
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: noon",
        ),
        ({"Type": "Map", "ItemProcessor": EACH}, "Map state input must be an array but was: {}"),
        (
            {"Type": "Map", "ItemProcessor": EACH, "Items": "{% 1 %}"},
            "The JSONata expression '1' specified for the field 'Items' returned an unexpected result type. "
            "Expected 'array', but was 'number' for value: 1",
        ),
        (
            {"Type": "Map", "ItemProcessor": EACH, "Items": [], "ToleratedFailurePercentage": "{% 101 %}"},
            "The ToleratedFailurePercentage field must be between 0 and 100: 101",
        ),
        (task(TimeoutSeconds="{% 0 %}"), "The TimeoutSeconds field must be between 1 and 99999999: 0"),
    ],
)
def test_values_that_will_not_do(state, text):
    assert failed(jsonata(state)) == ("States.QueryEvaluationError", text)


def test_map():
    state = {
        "Type": "Map", "ItemProcessor": EACH, "Items": ["{% $states.input.a %}", 2], "MaxConcurrency": "{% 1 %}",
        "ToleratedFailureCount": 1, "ToleratedFailurePercentage": 5,
        "ItemSelector": {"v": "{% $states.context.Map.Item.Value %}", "a": "{% $states.input.a %}"},
        "Output": "{% $count($states.result) %}", "Assign": {"last": "{% $states.result[-1].v %}"},
    }  # fmt: skip
    assert output(jsonata(state), {"a": 1}) == 2


def test_the_items_are_the_input_when_nothing_else_is_said():
    assert output(jsonata({"Type": "Map", "ItemProcessor": EACH}), [1, 2]) == [1, 2]


def test_fail_and_credentials_take_expressions():
    assert failed(jsonata({"Type": "Fail", "Error": "{% 'E' & 1 %}", "Cause": "plain"})) == ("E1", "plain")
    done = run(jsonata(task(Credentials={"RoleArn": "{% $states.input.r %}"})), {"r": "arn:r"})
    scheduled = next(event for event in done.events if type(event).__name__ == "TaskScheduled")
    assert scheduled.credentials.value == {"RoleArn": "arn:r"}


def test_an_evaluation_that_fails_is_in_the_history():
    done = run(jsonata({"Type": "Pass", "Output": {"v": "{% $x %}"}}))
    event = next(event for event in done.events if type(event).__name__ == "EvaluationFailed")
    assert event.location == "Output/v"


@pytest.mark.parametrize(
    ("state", "code", "text", "location", "pointer"),
    [
        ({"Type": "Pass", "Output": "{% ( %}"}, "INVALID_JSONATA_EXPRESSION", None, "/States/A/Output", "/States/A/Output"),
        (
            {"Type": "Pass", "Output": {"v": ["{% phone %}"]}},
            "UNSUPPORTED_JSONATA_EXPRESSION",
            "Reference to 'phone' at the top level is not supported.",
            "/States/A/Output/v[0]",
            "/States/A/Output/v/0",
        ),
        (
            task(Arguments="{% $states.result %}"),
            "UNSUPPORTED_JSONATA_EXPRESSION",
            "Reference to '$states.result' is not supported in this field.",
            "/States/A/Arguments",
            "/States/A/Arguments",
        ),
        ({"Type": "Pass", "Output": "{% 1"}, "SCHEMA_VALIDATION_FAILED", None, "/States/A/Output", "/States/A/Output"),
        (
            {"Type": "Wait", "Seconds": "5"},
            "SCHEMA_VALIDATION_FAILED",
            "Expected value of type Integer",
            "/States/A/Seconds",
            "/States/A/Seconds",
        ),
        (
            {"Type": "Wait", "Timestamp": "noon"},
            "SCHEMA_VALIDATION_FAILED",
            "String does not match RFC3339 timestamp",
            "/States/A/Timestamp",
            "/States/A/Timestamp",
        ),
        (
            {"Type": "Map", "ItemProcessor": EACH, "Items": 5},
            "SCHEMA_VALIDATION_FAILED",
            "Expected value of type Array or a JSONata expression",
            "/States/A/Items",
            "/States/A/Items",
        ),
        (
            {"Type": "Pass", "Assign": 5},
            "SCHEMA_VALIDATION_FAILED",
            "Expected value of type Object",
            "/States/A/Assign",
            "/States/A/Assign",
        ),
        (
            {"Type": "Fail", "Error": 5},
            "SCHEMA_VALIDATION_FAILED",
            "Expected value of type String",
            "/States/A/Error",
            "/States/A/Error",
        ),
        (
            task(Credentials=5),
            "SCHEMA_VALIDATION_FAILED",
            "Expected value of type Object",
            "/States/A/Credentials",
            "/States/A/Credentials",
        ),
        ({"Type": "Pass", "Result": 5}, "SCHEMA_VALIDATION_FAILED", None, "/States/A", "/States/A/Result"),
    ],
)
def test_refused_expressions(state, code, text, location, pointer):
    problems = found(jsonata(state))
    assert [(one.code, one.location, one.pointer) for one in problems] == [(code, location, pointer)]
    assert text is None or problems[0].message == text


def test_a_rule_needs_a_condition():
    states = {"A": {"Type": "Choice", "Choices": [{"Next": "Z"}, {"Next": "Z", "Condition": "yes"}], "Default": "Z"}, "Z": END}
    assert told(machine(states, QueryLanguage="JSONata")) == [
        ("These fields are required: [Condition]", "/States/A/Choices[0]"),
        ("Expected value of type Boolean or a JSONata expression", "/States/A/Choices[1]/Condition"),
    ]


def test_a_key_with_signs_in_it_is_found_in_the_document():
    problem = found(jsonata({"Type": "Pass", "Output": {"a/b[0]": ["{% x %}"], "a": 1}}))[0]
    assert problem.pointer == "/States/A/Output/a~1b[0]/0"


def test_a_jsonata_state_may_stand_in_a_jsonpath_machine():
    states = {
        "A": {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"v": "{% 1 + 1 %}"}, "Next": "B"},
        "B": {"Type": "Pass", "Parameters": {"v.$": "$v"}, "End": True},
    }
    assert output(machine(states)) == {"v": 2}
    assert built(machine(states)).dialect == "asl"
