"""Evaluating one JSONata expression: what it sees, what it gives, how it fails."""

from typing import Any

import pytest

from conductor_local.language.expr.jsonata import (
    AT_ENTRY,
    AT_EXIT,
    IN_CATCH,
    Expression,
    ExpressionRefused,
    QueryEvaluationError,
    compile_expression,
)
from conductor_local.program import Failure
from language.fakes import FakeScope, scope

PREFIX = "An error occurred while executing the state 'a' (entered at the event id #2). The JSONata expression "
ORDER = {
    "id": "o-1",
    "lines": [{"sku": "x", "price": 2.5, "tags": ["n"]}, {"sku": "y", "price": 4, "tags": ["o", "p"]}],
    "none": None,
}


def compiled(text: str, members: frozenset[str] = AT_ENTRY, **more: Any) -> Expression:
    return compile_expression(text, "Output/v", context=lambda at: {"State": {"Name": at.node}}, members=members, **more)


def value(text: str, document: Any = None, members: frozenset[str] = AT_ENTRY, **more: Any) -> Any:
    return compiled(text, members)(scope(document, **more))


def cause(text: str, document: Any = None, **more: Any) -> str:
    with pytest.raises(QueryEvaluationError) as caught:
        value(text, document, entered_event=2, **more)
    assert caught.value.error == "States.QueryEvaluationError"
    assert caught.value.location == "Output/v"
    start = f"{PREFIX}'{text}' specified for the field 'Output/v' "
    assert caught.value.message.startswith(start)
    return caught.value.message.removeprefix(start)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$states.input.id", "o-1"),
        ("$states.input.none", None),
        ("$states.input.lines.sku", ["x", "y"]),
        ("$states.input.lines[price > 3].sku", "y"),
        ("$states.input.lines[price > 3].sku[]", ["y"]),
        ("$sum($states.input.lines.price)", 6.5),
        ("$states.input.lines.tags", ["n", "o", "p"]),
        ("$states.context.State.Name", "a"),
        ("$states.input.lines@$l.{'id': $l.sku}", [{"id": "x"}, {"id": "y"}]),
        ("$count($keys($states))", 2),
        ("(  $x := 5; $x * 2 )", 10),
        ("'{% %}'", "{% %}"),
        ("/* nothing */ 1", 1),
    ],
)
def test_an_expression_reads_states(text: str, expected: Any) -> None:
    assert value(text, ORDER) == expected


def test_a_step_after_a_focus_still_reads_beside_it() -> None:
    assert value("$states.input.a@$x.b", {"a": 1, "b": 2}) == 2


def test_the_parent_operator_sees_what_the_path_left_out() -> None:
    assert value("$states.input.o.lines.{'k': %.k}", {"o": {"k": 1, "lines": [{}, {}]}}) == [{"k": 1}, {"k": 1}]


def test_result_and_error_output_are_there_where_they_can_be_read() -> None:
    assert value("$states.result.x", members=AT_EXIT, result={"x": [1]}) == [1]
    failure = Failure("Boom", None)
    assert value("$states.errorOutput", members=IN_CATCH, failure=failure) == {"Error": "Boom", "Cause": None}
    assert value("$states.errorOutput.Error & '!'", members=IN_CATCH, failure=failure) == "Boom!"


def test_variables_may_be_named_like_functions() -> None:
    variables = {"count": 2, "hash": "h", "now": {"at": 1}}
    assert value("$count + 1", variables=variables) == 3
    assert value("$hash", variables=variables) == "h"
    assert value("$string($hash)", variables=variables) == "h"
    assert value("$now.at", variables=variables) == 1


def test_the_variables_of_an_expression_are_known() -> None:
    text = "($x := $a + 1; $map($b.items, function($v, $i){ $v & $x & $c[0] & $count($d) & $string }))"
    assert compiled(text).variables == ("a", "b", "c", "d")
    assert compiled("$count + 1").variables == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("1.0", 1),
        ("$states.input.whole", 1),
        ("$states.input", {"whole": 1, "big": 9007199254740992, "huge": 100000000000000000000, "list": [2, 2.5]}),
        ("$states.input.big", 9007199254740992),
        ("$states.input.huge", 100000000000000000000),
        ("$string($states.input.huge)", "100000000000000000000"),
        ("1e21", 1e21),
        ("1/3", 1 / 3),
        ("1/0", "Infinity"),
        ("[-1/0, null]", ["-Infinity", None]),
        ("{'n': 0/0}", {"n": "NaN"}),
    ],
)
def test_numbers_are_those_of_javascript(text: str, expected: Any) -> None:
    document = {"whole": 1.0, "big": 2**53 + 1, "huge": 10**20, "list": [2.0, 2.5]}
    found = value(text, document)
    assert found == expected
    assert repr(found) == repr(expected)


def test_undefined_is_a_failure_and_null_is_not() -> None:
    assert cause("$states.input.nope", {}) == "returned nothing (undefined)."
    assert cause("$doesNotExist") == "returned nothing (undefined)."
    assert value("null") is None


