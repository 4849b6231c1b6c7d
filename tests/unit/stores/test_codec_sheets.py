"""How sheets look, and what readers tolerate."""

from datetime import UTC, datetime

import msgspec
import pytest

from conductor_local.engine.events import AnyEvent, NodeEntered
from conductor_local.engine.state import Frame
from conductor_local.payload import Payload
from conductor_local.stores.codec import INLINE_MAX_BYTES, Decoder, Encoder

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def event(seq: int, input: Payload) -> NodeEntered:
    return NodeEntered(seq=seq, at=T0, node="A", kind="pass", input=input)


def test_a_payload_object_is_written_once_and_comes_back_as_one() -> None:
    shared = Payload({"order": 7})
    body = Encoder().encode([event(1, shared), event(2, shared), event(3, Payload({"order": 8}))], {})
    assert body.count(b'{"order":7}') == 1
    decoder = Decoder()
    first, second, third = (each.input for each in decoder.events(decoder.sheet(body), {}) if isinstance(each, NodeEntered))
    assert first is second
    assert (first.value, third.value) == ({"order": 7}, {"order": 8})


def test_the_text_of_a_payload_is_kept_byte_for_byte() -> None:
    payload = Payload.from_encoded(b'{"b":1.0,"a":"\\u00e9/"}')
    decoder = Decoder()
    (back,) = decoder.events(decoder.sheet(Encoder().encode([event(1, payload)], {})), {})
    assert isinstance(back, NodeEntered)
    assert back.input.encoded == b'{"b":1.0,"a":"\\u00e9/"}'


def test_large_payloads_lie_outside_under_their_digest() -> None:
    just, over = Payload("x" * (INLINE_MAX_BYTES - 2)), Payload("x" * (INLINE_MAX_BYTES - 1))
    stored: dict[str, Payload] = {}
    body = Encoder().encode([event(1, just), event(2, over), event(3, over), event(4, Payload(over.value))], stored)
    assert stored == {over.digest: over}
    sheet = Decoder().sheet(body)
    assert sheet.stored == [over.digest]
    assert [bytes(text) for text in sheet.inline] == [just.encoded]
    assert over.encoded not in body


def test_reading_decodes_no_payload() -> None:
    decoder = Decoder()
    broken = b'{"record":{"id":1,"node":"A","input":0},"inline":[[1, 2 ,3]]}'
    frame = decoder.frame(decoder.sheet(broken), {})
    assert frame.input.encoded == b"[1, 2 ,3]"


def test_unknown_fields_are_skipped_and_missing_ones_take_their_defaults() -> None:
    decoder = Decoder()
    sheet = decoder.sheet(b'{"record":{"id":1,"node":"A","input":0,"colour":"red"},"inline":[null],"later":[1]}')
    assert decoder.frame(sheet, {}) == Frame(id=1, node="A", input=Payload(None))


def test_records_are_json_that_people_can_read() -> None:
    body = Encoder().encode(Frame(id=1, node="A", input=Payload({"n": 1})), {})
    assert msgspec.json.decode(body) == {"record": {"id": 1, "node": "A", "input": 0}, "inline": [{"n": 1}]}


def test_what_is_no_payload_is_refused() -> None:
    wrong: list[AnyEvent] = [event(1, object())]  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cannot encode a object"):
        Encoder().encode(wrong, {})


def test_an_encoder_is_fit_for_use_after_a_failure() -> None:
    encoder = Encoder()
    with pytest.raises(TypeError):
        encoder.encode([event(1, Payload(1)), event(2, object())], {})  # type: ignore[arg-type]
    assert encoder.encode([event(1, Payload(2))], {}).endswith(b'"inline":[2]}')
