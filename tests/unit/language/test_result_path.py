import copy

import pytest

from conductor_local.errors import EvaluationError
from conductor_local.program import Failure

from .fakes import call, only, scope


def output(result_path, payload, result):
    fields = {} if result_path is None else {"resultPath": result_path}
    before = copy.deepcopy(payload)
    written = only(call(**fields)).output(scope(payload, result=result))
    assert payload == before
    return written


@pytest.mark.parametrize("path", [None, "$", "$."])
def test_an_object_is_merged_into_the_root(path):
    assert output(path, {"a": 1, "b": 1}, {"b": 2, "c": 2}) == {"a": 1, "b": 2, "c": 2}


@pytest.mark.parametrize(
    ("payload", "result"), [({"a": 1}, [1]), ({"a": 1}, None), ({"a": 1}, "x"), ([1], {"a": 1}), (None, {"a": 1})]
)
def test_any_other_result_or_payload_replaces_the_root(payload, result):
    assert output(None, payload, result) is result


@pytest.mark.parametrize(
    ("path", "payload", "expected"),
    [
        ("$.x", {"a": 1}, {"a": 1, "x": 9}),
        (".x", {"x": {"old": 1}}, {"x": 9}),
        ("x.y.z", {"a": 1}, {"a": 1, "x": {"y": {"z": 9}}}),
        ("$.x.y", {"x": {"z": 1}}, {"x": {"z": 1, "y": 9}}),
        ("$['odd name']", {}, {"odd name": 9}),
        ("$.__proto__.constructor", {}, {"__proto__": {"constructor": 9}}),
        ("$.initialPayload", {"a": 1}, {"a": 1, "initialPayload": 9}),
    ],
)
def test_a_result_is_written_at_its_path(path, payload, expected):
    assert output(path, payload, 9) == expected


def test_only_the_objects_on_the_way_are_copied():
    payload = {"on": {"x": 1}, "off": {"y": 1}}
    written = output("$.on.z", payload, 9)
    assert written["off"] is payload["off"]
    assert written["on"] is not payload["on"]


@pytest.mark.parametrize(
    ("path", "payload", "place"),
    [
        ("$.x", [1], r"'\$' is a list"),
        ("$.x", None, r"'\$' is null"),
        ("$.x.y", {"x": 5}, r"'\$.x' is a number"),
        ("$.x.y", {"x": None}, r"'\$.x' is null"),
        ("$['a b'].y.z", {"a b": {"y": "t"}}, r"'\$\['a b'\].y' is a text"),
    ],
)
def test_writing_through_what_is_no_object_fails_by_step_path_and_place(path, payload, place):
    with pytest.raises(EvaluationError, match=place) as caught:
        output(path, payload, 9)
    assert caught.value.error == "States.ResultPathMatchFailure"
    assert f"step 'a': resultPath '{path}'" in caught.value.message


@pytest.mark.parametrize("path", [None, "$", "$."])
def test_a_caught_error_replaces_the_payload(path):
    fields = {} if path is None else {"resultPath": path}
    catcher = only(call(catch=[{"errorEquals": ["States.ALL"], "nextStepId": "z", **fields}])).catch[0]
    assert catcher.output(scope({"a": 1}, failure=Failure("Boom", "late"))) == {"error": "Boom", "cause": "late"}


def test_a_caught_error_is_written_at_the_path_of_its_catch():
    catcher = only(call(catch=[{"errorEquals": ["States.ALL"], "nextStepId": "z", "resultPath": "$.problem"}])).catch[0]
    assert catcher.output(scope({"a": 1}, failure=Failure())) == {"a": 1, "problem": {"error": None, "cause": None}}
