"""The intrinsic functions: results, refusals when a definition is made, failures when it runs (reference sheet 10)."""

import re
from typing import Any

import pytest

from conductor_local.language.expr import Context, ExpressionSyntaxError, paths_in, read_value

from .helpers import CONTEXT, MACHINE, failure_of, value_of

DOCUMENT: dict[str, Any] = {
    "s": "text",
    "t": "n={}",
    "n": None,
    "i": 7,
    "f": 1.0,
    "o": {"Arg1": 1, "Arg2": [], "s": "x", "n": None},
    "l": [1, 2, 3, 4, 5],
    "e": [],
    "mixed": [1, 1.0, "1", True, {"a": 1, "b": 2}, {"b": 2.0, "a": 1}, None, None, [1], [1.0]],
    "big": 12345678901234567890123,
    "emoji": "🆗",
    "long": "x" * 10_000,
    "longer": "🆗" * 5_001,
}


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("States.Format('none')", "none"),
        ("States.Format('{} {}', $.s, $.i)", "text 7"),
        ("States.Format($.t, true)", "n=true"),
        ("States.Format('{}|{}|{}|{}', $.n, $.f, false, 1.1)", "null|1.0|false|1.1"),
        ("States.Format('{}', $.o)", "{Arg1=1, Arg2=[], s=x, n=null}"),
        ("States.Format('{}', $.l)", "[1, 2, 3, 4, 5]"),
        ("States.Format('{}', $.big)", "12345678901234567890123"),
        (r"States.Format('\{\} \'{}\' \\', $.s)", r"{} 'text' " + "\\"),
        ("States.Format('{}', '{}')", "{}"),
        ("States.Format( '{}' , $.s )", "text"),
        ("States.Format('a, b) {}', $['s'])", "a, b) text"),
        ("States.StringToJson('')", None),
        ("States.StringToJson(' \n')", None),
        ("States.StringToJson('-0')", 0),
        ("States.StringToJson('1.0')", 1.0),
        ("States.StringToJson('12345678901234567890123')", 12345678901234567890123),
        ("""States.StringToJson(' {"a": ["é"]} ')""", {"a": ["é"]}),
        (r"""States.StringToJson('\{"a": 1\}')""", {"a": 1}),
        ("States.JsonToString($.o)", '{"Arg1":1,"Arg2":[],"s":"x","n":null}'),
        ("States.JsonToString($.s)", '"text"'),
        ("States.JsonToString(null)", "null"),
        ("States.JsonToString($.f)", "1.0"),
        ("States.JsonToString($.emoji)", '"🆗"'),
        ("States.JsonToString($.big)", "12345678901234567890123"),
        ("States.Array()", []),
        ("States.Array(1, 'a', $.n, 1.5, States.Array())", [1, "a", None, 1.5, []]),
        ("States.ArrayPartition($.l, 2)", [[1, 2], [3, 4], [5]]),
        ("States.ArrayPartition($.l, 2.9)", [[1, 2], [3, 4], [5]]),
        ("States.ArrayPartition($.e, 3)", []),
        ("States.ArrayContains($.l, 3.0)", True),
        ("States.ArrayContains($.l, '3')", False),
        ("States.ArrayContains($.l, true)", False),
        ("States.ArrayContains($.mixed, $.o)", False),
        ("States.ArrayContains(States.Array($.o), $.o)", True),
        ("States.ArrayContains($.e, 1)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(1, 9, 9)", [1]),
        ("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
        ("States.ArrayRange(1, 5, -1)", []),
        ("States.ArrayRange(3, 3, -1)", [3]),
        ("States.ArrayRange(5.4, -0.6, -2.4)", [5, 3, 1]),
        ("States.ArrayGetItem($.l, 0)", 1),
        ("States.ArrayGetItem($.l, 1.9)", 2),
        ("States.ArrayGetItem($.mixed, 7)", None),
        ("States.ArrayLength($.l)", 5),
        ("States.ArrayLength($.l[?(@ > 2)])", 3),
        (r"States.ArrayLength($['a\'b']) ", 1),
        ("States.ArrayLength($.l[?(@ == 'x,)')])", 0),
        ("States.ArrayUnique($.mixed)", [1, "1", True, {"a": 1, "b": 2}, None, [1]]),
        ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Encode($.emoji)", "8J+Glw=="),
        ("States.Base64Encode('')", ""),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "Data to encode"),
        ("States.Base64Decode('')", ""),
        ("States.Base64Decode(' YWJj\nZA ')", "abcd"),
        ("States.Base64Decode('YWJjZ')", "abc"),
        ("States.Base64Decode('YQ==YQ')", "a"),
        ("States.Base64Decode('/w==')", "\ufffd"),
        ("States.Hash('input data', 'MD5')", "812f45842bc6d66ee14572ce20db8e86"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.Hash('input data', 'SHA-256')", "b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"),
        ("States.JsonMerge($.a, $.b, false)", {"a": {"a3": 1}, "b": 2, "c": 3}),
        ("States.MathAdd(1.5, 1.51)", 4),
        ("States.MathAdd(-1.5, 0)", -1),
        ("States.MathAdd(-0.5, 0)", 0),
        ("States.MathAdd(-2.5, 0)", -2),
        ("States.MathAdd(1.49, 1.5)", 3),
        ("States.MathAdd(0.49999999999999994, 0)", 0),
        ("States.MathAdd(-1.51, 0)", -2),
        ("States.MathAdd(2147483646, 1)", 2147483647),
        ("States.MathAdd(1E2, -1)", 99),
        ("States.StringSplit('This.is+a,test=string', '.+,=')", ["This", "is", "a", "test", "string"]),
        ("States.StringSplit(',,,,', ',')", []),
        ("States.StringSplit('a^b]c-d', '^]-')", ["a", "b", "c", "d"]),
        ("States.StringSplit('Hello\nWorld', '\n')", ["Hello", "World"]),
    ],
)
def test_a_call_gives(call: str, expected: Any) -> None:
    more = {"a'b": [0], "a": {"a": {"a1": 1}, "b": 2}, "b": {"a": {"a3": 1}, "c": 3}}
    found = value_of(call, DOCUMENT | more)
    assert (found, type(found)) == (expected, type(expected))


