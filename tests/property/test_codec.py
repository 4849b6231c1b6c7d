"""Whatever the engine can produce comes back from the codec as it was, each payload object once."""

from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from conductor_local.engine.effects import AnyWork
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Frame, Head
from conductor_local.payload import Payload
from conductor_local.stores.codec import INLINE_MAX_BYTES, Decoder, Encoder

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
payloads = st.one_of(json_values, st.text(min_size=1000, max_size=1100), st.just("x" * 5000)).map(Payload)
ATOMS: dict[Any, st.SearchStrategy[Any]] = {
    Payload: payloads,
    datetime: st.datetimes(timezones=st.just(UTC)),
    Any: json_values,
    str: st.text(),
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**64 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
}

encoder, decoder = Encoder(), Decoder()


@cache
def complete(kind: Any) -> st.SearchStrategy[Any]:
    """Make values of a type with every field filled, also those with defaults."""
    if kind in ATOMS:
        return ATOMS[kind]
    inner = [complete(each) for each in get_args(kind) if each is not ...]
    match get_origin(kind):
        case origin if origin in (Union, UnionType):
            return st.one_of(*inner)
        case origin if origin is dict:
            return st.dictionaries(*inner, max_size=3)
        case origin if origin is list:
            return st.lists(*inner, max_size=3)
        case origin if origin is tuple:
            return st.lists(*inner, max_size=3).map(tuple)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = get_type_hints(kind)
    names = kind.__struct_fields__ if issubclass(kind, msgspec.Struct) else [field.name for field in fields(kind)]
    return st.builds(kind, **{name: complete(hints[name]) for name in names})


def kept_beside(stored: dict[str, Payload]) -> dict[str, Payload]:
    """Give back what a table of payloads would."""
    return {digest: Payload.from_encoded(payload.encoded) for digest, payload in stored.items()}


@given(complete(Head))
def test_heads(head: Head) -> None:
    stored: dict[str, Payload] = {}
    sheet = decoder.sheet(encoder.encode(head, stored))
    assert decoder.head(sheet, kept_beside(stored)) == head


@given(complete(Frame))
def test_frames(frame: Frame) -> None:
    stored: dict[str, Payload] = {}
    sheet = decoder.sheet(encoder.encode(frame, stored))
    assert decoder.frame(sheet, kept_beside(stored)) == frame


@given(complete(AnyWork))
def test_work(work: AnyWork) -> None:
    stored: dict[str, Payload] = {}
    sheet = decoder.sheet(encoder.encode(work, stored))
    assert decoder.work(sheet, kept_beside(stored)) == work


@given(st.lists(complete(AnyEvent), max_size=6))
def test_events(events: list[AnyEvent]) -> None:
    stored: dict[str, Payload] = {}
    sheet = decoder.sheet(encoder.encode(events, stored))
    assert decoder.events(sheet, kept_beside(stored)) == events
    assert sorted(sheet.stored) == sorted(stored)
    assert all(payload.size > INLINE_MAX_BYTES for payload in stored.values())
