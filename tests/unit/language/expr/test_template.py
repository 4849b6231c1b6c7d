"""Payload templates."""

from typing import Any

import pytest

from conductor_local.language.expr import compile_template

from .helpers import CONTEXT, at, failing, filled


def test_marked_keys_are_filled_in_at_any_depth() -> None:
    template = {"a": 1, "b.$": "$.x", "c": {"d.$": "$.y", "l": ["$.x", {"e.$": "States.Array($.x)"}, [{"f.$": "$"}]]}}
    document = {"x": 1, "y": None}
    assert filled(template, document) == {"a": 1, "b": 1, "c": {"d": None, "l": ["$.x", {"e": [1]}, [{"f": document}]]}}


def test_keys_keep_the_order_of_the_definition() -> None:
    assert list(filled({"z.$": "$", "a": 1, "m.$": "$"})) == ["z", "a", "m"]


@pytest.mark.parametrize("template", [{}, [], "$.x", 1, None, {"a": [{"b": "$.x"}]}, {"a": "States.UUID()"}])
def test_a_template_without_marks_gives_itself(template: Any) -> None:
    assert filled(template) is template


def test_fixed_parts_are_not_built_again() -> None:
    template = {"fixed": {"a": [1]}, "k.$": "$"}
    first, second = filled(template, 1), filled(template, 2)
    assert first["fixed"] is second["fixed"] is template["fixed"]
    assert (first["k"], second["k"]) == (1, 2)


def test_a_miss_names_the_key_as_written() -> None:
    read = compile_template({"a": {"k.$": "$.no"}}, CONTEXT, lambda *_: None)
    text = "The JSONPath '$.no' specified for the field 'k.$' could not be found in the input '{}'"
    assert failing(read, {}) == ("States.Runtime", text)


def message(field: str) -> str:
    return f"The value for the field '{field}' must be a valid JSONPath or a valid intrinsic function call"


NO_CALL = "expected a path or a call such as States.Format('{}', $.name) at character 1"
NO_TEXT = "the value is not a text"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"k.$": 1}, [("/k.$", message("k.$"), NO_TEXT)]),
        ({"a": [{"k.$": "x"}]}, [("/a/0/k.$", message("k.$"), NO_CALL)]),
        ({"k.$": "$."}, [("/k.$", message("k.$"), "a name is missing after '.' at character 3")]),
        ({"a/b~.$": " States.UUID()"}, [("/a~1b~0.$", message("a/b~.$"), NO_CALL)]),
        ({"k.$": {}, "l.$": None}, [("/k.$", message("k.$"), NO_TEXT), ("/l.$", message("l.$"), NO_TEXT)]),
        ({"k": 1, "k.$": "$"}, [("/k.$", "The fields 'k' and 'k.$' cannot both be specified", "keep one of the two")]),
    ],
)
def test_everything_wrong_with_a_template_is_told(template: Any, expected: list[tuple[str, str, str]]) -> None:
    told: list[tuple[str, str, str]] = []
    compile_template(template, CONTEXT, lambda *refusal: told.append(refusal))
    assert told == expected


def test_a_refused_value_still_compiles() -> None:
    assert compile_template({"k.$": 1}, CONTEXT, lambda *_: None)({}, at()) == {"k": None}


def test_a_template_as_deep_as_a_payload_may_be() -> None:
    template: Any = {"k.$": "$"}
    for _ in range(190):
        template = {"d": [template]} if len(str(template)) % 2 else {"d": template}
    value = filled(template, "x")
    while not isinstance(value, str):
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
    assert value == "x"