def test_a_merge_leaves_both_objects_alone() -> None:
    document = {"a": {"x": 1}, "b": {"x": 2}}
    value_of("States.JsonMerge($.a, $.b, false)", document)
    assert document == {"a": {"x": 1}, "b": {"x": 2}}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("0, 10, 42", 0),
        ("0, 100, 42", 30),
        ("0, 16, 42", 11),
        ("0, 1073741825, 0", 516_548_029),
        ("-1, 2147483647, 0", 1_033_096_058),
        ("-1500000000, 1500000000, 3", -1_155_099_828),
        ("0, 2147483647, 0", 1569741360),
        ("-2147483648, 2147483647, 42", -1170105035),
    ],
)
def test_a_seed_draws_what_java_draws(arguments: str, expected: int) -> None:
    assert value_of(f"States.MathRandom({arguments})") == expected


class Bits:
    """Hands out the same 64 bits every time."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def entropy(self) -> int:
        return self.bits


@pytest.mark.parametrize(("bits", "expected"), [(0, 5), ((1 << 64) - 1, 8), (1 << 63, 7)])
def test_randomness_comes_from_the_scope(bits: int, expected: int) -> None:
    read: Any = read_value("States.MathRandom(5, 9)", "k.$", CONTEXT)
    assert read(None, Bits(bits)) == expected


@pytest.mark.parametrize("bits", [0, (1 << 64) - 1, 0x0123456789ABCDEF])
def test_a_uuid_is_of_the_fourth_kind(bits: int) -> None:
    read: Any = read_value("States.UUID()", "k.$", CONTEXT)
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", read(None, Bits(bits)))


@pytest.mark.parametrize(
    "call",
    [
        "States.Format($.i)",
        "States.StringToJson('{')",
        "States.StringToJson('NaN')",
        "States.StringToJson('1e999')",
        "States.StringToJson($.i)",
        "States.JsonToString()",
        "States.JsonToString(1, 2)",
        "States.ArrayPartition($.l, 0)",
        "States.ArrayPartition($.l, 0.6)",
        "States.ArrayPartition($.s, 1)",
        "States.ArrayContains($.s, 1)",
        "States.ArrayRange(1, 9, 0)",
        "States.ArrayRange(1, 9, 0.5)",
        "States.ArrayRange(1, 1001, 1)",
        "States.ArrayRange('1', 2, 1)",
        "States.ArrayRange(1, 2)",
        "States.ArrayGetItem($.l, 5)",
        "States.ArrayGetItem($.l, -1)",
        "States.ArrayGetItem($.l, '1')",
        "States.ArrayGetItem($.l, true)",
        "States.ArrayLength($.o)",
        "States.ArrayUnique($.s)",
        "States.Base64Encode($.i)",
        "States.Base64Encode($.longer)",
        "States.Hash('x', 'sha-256')",
        "States.Hash('x', $.o)",
        "States.Hash($.i, 'MD5')",
        "States.JsonMerge($.o, $.o, true)",
        "States.JsonMerge($.o, $.o, 'false')",
        "States.JsonMerge($.l, $.o, false)",
        "States.JsonMerge($.o, null, false)",
        "States.MathAdd('1', 1)",
        "States.MathAdd(true, 1)",
        "States.MathAdd(2147483647, 1)",
        "States.MathAdd(3000000000, -3000000000)",
        "States.MathAdd(1)",
        "States.MathRandom(1, 1)",
        "States.MathRandom(1.4, 1.6)",
        "States.MathRandom(1, 10, null)",
        "States.StringSplit('a', '')",
        "States.StringSplit(null, ',')",
        "States.UUID(1)",
    ],
)
def test_arguments_that_will_not_do_fail_the_call(call: str) -> None:
    name = call.partition("(")[0]
    text = f"The function '{call}' had the following error: Invalid arguments in {name}"
    assert failure_of(call, DOCUMENT) == ("States.IntrinsicFailure", text)


def test_the_longest_text_is_taken() -> None:
    assert len(value_of("States.Base64Encode($.long)", DOCUMENT)) == 13_336


def test_a_format_with_too_many_values_says_so() -> None:
    error, text = failure_of("States.Format('{}', 1, 2)")
    assert error == "States.IntrinsicFailure"
    assert text.endswith("Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.")


@pytest.mark.parametrize("template", ["{", "}", "{{}}", "{x}"])
def test_a_lone_brace_fails_the_format(template: str) -> None:
    error, text = failure_of(f"States.Format('{template}', 1)")
    assert error == "States.IntrinsicFailure"
    assert text.endswith("Invalid template in States.Format: matching '}' not found for '{'.")


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ("States.Format('{}', $.nope)", "$.nope"),
        ("States.Format('{}',$.nope)", "$.nope"),
        ("States.Format('{} {}', $.other, $.a.b)", "$.a.b"),
        ("States.Format($.nope, 1)", "$.nope"),
        ("States.Format('{}', States.Format('{}', $.nope))", "$.nope"),
        ("States.Format('{}', $.items[5])", "$.items[5]"),
        ("States.Format('{}', $.items[5].x)", "$.items[5].x"),
        ("States.Format('{}', $$.Nope.Deep)", "$.Nope.Deep"),
        ("States.Format('{}', $unknown.x)", "$unknown.x"),
    ],
)
def test_a_path_argument_that_leads_nowhere_names_the_whole_expression(call: str, field: str) -> None:
    text = f"""The function '{call}' had the following error: The JsonPath argument for the field '{field}' """
    expected = text + """could not be found in the input '{"other":1,"items":[1,2]}'"""
    assert failure_of(call, {"other": 1, "items": [1, 2]}) == ("States.Runtime", expected)


def test_an_index_into_no_list_is_told_in_the_words_of_jayway() -> None:
    call = "States.Format('{}', $.other[0])"
    text = f"The function '{call}' had the following error: Filter: [0] can only be applied to arrays. Current context is: 1"
    assert failure_of(call, {"other": 1}) == ("States.Runtime", text)


def test_calls_nest_ten_deep() -> None:
    assert value_of("States.Array(" * 10 + ")" * 10) is not None


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (" States.UUID()", 0),
        ("States.Nope()", 0),
        ("Format('x')", 0),
        ("States.UUID", 11),
        ("States.UUID() x", 14),
        ("States.UUID()[0]", 13),
        ("States.Array(1", 14),
        ("States.Array(1,)", 15),
        ("States.Array(1 2)", 15),
        ("States.Array('a)", 13),
        ('States.Array("a")', 13),
        (r"States.Array('\n')", 14),
        (r"""States.StringToJson('{"a":"\"b\""}')""", 27),
        ("States.Array('\\", 14),
        ("States.Array(1e999)", 13),
        ("States.Array(truest)", 13),
        ("States.Array(01x)", 13),
        ("States.Array($.a..)", 18),
        ("States.Array($.a", 16),
        ("States.Array($.a[?(@.b == 'x,y)')], $.)", 38),
        ("States.Array(States.Nope())", 13),
        ("States.Array(" * 11 + ")" * 11, 130),
    ],
)
def test_a_bad_call_is_refused_where_it_goes_wrong(text: str, position: int) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        read_value(text, "k.$", CONTEXT)
    assert caught.value.position == position


def test_a_call_knows_what_it_reads() -> None:
    found = paths_in("States.Format('{}', $v.x, States.Array($$.State, $.a), 1)")
    assert [path.text for path in found] == ["$v.x", "$$.State", "$.a"]
    assert [path.text for path in paths_in("$w")] == ["$w"]


def test_a_call_reads_variables_and_the_context() -> None:
    assert (
        value_of("States.Format('{}-{}', $v.x, $$.StateMachine)", context=Context(MACHINE), variables={"v": {"x": 1}})
        == "1-{Id=arn:m, Name=m}"
    )
