"""Which variables each state is told to read."""

from typing import Any

import pytest

from conductor_local.language.asl.variable_references import variable_references


def one(language: str = "JSONPath", **fields: Any) -> list[str] | None:
    state = {"Type": "Pass", "QueryLanguage": language, "End": True, **fields}
    return variable_references({"StartAt": "A", "States": {"A": state}}).get("A")


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"InputPath": "$x.a"}, ["x"]),
        ({"InputPath": "$.x", "OutputPath": "$$.Execution.Id", "ResultPath": "$.x"}, None),
        ({"Parameters": {"a": ["$no", {"b.$": "$x[0]"}], "Path": "$no"}}, ["x"]),
        ({"Assign": {"x.$": "States.MathAdd($y, $z.a)"}}, ["y", "z"]),
        ({"Result": {"a.$": "$no", "InputPath": "$no"}, "Comment": "$no"}, None),
        ({"Choices": [{"And": [{"Variable": "$x", "NumericEqualsPath": "$y"}]}]}, ["x", "y"]),
        ({"Retry": [{"ErrorEquals": ["E"]}], "Catch": [{"ErrorEquals": ["E"], "Assign": {"e.$": "$x"}}]}, ["x"]),
        ({"InputPath": None, "TimeoutSecondsPath": "$x"}, ["x"]),
    ],
)
def test_paths_name_variables(fields: dict[str, Any], names: list[str] | None) -> None:
    assert one(**fields) == names


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"Output": "{% $y + $x %}", "Assign": {"z": ["{% $x %}"]}}, ["x", "y"]),
        ({"Output": "{% $states.input.x %}"}, None),
        ({"Output": "{% ($local := $sum($x); $local) %}"}, ["x"]),
        ({"Output": "$no", "Comment": "{% $no %}"}, None),
        ({"Choices": [{"Condition": "{% $x > 1 %}", "Next": "B"}]}, ["x"]),
    ],
)
def test_expressions_name_variables(fields: dict[str, Any], names: list[str] | None) -> None:
    assert one("JSONata", **fields) == names


def test_inner_states_are_told_by_themselves() -> None:
    def body(name: str, variable: str) -> dict[str, Any]:
        return {"StartAt": name, "States": {name: {"Type": "Pass", "Output": f"{{% ${variable} %}}", "End": True}}}

    states = {
        "P": {"Type": "Parallel", "Branches": [body("a", "x"), body("b", "y")], "Next": "M"},
        "M": {"Type": "Map", "Items": "{% $list %}", "ItemProcessor": body("c", "z"), "End": True},
    }
    found = variable_references({"QueryLanguage": "JSONata", "StartAt": "P", "States": states})
    assert found == {"a": ["x"], "b": ["y"], "M": ["list"], "c": ["z"]}
