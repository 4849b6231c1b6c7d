"""The functions Step Functions adds to JSONata or changes."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from conductor_local.language.expr.jsonata import QueryEvaluationError, compile_expression
from language.fakes import FakeScope


@dataclass
class Drawing(FakeScope):
    """A scope whose draws differ."""

    draws: int = 0

    def entropy(self) -> int:
        self.draws += 1
        return self.draws * 0x9E3779B97F4A7C15 % 2**64


def value(text: str, **more: Any) -> Any:
    return compile_expression(text, "Output", context=lambda _: {})(Drawing(**more))


def failing(text: str) -> str:
    with pytest.raises(QueryEvaluationError) as caught:
        value(text)
    return caught.value.message.partition("'Output' ")[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$partition([1..5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([], 2)", []),
        ("$fromMillis(1.5)", "1970-01-01T00:00:00.001Z"),
        ("$fromMillis(-1.5)", "1969-12-31T23:59:59.999Z"),
        ("$fromMillis(3e12 / 7) ~> $substring(0, 19)", "1983-08-01T07:37:08"),
        ("$range(0, 10, 2)", [0, 2, 4, 6, 8, 10]),
        ("$range(5, 1, -2)", [5, 3, 1]),
        ("$range(1, 9, 9)", 1),
        ("[$range(1, 9, 9)]", [1]),
        ("$range(-1.7, 2, 1)", [-1, 0, 1, 2]),
        ("$count($range(1, 200000, 1))", 200_000),
        ("$hash('input data', 'MD5')", "812f45842bc6d66ee14572ce20db8e86"),
        ("$hash('input', 'SHA-1')", "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"),
        ("$hash('input data', 'SHA-256')", "b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"),
        ("$length($hash('', 'SHA-512'))", 128),
        ("$parse('{\"a\": [1, 1.5, null]}').a[1]", 1.5),
        ("$parse('36893488147419103232') > 1", True),
        ("$map(['1', '[]'], $parse)", [1, []]),
        ("$random(42)", 0.7275636800328681),
        ("[1, 2, 3][$random() < 2]", [1, 2, 3]),
        ("$distinct([1, 1, 2])", [1, 2]),
        ("$count($distinct([1..3000].{'a': $ % 2}))", 2),
        ("$pad('x', 3) & $pad('y', -3, '.')", "x  ..y"),
        ("$formatInteger(1999, 'I')", "MCMXCIX"),
        ("$formatInteger(10000000, '#,##0')", "10,000,000"),
        ("$formatNumber(1.5, '0.00')", "1.50"),
    ],
)
def test_a_function_gives(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    ["$partition($nope, 2)", "$range($nope, 1, 1)", "$range(5, 1, 1)", "$hash($nope, 'MD5')", "$parse($nope)", "$shuffle($nope)"],
)
def test_of_nothing_a_function_makes_nothing(text: str) -> None:
    assert failing(text) == "returned nothing (undefined)."


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("$partition([1], 0)", '. T0410: Argument 2 of function "partition" does not match function signature'),
        ("$range(1, 2, 0)", '. T0410: Argument 3 of function "range" does not match function signature'),
        ("$range('1', 2, 1)", '. T0410: Argument 1 of function "range" does not match function signature'),
        ("$hash(1, 'MD5')", '. T0410: Argument 1 of function "hash" does not match function signature'),
        ("$hash('a', 'md5')", '. T0410: Argument 2 of function "hash" does not match function signature'),
        ("$parse(1)", '. T0410: Argument 1 of function "parse" does not match function signature'),
        ("$parse('{')", ": The argument of the parse function is not valid JSON"),
        ("$random(true)", '. T0410: Argument 1 of function "random" does not match function signature'),
    ],
)
def test_a_function_refuses_wrong_arguments(text: str, ending: str) -> None:
    assert failing(text) == f"threw an error during evaluation{ending}"


def test_time_is_that_of_the_scope() -> None:
    now = datetime(2031, 2, 3, 4, 5, 6, 789_999, tzinfo=UTC)
    assert value("$now()", now=now) == "2031-02-03T04:05:06.789Z"
    assert value("$now('[H01]', '+0200')", now=now) == "06"
    assert value("$millis()", now=now) == 1_927_857_906_789


def test_chance_is_that_of_the_scope() -> None:
    assert value("[$random(), $random()]") == value("[$random(), $random()]")
    first, second = value("[$uuid(), $uuid()]")
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first)
    assert sorted(value("$shuffle([1..9])")) == list(range(1, 10))
    assert value("$count($map([1..3], $uuid))") == 3


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("[1..900000] ~> $count()", "Expression evaluation memory limit exceeded: Check for excessive memory usage"),
        ("$range(1, 100000000, 1)", "Expression evaluation memory limit exceeded: Check for excessive memory usage"),
        ("$pad('', 1e9)", "Expression evaluation memory limit exceeded: Check for excessive memory usage"),
        ("$formatInteger(9e300, 'I')", "Expression evaluation memory limit exceeded: Check for excessive memory usage"),
        ("$formatNumber(1, $pad('', 5000, '0'))", "Expression evaluation memory limit exceeded: Check for excessive memory usage"),
        (
            "$reduce([1..40], function($a, $b){ {'a': $a, 'b': $a} }, 'x')",
            "Expression evaluation memory limit exceeded: Check for excessive memory usage",
        ),
        (
            "($f := function($n){ 1 + $f($n) }; $f(1))",
            "Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive.",
        ),
        ("($f := function($n){ $f($n) }; $f(1))", "Expression evaluation timeout: Check for infinite loop"),
        (
            "$reduce([1..40], function($a, $b){ $a & $a }, 'xxxxxxxxxx')",
            "Expression evaluation memory limit exceeded: Check for excessive memory usage",
        ),
    ],
)
def test_an_evaluation_is_bounded(text: str, ending: str) -> None:
    assert failing(text) == f"threw an error during evaluation: {ending}"
