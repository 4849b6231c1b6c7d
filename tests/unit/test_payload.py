"""JSON values as the engine carries them."""

from typing import Any

import pytest

from conductor_local.payload import DEPTH_MAX, EMPTY_OBJECT, NULL, Payload, json_fault


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


# --- Payload


def test_the_encoding_is_compact_and_keeps_the_order_of_keys() -> None:
    assert Payload({"b": 1, "a": [True, None, "ä"]}).encoded == '{"b":1,"a":[true,null,"ä"]}'.encode()


def test_an_encoded_payload_is_decoded_when_asked() -> None:
    payload = Payload.from_encoded(b'{"a":[1,2]}')
    assert (payload.size, payload.value, payload.value is payload.value) == (11, {"a": [1, 2]}, True)


def test_null_is_a_value_like_any_other() -> None:
    assert (Payload.from_encoded(b"null").value, NULL.value, EMPTY_OBJECT.value) == (None, None, {})


def test_payloads_are_equal_when_their_encodings_are() -> None:
    assert Payload({"a": 1}) == Payload.from_encoded(b'{"a":1}')
    assert hash(Payload([1])) == hash(Payload.from_encoded(b"[1]"))
    assert Payload({"a": 1, "b": 2}) != Payload({"b": 2, "a": 1})
    assert Payload(1) != 1
    assert Payload(True) != Payload(1)


def test_the_digest_is_that_of_the_encoding() -> None:
    payload = Payload({"a": 1})
    assert payload.digest == Payload.from_encoded(payload.encoded).digest == payload.digest
    assert (len(payload.digest), payload.digest == Payload([]).digest) == (32, False)


def test_a_long_payload_is_shown_shortened() -> None:
    assert repr(Payload([1])) == "Payload([1])"
    assert repr(Payload("x" * 100)) == f'Payload("{"x" * 79}…)'


# --- json_fault


@pytest.mark.parametrize(
    "value", [None, True, 0, -1, 2**70, 1.5, "", "ä", [], {}, [1, {"a": [None]}], {"~/": 1}, nested(DEPTH_MAX)]
)
def test_json_has_no_fault(value: Any) -> None:
    assert json_fault(value) is None


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "pointer", "reason"),
    [
        ((1, 2), "", "a Python tuple is not a JSON value"),
        ({"a": {1}}, "/a", "a Python set is not a JSON value"),
        (b"x", "", "a Python bytes is not a JSON value"),
        (Text("x"), "", "a Python Text is not a JSON value"),
        ([1, float("nan")], "/1", "nan is not a JSON number"),
        ([float("-inf")], "/0", "-inf is not a JSON number"),
        ({"a": {1: 2}}, "/a", "the key 1 is not a string"),
        ({"a/b~c": [object]}, "/a~1b~0c/0", "a Python type is not a JSON value"),
        (["\ud800"], "/0", "the text holds half of a surrogate pair"),
        ({"\ud800": 1}, "/\ud800", "the text holds half of a surrogate pair"),
    ],
)
def test_what_is_not_json_is_named_with_its_place(value: Any, pointer: str, reason: str) -> None:
    assert json_fault(value) == (pointer, reason)


def test_nesting_has_an_end() -> None:
    fault = json_fault(nested(DEPTH_MAX + 1))
    assert fault == ("/0" * DEPTH_MAX, f"nested deeper than {DEPTH_MAX} levels")


def test_a_value_that_contains_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    fault = json_fault(loop)
    assert fault is not None
    assert fault[1] == f"nested deeper than {DEPTH_MAX} levels"
