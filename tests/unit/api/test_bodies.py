"""Bodies: every fault has its place."""

import msgspec
import pytest

from conductor_local.api.bodies import decode
from conductor_local.api.problems import Refusal
from conductor_local.api.rest.executions import TriggerBody
from conductor_local.errors import Problem
from conductor_local.payload import DEPTH_MAX

TRIGGER = msgspec.json.Decoder(TriggerBody)
ANYTHING = msgspec.json.Decoder()


def fault(body: bytes) -> Problem:
    with pytest.raises(Refusal) as caught:
        decode(body, TRIGGER)
    assert caught.value.status == 400
    (problem,) = caught.value.errors
    return problem


def test_a_good_body_is_decoded() -> None:
    assert decode(b'{"payload":{"a":[1]}}', TRIGGER).payload == {"a": [1]}
    assert decode(b"{}", TRIGGER).payload == {}


@pytest.mark.parametrize(
    ("body", "line", "column", "said"),
    [
        (b'{"payload":\n  {"a":tru}}', 2, 8, "Expecting value"),
        (b'{"payload":{}', 1, 14, "Expecting ',' delimiter"),
        ('{"payload":{"ä":1 "b":2}}'.encode(), 1, 19, "delimiter"),
        (b'{"payload":{"a":NaN}}', 1, 17, "invalid character"),
        (b" \n ", 1, 1, "empty"),
        (b"{} {}", 1, 4, "Extra data"),
    ],
)
def test_text_that_is_not_json_is_placed(body: bytes, line: int, column: int, said: str) -> None:
    problem = fault(body)
    assert (problem.code, problem.line, problem.column) == ("INVALID_JSON", line, column)
    assert said in problem.message


def test_bytes_that_are_not_utf8_are_placed() -> None:
    problem = fault(b'{"payload":\n{"a":"\xff"}}')
    assert (problem.code, problem.line, problem.column) == ("INVALID_UTF8", 2, 7)


def test_half_a_surrogate_pair_is_named() -> None:
    assert "surrogate" in fault(rb'{"payload":{"a":"\ud800"}}').message


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (b'{"payloads":{}}', "/payloads", "UNKNOWN_FIELD"),
        (b'{"a/b":1}', "/a~1b", "UNKNOWN_FIELD"),
        (b'{"payload":[1]}', "/payload", "INVALID_TYPE"),
        (b'{"payload":null}', "/payload", "INVALID_TYPE"),
        (b"[]", "", "INVALID_TYPE"),
        (b'{"payload":{"a":1e999}}', "/payload/...", "INVALID_TYPE"),
    ],
)
def test_a_wrong_shape_has_a_pointer(body: bytes, pointer: str, code: str) -> None:
    problem = fault(body)
    assert (problem.pointer, problem.code) == (pointer, code)


def nested(depth: int) -> bytes:
    return b'{"payload":' + b'{"a":' * (depth - 1) + b"1" + b"}" * depth


def test_nesting_is_limited_and_width_is_not() -> None:
    assert decode(nested(DEPTH_MAX), TRIGGER)
    assert decode(b"[" + b"[]," * 1_000 + b"[]]", ANYTHING)
    for depth in (DEPTH_MAX + 2, 900, 100_000):
        assert fault(nested(depth)).code == "TOO_DEEP"
