"""The text that is handed to the engine, and how the engine's faults come back."""

from typing import Any

import pytest

from conductor_local.language.expr.jsonata import compile_expression, engine
from conductor_local.language.expr.jsonata.engine import EngineFault, Evaluator
from conductor_local.language.expr.jsonata.references import references
from conductor_local.language.expr.jsonata.source import program_text
from conductor_local.language.expr.jsonata.syntax import DEPTH_MAX, NESTING_MAX, parse
from conductor_local.language.expr.jsonata.tokens import SyntaxFault
from language.fakes import scope


def program(text: str) -> str:
    tree = parse(text)
    return program_text(text, tree, references(tree))


@pytest.mark.parametrize("text", ["$states.input.a", "$sum($x) & 'a'", "{'a': $v}", "$map($x, function($i){ $i * 2 })"])
def test_an_expression_that_needs_nothing_stays_as_it_is(text: str) -> None:
    assert program(text) == text


def test_a_text_or_object_made_in_a_loop_is_looked_at_as_a_whole() -> None:
    assert "($__held('a' & $i & 'b'))" not in program("'a' & $i & 'b'")
    assert program("$map($x, function($i){ 'a' & $i & {'k': $i} })").endswith(
        "($map($x, function($i){ $__held('a' & $i & $__held({'k': $i})) })))"
    )


def test_an_argument_that_makes_a_text_long_is_looked_at() -> None:
    assert program("$pad('x', $n)").endswith("($pad('x', $__width($n))))")
    assert program("$formatInteger($n, '#,##0')").endswith("($formatInteger($n, '#,##0')))")


@pytest.mark.parametrize("text", ["(" * (NESTING_MAX + 1), "-" * 5_000 + "1", "+".join(["1"] * (DEPTH_MAX + 1))])
def test_nesting_without_end_is_refused(text: str) -> None:
    with pytest.raises(SyntaxFault, match="too deeply"):
        parse(text)


@pytest.mark.parametrize(
    "text", ["`a", "'\\x'", "'\\u12'", "1 2", "\\", "//", "$a ~> |$|{}", "function(1){2}", "$a[1", "!", "$a^(b", "function($x)<s"]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(SyntaxFault):
        parse(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'\\u0041\\n'", "A\n"),
        ("/A+/i.match('xaay')", None),
        ("$match('xaay', /A+/i).match", "aa"),
        ("λ($x, $y)<nn:n>{ $x + $y }(1, 2)", 3),
        ("12 ~> $string ~> $length", 2),
        ("$substring(?, 1)('abc')", "bc"),
        ("{'a': 1, 'a': 2}.a", None),
        ("[{'a': 2}, {'a': 1}]^(>a, b).a", [2, 1]),
        ("{'a': [1, 2]} ~> |$|{'b': 1}, 'a'|", {"b": 1}),
        ("$states.input.`odd name`", 5),
        ("($a := $b := 2; $a + $b)", 4),
    ],
)
def test_the_whole_grammar_goes_through(text: str, expected: Any) -> None:
    expression = compile_expression(text, "Output", context=lambda _: {})
    if expected is not None:
        assert expression(scope({"odd name": 5})) == expected


def test_an_integer_beyond_a_machine_word_is_a_double() -> None:
    document = {"n": 2**80, "far": -(10**400), "list": [2**80, {"a": 1}]}
    assert compile_expression("$states.input.n * 1", "Output", context=lambda _: {})(scope(document)) == 2.0**80
    assert compile_expression("$states.input.far", "Output", context=lambda _: {})(scope(document)) == "-Infinity"
    assert compile_expression("$count($states.input.list)", "Output", context=lambda _: {})(scope(document)) == 2


class Panicking:
    """A library whose native part breaks."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def register_override(self, name: str, func: object) -> object: ...

    def evaluate(self, data: None, bindings: dict[str, Any], **bounds: int) -> Any:
        raise self.error

    evaluate_json_or_none = evaluate


class PanicException(BaseException):
    """Named as the one that native code raises."""


def test_a_panic_of_the_library_fails_the_expression_only() -> None:
    with pytest.raises(EngineFault, match="could not be evaluated"):
        Evaluator(Panicking(PanicException("index out of bounds"))).text({})  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        Evaluator(Panicking(KeyboardInterrupt())).text({})  # type: ignore[arg-type]


def test_a_broken_function_is_a_fault_without_its_words() -> None:
    def broken() -> None:
        raise KeyError("inside")

    with pytest.raises(EngineFault, match="A function failed"):
        engine.compile("$broken()", {"broken": broken}).text({})
