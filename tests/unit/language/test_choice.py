import pytest

from conductor_local.errors import EvaluationError

from .fakes import build, problems_of, refusals, scope, workflow


def steps_with(when):
    return {"a": {"type": "choice", "choices": [{"when": when, "nextStepId": "z"}], "defaultStepId": "z"}, "z": {"type": "succeed"}}


def holds(when, payload, **more):
    return build(steps_with(when)).program.body.nodes["a"].rules[0].condition(scope(payload, **more))


X_IS_1 = {"variable": "$.x", "numericEquals": 1}
X_IS_THERE = {"variable": "$.x", "isPresent": True}


@pytest.mark.parametrize(
    ("when", "payload", "expected"),
    [
        (X_IS_1, {"x": 1.0}, True),
        (X_IS_1, {"x": "1"}, False),
        ({"variable": "x", "stringMatches": "a*"}, {"x": "abc"}, True),
        ({"variable": "$.x", "stringEqualsPath": "$.y"}, {"x": "a", "y": "a"}, True),
        ({"variable": "$.x", "numericLessThanPath": "$.y"}, {"x": 1, "y": "a"}, False),
        ({"variable": "$.x", "timestampLessThan": "2030-01-01T00:00:00Z"}, {"x": "2029-01-01T00:00:00Z"}, True),
        ({"variable": "$.x", "isNumeric": False}, {"x": "1"}, True),
        (X_IS_THERE, {"x": None}, True),
        (X_IS_THERE, {}, False),
        ({"variable": "$.x", "isPresent": False}, {}, True),
        ({"and": [X_IS_THERE, X_IS_1]}, {}, False),
        ({"and": [X_IS_THERE, X_IS_1]}, {"x": 1}, True),
        ({"or": [{"not": X_IS_THERE}, X_IS_1]}, {}, True),
        ({"or": [X_IS_1, X_IS_1]}, {"x": 2}, False),
        ({"not": X_IS_1}, {"x": 2}, True),
    ],
)
def test_conditions(when, payload, expected):
    assert holds(when, payload) is expected


def test_a_condition_reads_the_other_roots_too():
    when = {"variable": "$.steps.z.output", "numericEqualsPath": "$.initialPayload.n"}
    assert holds(when, {}, variables={"steps.z": {"output": 3}}, execution_input={"n": 3}) is True


@pytest.mark.parametrize(
    ("when", "path"),
    [(X_IS_1, "x"), ({"variable": "$.y", "isNull": True}, "y"), ({"variable": "$.there", "numericEqualsPath": "$.x"}, "x")],
)
def test_a_path_that_finds_nothing_fails_by_step_and_path(when, path):
    with pytest.raises(EvaluationError, match=rf"step 'a': .*'\$\.{path}', which finds nothing") as caught:
        holds(when, {"there": 1})
    assert caught.value.error == "States.Runtime"


def test_rules_and_default_lead_on():
    node = build(steps_with(X_IS_1)).program.body.nodes["a"]
    assert (node.rules[0].next, node.default, node.next) == ("z", "z", None)


@pytest.mark.parametrize(
    ("when", "pointer", "code"),
    [
        (None, "", "WRONG_TYPE"),
        ({}, "", "MISSING_FIELD"),
        ({"variable": "$.x"}, "", "CONDITION"),
        ({"numericEquals": 1}, "", "MISSING_FIELD"),
        ({**X_IS_1, "isNull": True}, "", "CONDITION"),
        ({**X_IS_1, "and": [X_IS_1]}, "", "CONDITION"),
        ({"and": [X_IS_1], "not": X_IS_1}, "", "CONDITION"),
        ({"variable": "$.x", "numericEqual": 1}, "/numericEqual", "UNKNOWN_OPERATOR"),
        ({"variable": "$.x", "NumericEquals": 1}, "/NumericEquals", "UNKNOWN_OPERATOR"),
        ({"variable": "$.x", "stringMatchesPath": "$.y"}, "/stringMatchesPath", "UNKNOWN_OPERATOR"),
        ({"variable": 5, "isNull": True}, "/variable", "WRONG_TYPE"),
        ({"variable": "$[", "isNull": True}, "/variable", "PATH_SYNTAX"),
        ({"variable": "$.x", "numericEquals": "1"}, "/numericEquals", "WRONG_TYPE"),
        ({"variable": "$.x", "numericEquals": True}, "/numericEquals", "WRONG_TYPE"),
        ({"variable": "$.x", "stringEquals": 1}, "/stringEquals", "WRONG_TYPE"),
        ({"variable": "$.x", "stringMatches": None}, "/stringMatches", "WRONG_TYPE"),
        ({"variable": "$.x", "booleanEquals": "true"}, "/booleanEquals", "WRONG_TYPE"),
        ({"variable": "$.x", "isPresent": 1}, "/isPresent", "WRONG_TYPE"),
        ({"variable": "$.x", "timestampEquals": "2030"}, "/timestampEquals", "WRONG_TYPE"),
        ({"variable": "$.x", "timestampEquals": 5}, "/timestampEquals", "WRONG_TYPE"),
        ({"variable": "$.x", "numericEqualsPath": 5}, "/numericEqualsPath", "WRONG_TYPE"),
        ({"variable": "$.x", "numericEqualsPath": "$.y["}, "/numericEqualsPath", "PATH_SYNTAX"),
        ({"and": []}, "/and", "EMPTY"),
        ({"and": {}}, "/and", "WRONG_TYPE"),
        ({"or": [X_IS_1, 5]}, "/or/1", "WRONG_TYPE"),
        ({"not": []}, "/not", "WRONG_TYPE"),
    ],
)
def test_conditions_are_checked(when, pointer, code):
    assert (f"/steps/a/choices/0/when{pointer}", code) in refusals(steps_with(when))
    assert len(refusals(steps_with(when))) <= 2


def test_an_unknown_comparison_comes_with_a_guess():
    problems = problems_of(workflow(steps_with({"variable": "$.x", "numericEqual": 1})))
    assert problems[0].hint == "did you mean 'numericEquals'?"


@pytest.mark.parametrize(
    ("step", "pointer", "code"),
    [
        ({}, "", "MISSING_FIELD"),
        ({"choices": []}, "/choices", "EMPTY"),
        ({"choices": [5]}, "/choices/0", "WRONG_TYPE"),
        ({"choices": [{"nextStepId": "z"}]}, "/choices/0", "MISSING_FIELD"),
        ({"choices": [{"when": X_IS_1}]}, "/choices/0", "MISSING_FIELD"),
        ({"choices": [{"when": X_IS_1, "nextStepId": None}]}, "/choices/0/nextStepId", "WRONG_TYPE"),
        ({"choices": [{"when": X_IS_1, "nextStepId": "z", "next": "z"}]}, "/choices/0/next", "UNKNOWN_FIELD"),
        ({"choices": [{"when": X_IS_1, "nextStepId": "z"}], "nextStepId": "z"}, "/nextStepId", "UNKNOWN_FIELD"),
        ({"choices": [{"when": X_IS_1, "nextStepId": "z"}], "defaultStepId": 5}, "/defaultStepId", "WRONG_TYPE"),
    ],
)
def test_choices_are_checked(step, pointer, code):
    assert refusals({"a": {"type": "choice", **step}, "z": {"type": "succeed"}}) == [(f"/steps/a{pointer}", code)]


def test_a_guard_may_be_null_as_no_default():
    steps = steps_with(X_IS_1)
    steps["a"]["defaultStepId"] = None
    assert build(steps).program.body.nodes["a"].default is None
