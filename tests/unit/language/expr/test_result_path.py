"""Writing a result into the raw input."""

from copy import deepcopy
from typing import Any

import pytest

from conductor_local.errors import EvaluationError
from conductor_local.language.expr import ExpressionSyntaxError, parse_result_path, writer

from .helpers import PREFIX, at


@pytest.mark.parametrize(
    ("path", "raw", "expected"),
    [
        ("$", {"a": 1}, "R"),
        ("$.r", {"a": 1}, {"a": 1, "r": "R"}),
        ("$.a", {"a": 1, "b": 2}, {"a": "R", "b": 2}),
        ("$.a.b.c", {"a": {"x": 1}}, {"a": {"x": 1, "b": {"c": "R"}}}),
        ("$['a b']", {}, {"a b": "R"}),
        ("$[1]", [1, 2], [1, "R"]),
        ("$.l[0].x", {"l": [{"y": 1}, 2]}, {"l": [{"y": 1, "x": "R"}, 2]}),
    ],
)
def test_a_result_is_written_into_a_copy(path: str, raw: Any, expected: Any) -> None:
    before = deepcopy(raw)
    assert writer(parse_result_path(path))(raw, "R", at()) == expected
    assert raw == before


def test_what_is_not_on_the_way_is_shared() -> None:
    raw = {"a": {}, "big": [1]}
    assert writer(parse_result_path("$.a.b"))(raw, 1, at())["big"] is raw["big"]


def test_no_result_path_drops_the_result() -> None:
    assert writer(None)({"a": 1}, "R", at()) == {"a": 1}


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("$.a.b", {"a": 1}),
        ("$.a.b", {"a": None}),
        ("$.a", None),
        ("$.a", "text"),
        ("$.a", [1]),
        ("$[0]", {}),
        ("$.l[2]", {"l": [1]}),
        ("$.l[0]", {}),
    ],
)
def test_a_result_without_a_place_is_a_failure_that_can_be_caught(path: str, raw: Any) -> None:
    with pytest.raises(EvaluationError) as caught:
        writer(parse_result_path(path))(raw, "R", at())
    assert caught.value.error == "States.ResultPathMatchFailure"
    assert caught.value.message.startswith(f"{PREFIX}Unable to apply ReferencePath {path} to input ")


@pytest.mark.parametrize("path", ["$$.a", "$v", "$..a", "$.a[*]", "$.a[-1]", "$.a[0:1]", "a"])
def test_only_a_reference_path_into_the_input_can_be_written_to(path: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        parse_result_path(path)