@pytest.mark.parametrize(
    "text", ["$sum", "function($x){$x}", "/a/", "$fn := function($x){$x}", "$uuid ~> $string", "($u := $uuid)"]
)
def test_a_function_is_no_result(text: str) -> None:
    assert cause(text) == "returned an unsupported result type."


def test_an_empty_text_is_one() -> None:
    assert value("$map(['a'], function($v){''})") == ""


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("$randomSeeded(1)", ". T1006: Attempted to invoke a non-function"),
        ("$eval('1 + 1')", ". T1006: Attempted to invoke a non-function"),
        ("$sum('a')", '. T0412: Argument 1 of function "sum" must be an array of "numbers"'),
        ("$abs('a')", '. T0410: Argument 1 of function "abs" does not match function signature'),
        ("'a' + 1", '. T2001: The left side of the "+" operator must evaluate to a number'),
        ("$number('x')", '. D3030: Unable to cast value to a number: "x"'),
        ("$error('my words')", ". D3137: my words"),
        ("$abs($string(1))&$abs(2)", ". T0410: Argument 1 must be Number"),
    ],
)
def test_an_engine_error_keeps_its_code(text: str, ending: str) -> None:
    assert cause(text) == f"threw an error during evaluation{ending}"


def test_the_type_of_a_result_can_be_asked_for() -> None:
    expression = compile_expression("$states.input", "Items", context=lambda _: {}, expects="array")
    assert expression(scope([1])) == [1]
    for found, kind, shown in ((1, "number", "1"), ("s", "string", '"s"'), ({"a": 1}, "object", '{"a":1}'), (None, "null", "null")):
        with pytest.raises(QueryEvaluationError) as caught:
            expression(scope(found))
        assert caught.value.message.endswith(
            f"returned an unexpected result type. Expected 'array', but was '{kind}' for value: {shown}"
        )


def test_a_long_value_is_quoted_in_part() -> None:
    expression = compile_expression("$states.input", "Items", context=lambda _: {}, expects="array")
    with pytest.raises(QueryEvaluationError) as caught:
        expression(scope("x" * 100_000))
    assert len(caught.value.message) < 2_000


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1 +", "INVALID_JSONATA_EXPRESSION: Unexpected end of expression"),
        ("", "INVALID_JSONATA_EXPRESSION: Unexpected end of expression"),
        ("'a", "INVALID_JSONATA_EXPRESSION: String literal must be terminated by a matching quote"),
        ("$a[1,2)", 'INVALID_JSONATA_EXPRESSION: Expected "]", got ","'),
        ("$sum($a", 'INVALID_JSONATA_EXPRESSION: Expected ")" before end of expression'),
        ("/abc", "INVALID_JSONATA_EXPRESSION: No terminating / in regular expression"),
        ("1 /* x", "INVALID_JSONATA_EXPRESSION: Comment has no closing tag"),
        ("x := 1", "INVALID_JSONATA_EXPRESSION: The left side of := must be a variable name (start with $)"),
        ("$x@y", "INVALID_JSONATA_EXPRESSION: Expected a variable reference after @"),
        ("phone", "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported."),
        ("phone.home", "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported."),
        ("$", "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$' at the top level is not supported."),
        ("$states.input.a[$$.b]", "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' at the top level is not supported."),
        ("$states.result", "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$states.result' is not supported in this field."),
        (
            "$states.errorOutput",
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$states.errorOutput' is not supported in this field.",
        ),
    ],
)
def test_aws_refuses_a_definition_with_such_an_expression(text: str, problem: str) -> None:
    with pytest.raises(ExpressionRefused) as caught:
        compiled(text)
    assert caught.value.message == f"{problem} at Output/v"


@pytest.mark.parametrize(
    "text", ["$states.input.l[a = 1]", "$states.input.l.(b)", "$states.input.l^(a)", "$states.input.l{a: b}", "$v ~> |$|{'a': b}|"]
)
def test_fields_may_be_named_where_there_is_a_context_item(text: str) -> None:
    assert compiled(text)


def test_the_short_way_gives_what_the_engine_gives() -> None:
    documents: list[Any] = [{"a": {"b": v}} for v in (1, 1.5, "", [], [1], [[1]], [1, 2], {}, None, True, [None], {"c": 1})]
    documents += [{"a": v} for v in (None, [], [{"b": 1}], [{"b": [1]}, {"b": [2]}], "s")] + [{}, [], None, 3]
    for document in documents:
        assert outcome("$states.input.a.b", document) == outcome("($states.input.a.b)", document), document


def outcome(text: str, document: Any) -> Any:
    try:
        return value(text, document)
    except QueryEvaluationError:
        return "undefined"


def test_scopes_are_independent() -> None:
    expression = compiled("$states.input.n & '/' & $uuid()")
    assert expression(FakeScope(input={"n": 1})) == expression(FakeScope(input={"n": 1}))
    assert expression(FakeScope(input={"n": 2})).startswith("2/")
