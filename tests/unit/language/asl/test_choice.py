import pytest

from .machines import choose, failed, machine, output, run, told

INVALID = "The choice state's condition path references an invalid value."


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"Variable": "$.n", "NumericEquals": 1.0}, True),
        ({"Variable": "$.n", "NumericGreaterThanPath": "$.n"}, False),
        ({"Variable": "$.s", "NumericEquals": 1}, False),
        ({"Variable": "$.s", "StringMatches": "a*c"}, True),
        ({"Variable": "$.none", "IsPresent": False}, True),
        ({"Variable": "$.null", "IsPresent": True}, True),
        ({"And": [{"Variable": "$.none", "IsPresent": True}, {"Variable": "$.none", "IsNull": True}]}, False),
        ({"Or": [{"Variable": "$.n", "NumericEquals": 2}, {"Variable": "$.s", "StringEquals": "abc"}]}, True),
        ({"Not": {"Variable": "$.n", "NumericEquals": 2, "Comment": "never"}}, True),
        ({"Variable": "$$.State.Name", "StringEquals": "A"}, True),
    ],
)
def test_conditions(rule, holds):
    done = run(choose(rule), {"n": 1, "s": "abc", "null": None})
    assert (done.failure is None) is holds


@pytest.mark.parametrize("rule", [{"Variable": "$.x", "IsNull": True}, {"Variable": "$.n", "NumericEqualsPath": "$.x"}])
def test_a_path_that_finds_nothing_fails_the_state(rule):
    assert failed(choose(rule), {"n": 1}) == ("States.Runtime", f"Invalid path '$.x': {INVALID}")


def test_conditions_read_the_effective_input():
    assert output(choose({"Variable": "$", "NumericEquals": 1}, InputPath="$.n"), {"n": 1}) == 1


def test_no_rule_and_no_default_is_told_as_aws_does():
    states = {"A": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "B"}]}, "B": {"Type": "Succeed"}}
    text = "Failed to transition out of the state. The state does not point to a next state."
    assert failed(machine(states), {"n": 1}) == ("States.Runtime", text)


def test_only_the_assign_of_the_way_that_is_taken_runs():
    states = {
        "A": {
            "Type": "Choice", "Default": "B", "Assign": {"v": "state"}, "OutputPath": "$.n",
            "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "B", "Assign": {"v.$": "$.n"}}],
        },
        "B": {"Type": "Pass", "Parameters": {"v.$": "$v", "in.$": "$"}, "End": True},
    }  # fmt: skip
    assert output(machine(states), {"n": 1}) == {"v": 1, "in": 1}
    assert output(machine(states), {"n": 2}) == {"v": "state", "in": 2}


AT = "/States/A/Choices[0]"


@pytest.mark.parametrize(
    ("rule", "text", "location"),
    [
        ({"NumericEquals": 1}, "These fields are required: [Variable]", AT),
        ({"Variable": "$.n"}, "A comparison operator is required", AT),
        ({"Variable": "$.n", "NumericEquals": "1"}, "Expected value of type Number", f"{AT}/NumericEquals"),
        ({"Variable": "$.n", "TimestampEquals": "noon"}, "String does not match RFC3339 timestamp", f"{AT}/TimestampEquals"),
        ({"Variable": "$.n", "NumericEqualsPath": "n"}, "Value must be a valid JSONPath.", f"{AT}/NumericEqualsPath"),
        ({"Variable": 1, "IsNull": True}, "Value must be a valid JSONPath.", f"{AT}/Variable"),
        ({"Not": {"Variable": "$.n", "IsNull": True, "Next": "Yes"}}, "Field 'Next' is not supported", f"{AT}/Not"),
        ({"And": []}, "Value cannot be empty", f"{AT}/And"),
        ({"And": [5]}, "Expected value of type Object", f"{AT}/And[0]"),
        ({"Not": 5}, "Expected value of type Object", f"{AT}/Not"),
        (
            {"Variable": "$.n", "IsNull": True, "IsString": True},
            "There should only be one of the following fields: [IsNull, IsString]",
            AT,
        ),
        (
            {"And": [{"Variable": "$.n", "IsNull": True}], "IsNull": True},
            "There should only be one of the following fields: [And, IsNull]",
            AT,
        ),
        (
            {"Condition": "{% true %}", "Variable": "$.n", "IsNull": True},
            "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage",
            AT,
        ),
    ],
)
def test_refused_rules(rule, text, location):
    assert told(choose(rule)) == [(text, location)]
