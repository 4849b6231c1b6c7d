"""Functions that make much out of little stop at a bound, and are what they were below it."""

import pytest

from .test_jsonata_functions import failing, value

MEMORY = "threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage"
LONG = "($x := $pad('', 200000, 'a'); "


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG}$length($replace($x, /a/, $x)))",
        f"{LONG}$length($replace($x, 'a', $x)))",
        f"{LONG}$length($replace($x, /a+/, '$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0$0')))",
        f"{LONG}$length([$x].$replace(/a/, $x)))",
        f"{LONG}$x ~> $replace(/a/, $x) ~> $length)",
        f"{LONG}($f := $replace; $length($f($x, 'a', $x))))",
        f"{LONG}$map([/a/], function($p){{$length($replace($x, $p, $x))}}))",
        f"{LONG}$length($join([1..8000].$x)))",
        f"{LONG}$length($join([1..1000].('a'), $x)))",
        f"{LONG}[[1..8000].$x] ~> $join ~> $length)",
        "$count($match($pad('', 4000000, 'a'), /a/))",
        "$count($pad('', 4000000, 'a').$match(/a/))",
    ],
)  # fmt: skip
def test_a_text_that_would_be_too_long_is_refused(text: str) -> None:
    assert failing(text) == MEMORY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$replace('banana', 'a', 'o')", "bonono"),
        ("$replace('banana', 'a', 'o', 2)", "bonona"),
        ("$replace('banana', /(a)n/, '[$1$0]')", "b[aan][aan]a"),
        ("$replace('banana', /a/, function($m){$uppercase($m.match)})", "bAnAnA"),
        ("['banana'].$replace('a', 'o')", "bonono"),
        ("['a', 'b'].$replace(/a|b/, 'x')", ["x", "x"]),
        ("['aa', 'ab'].$replace('a', 'x', 1)", ["xa", "xb"]),
        ("'banana' ~> $replace('a', 'o')", "bonono"),
        ("'banana' ~> $match(/a/) ~> $count", 3),
        ("($f := $replace; $f('banana', 'a', 'o'))", "bonono"),
        ("$replace('a', 'a', $pad('', 400000, 'b')) ~> $length", 400_000),
        ("$replace($pad('', 400000, 'a') & 'b', 'b', 'cccccccccccccccccccc') ~> $length", 400_020),
        ("$replace($pad('', 400000, 'a') & 'b', /b/, 'cccccccccccccccccccc') ~> $length", 400_020),
        ("$replace($pad('', 400000, 'a'), /a/, 'cccccccccccccccccccc', 2) ~> $length", 400_038),
        ("$exists($replace($lookup({}, 'x'), 'a', 'b'))", False),
        ("$map(['a', 'b'], $replace(?, /a|b/, 'x'))", ["x", "x"]),
        ("$join(['a', 'b'])", "ab"),
        ("$join(['a', 'b'], '-')", "a-b"),
        ("$join('a')", "a"),
        ("$join([])", ""),
        ("[['a', 'b'], ['c']].$join($)", ["ab", "c"]),
        ("$match('banana', /a(.)/).groups", ["n", "n"]),
        ("$match('banana', /a/, 1).index", 1),
        ("['banana'].$match(/a/, 1).index", 1),
        ("['banana'].$match(/b/).match", "b"),
    ],
)
def test_below_the_bound_all_is_as_before(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$join([1, 2])", 'T0412: Argument 1 of function "join" must be an array of "strings"'),
        ("$join(['a'], 1)", 'T0410: Argument 2 of function "join" does not match function signature'),
        ("$replace(1, 'a', 'b')", 'T0410: Argument 1 of function "replace" does not match function signature'),
        ("$replace('a', '', 'b')", "D3010: "),
        ("$join()", "T0410: "),
    ],
)
def test_wrong_arguments_are_refused_as_before(text: str, code: str) -> None:
    assert code in failing(text)
