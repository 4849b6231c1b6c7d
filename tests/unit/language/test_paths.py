import pytest

from conductor_local.errors import EvaluationError
from conductor_local.language.absent import ABSENT
from conductor_local.language.steps.paths import PathFault, lookup, parse_path, shown
from conductor_local.language.steps.records import Records

from .fakes import call, only, scope

PAYLOAD = {
    "a": {"b": [10, {"c": None}]},
    "odd name": 1,
    "it's": 2,
    "": 3,
    "__proto__": {"x": 4},
    "é-1": 5,
    "@id": 6,
    "0": 7,
    "$x": 8,
}


def find(text, payload=PAYLOAD, **more):
    return lookup(parse_path(text), Records(), "")(payload, scope(payload, **more))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$", PAYLOAD), ("$.", PAYLOAD), (".", PAYLOAD),
        ("$.a.b[0]", 10), (".a.b[0]", 10), ("a.b[0]", 10), ("$['a']['b'][0]", 10), ('["a"].b[00]', 10),
        ("$.a.b[1].c", None), ("$['odd name']", 1), (r"$['it\'s']", 2), ('$["it\'s"]', 2), ("$['']", 3),
        ("$.__proto__.x", 4), ("$.é-1", 5), ("$.@id", 6), ("$.0", 7), ("$.$x", 8),
        ("$.none", ABSENT), ("$.a.none.b", ABSENT), ("$.a.b[2]", ABSENT), ("$.a.b.c", ABSENT), ("$.a[0]", ABSENT),
        ("$[0]", ABSENT), ("$.a.b[0].x", ABSENT), ("$.a.b.0", ABSENT),
    ],
)  # fmt: skip
def test_a_path_finds_one_place_or_nothing(text, expected):
    assert find(text) == expected


@pytest.mark.parametrize("payload", [None, 5, "text", [1], True])
def test_a_name_finds_nothing_in_what_is_no_object(payload):
    assert find("$.a", payload) is ABSENT
    assert find("$.a.b", payload) is ABSENT


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("$x", "after"), ("$$.Execution", "dot or a bracket"), ("$..a", "wildcards"), ("$.*", "wildcards"),
        ("$.a[*]", "wildcards"),
        ("$.a[?(@.x)]", "wildcards"), ("$.a.", "end with a dot"), ("$.a[-1]", "front"), ("$.a[x]", "brackets"),
        ("$.a['x]", "brackets"),
        ("$.a[1:2]", "brackets"), ("$.a[" + "9" * 40 + "]", "brackets"), ("$.odd name", "signs"), ("a b", "signs"), (" $", "signs"),
        ("$.a'b", "signs"), ("f(x)", "signs"),
    ],
)  # fmt: skip
def test_what_is_no_path_is_refused_with_a_reason(text, part):
    with pytest.raises(PathFault, match=part):
        parse_path(text)


def test_nothing_shows_itself_as_nothing():
    assert repr(ABSENT) == "ABSENT"


def test_a_path_can_be_shown():
    assert shown(("a", 0, "odd name", "it's\\")) == r"$.a[0]['odd name']['it\'s\\']"
    assert parse_path(shown(("a", 0, "odd name", "it's\\", ""))).segments == ("a", 0, "odd name", "it's\\", "")


def test_the_initial_payload_is_a_root():
    assert find("$.initialPayload", {"a": 1}, execution_input={"b": 2}) == {"b": 2}
    assert find(".initialPayload.b", [1], execution_input={"b": 2}) == 2
    assert find("$.initialPayload.c", {"a": 1}, execution_input={"b": 2}) is ABSENT


def test_a_field_of_the_payload_hides_a_root_of_its_name():
    assert find("$.initialPayload.b", {"initialPayload": {"b": 3}}, execution_input={"b": 2}) == 3
    assert find("$.initialPayload.c", {"initialPayload": None}, execution_input={"c": 2}) is ABSENT
    assert find("$.steps.a.output", {"steps": {"a": {"output": 1}}}, variables={"steps.a": {"output": 2}}) == 1


def test_an_input_path_that_finds_nothing_gives_null():
    assert only(call(inputPath="$.x")).arguments(scope({"y": 1})) is None
    assert only(call(inputPath="$.y")).arguments(scope({"y": 1})) == 1


def test_an_input_path_that_finds_nothing_is_an_error_where_paths_are_strict():
    slot = only(call(inputPath="$.x"), strictPaths=True).arguments
    assert slot(scope({"x": None})) is None
    with pytest.raises(EvaluationError, match=r"step 'a': inputPath '\$\.x' finds nothing") as caught:
        slot(scope({"y": 1}))
    assert caught.value.error == "States.ParameterPathFailure"


@pytest.mark.parametrize(
    ("step", "slot", "payload", "message"),
    [
        (call(timeoutSeconds="$.t"), "timeout_s", {}, r"step 'a': timeoutSeconds '\$\.t' finds nothing, but must lead to a number"),
        (call(timeoutSeconds="$.t"), "timeout_s", {"t": "5"}, "finds a text"),
        (call(heartbeatSeconds="$.t"), "heartbeat_s", {"t": 0}, "finds the number 0"),
        (call(heartbeatSeconds="$.t"), "heartbeat_s", {"t": True}, "finds a boolean"),
        ({"type": "fail", "error": "$.e"}, "error", {}, r"error '\$\.e' finds nothing, but must lead to a text"),
        ({"type": "fail", "cause": "$"}, "cause", {}, "finds an object"),
    ],
)
def test_a_path_to_a_value_of_the_wrong_type_fails_by_step_field_and_path(step, slot, payload, message):
    with pytest.raises(EvaluationError, match=message) as caught:
        getattr(only(step), slot)(scope(payload))
    assert caught.value.error == "States.Runtime"


@pytest.mark.parametrize(
    ("fields", "payload", "message"),
    [
        ({}, None, r"step 'a': itemsPath '\$' finds null, but must lead to a list"),
        ({"itemsPath": "$.x"}, {"x": {}}, r"itemsPath '\$\.x' finds an object"),
        ({"itemsPath": "$.x"}, {}, "finds nothing"),
    ],
)
def test_a_map_needs_a_list(fields, payload, message):
    node = only({"type": "map", "iterator": {"startAt": "i", "steps": {"i": call()}}, **fields})
    with pytest.raises(EvaluationError, match=message):
        node.items(scope(payload))
