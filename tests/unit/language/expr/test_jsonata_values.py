"""JSON of a definition with expressions in it."""

import subprocess
import sys
from typing import Any

import pytest

from conductor_local.language.expr.jsonata import (
    ExpressionRefused,
    QueryEvaluationError,
    Value,
    compile_value,
    is_expression,
    is_half_open,
)
from language.fakes import scope


def compiled(value: Any, field: str = "Output", **more: Any) -> Value:
    return compile_value(value, field, context=lambda _: {}, **more)


def test_expressions_are_replaced_at_any_depth_and_keys_are_not() -> None:
    value = compiled({"a": ["{% $states.input.x %}", 1, {"b": "{%$v%}"}], "{% 1 %}": "plain", "c": [1]})
    assert not value.is_constant
    assert value.variables == ("v",)
    assert value.expr(scope({"x": 5}, variables={"v": None})) == {"a": [5, 1, {"b": None}], "{% 1 %}": "plain", "c": [1]}


def test_the_order_of_keys_stays() -> None:
    assert list(compiled({"z": "{% 1 %}", "a": 2, "b": "{% 3 %}"}).expr(scope())) == ["z", "a", "b"]


def test_what_holds_no_expression_is_not_built_again() -> None:
    document = {"a": [1, {"b": "c"}], "n": None}
    value = compiled(document)
    assert value.is_constant
    assert value.expr(scope()) is document
    mixed = {"same": document, "x": "{% 1 %}"}
    assert compiled(mixed).expr(scope())["same"] is document


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("{% $nope %}", "Output"),
        ({"v": "{% $nope %}"}, "Output/v"),
        ({"values": ["{% $nope %}"]}, "Output/values[0]"),
        ({"a": [0, {"b": [["{% $nope %}"]]}]}, "Output/a[1]/b[0][0]"),
    ],
)
def test_a_failure_names_the_field(value: Any, field: str) -> None:
    with pytest.raises(QueryEvaluationError) as caught:
        compiled(value).expr(scope())
    assert caught.value.location == field
    assert f"'$nope' specified for the field '{field}' returned nothing (undefined)." in caught.value.message


def test_every_problem_is_found() -> None:
    with pytest.raises(ExpressionRefused) as caught:
        compiled({"a": "{% 1 + %}", "b": ["{% x %}", "{% 1"], "c": "2 %}"})
    assert [(problem.code, problem.field) for problem in caught.value.problems] == [
        ("INVALID_JSONATA_EXPRESSION", "Output/a"),
        ("UNSUPPORTED_JSONATA_EXPRESSION", "Output/b[0]"),
        ("SCHEMA_VALIDATION_FAILED", "Output/b[1]"),
        ("SCHEMA_VALIDATION_FAILED", "Output/c"),
    ]


@pytest.mark.parametrize("text", ["{% 1 %}", "{%1%}", "{%%}"])
def test_both_delimiters_make_an_expression(text: str) -> None:
    assert is_expression(text)
    assert not is_half_open(text)


@pytest.mark.parametrize("text", ["{% 1", "1 %}", "{% 10 %", "{%}", " {% 1 %}", "{% 1 %} "])
def test_one_delimiter_makes_neither_expression_nor_text(text: str) -> None:
    assert not is_expression(text)
    assert is_half_open(text)


@pytest.mark.parametrize("value", ["plain", "a {% b %} c", 1, None, ["{% 1 %}"]])
def test_without_delimiters_at_the_ends_a_value_is_plain(value: Any) -> None:
    assert not is_expression(value)
    assert not is_half_open(value)


def test_the_type_is_asked_of_the_whole_value_only() -> None:
    assert compiled(["{% 1 %}"], expects="array").expr(scope()) == [1]
    with pytest.raises(QueryEvaluationError, match="Expected 'boolean', but was 'number' for value: 1"):
        compiled("{% 1 %}", "Choices[1]/Condition", expects="boolean").expr(scope())


def test_the_library_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, conductor_local.language.expr.jsonata as j; print('jsonatapy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
