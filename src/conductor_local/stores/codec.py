"""Heads, frames, work, events and the small records of a store as JSON text, and back.

One encoded record is a *sheet*: `{"record": …, "inline": [ … ], "stored": [ … ]}`. Where the record has a payload, the sheet has

- a number: the place in `inline` of its JSON text, copied as it is, never decoded or encoded again; or
- a digest: its text exceeds `INLINE_MAX_BYTES` and lies in the store's table of payloads; `stored` lists these digests.

A payload object that occurs several times in a record (all events of one commit are one record) is written once, and comes
back as one object. Rules: reading a sheet decodes no payload; fields a reader does not know are skipped and fields a writer did
not know take their defaults, so types may gain fields but never lose or rename them. Encoders and decoders keep scratch state
during a call: give each thread its own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from conductor_local.engine.effects import AnyWork
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Frame, Head
from conductor_local.payload import Payload
from conductor_local.runtime.records import Definition, Pinned, Record

INLINE_MAX_BYTES = 1024  # below this, a second copy costs less than a second row

Storable = Head | Frame | AnyWork | Sequence[AnyEvent] | Definition | Pinned | Record


class Sheet(msgspec.Struct):
    """An encoded record taken apart, its payloads not yet in place."""

    record: msgspec.Raw
    inline: list[msgspec.Raw] = []
    stored: list[str] = []


class Encoder:
    """Writes sheets."""

    def __init__(self, inline_bytes_max: int = INLINE_MAX_BYTES) -> None:
        self._inline_bytes_max = inline_bytes_max
        self._encode = msgspec.json.Encoder(enc_hook=self._refer).encode
        self._places: dict[int, int | str] = {}
        self._inline: list[bytes] = []
        self._stored: dict[str, Payload] = {}

    def encode(self, record: Storable, stored: dict[str, Payload]) -> bytes:
        """Return the sheet; add to `stored`, by digest, the payloads that must be kept beside it."""
        self._places, self._inline, self._stored = {}, [], {}
        body = self._encode(record)
        if not self._places:
            return b'{"record":%b}' % body
        if not self._stored:
            return b'{"record":%b,"inline":[%b]}' % (body, b",".join(self._inline))
        stored.update(self._stored)
        return b'{"record":%b,"inline":[%b],"stored":%b}' % (body, b",".join(self._inline), self._encode(list(self._stored)))

    def _refer(self, payload: Any) -> int | str:
        """Stand in for a payload. Objects are told apart by identity: the record keeps them alive meanwhile."""
        place = self._places.get(id(payload))
        if place is None:
            place = self._places[id(payload)] = self._keep(payload)
        return place

    def _keep(self, payload: Any) -> int | str:
        if type(payload) is not Payload:
            raise TypeError(f"a store cannot encode a {type(payload).__name__}")
        encoded = payload.encoded
        if len(encoded) > self._inline_bytes_max:
            self._stored[payload.digest] = payload
            return payload.digest
        self._inline.append(encoded)
        return len(self._inline) - 1


class Decoder:
    """Reads sheets: first `sheet`, then fetch what its `stored` lists, then the record with these payloads by digest."""

    def __init__(self) -> None:
        self._sheet = msgspec.json.Decoder(Sheet).decode
        self._head = msgspec.json.Decoder(Head, dec_hook=self._resolve).decode
        self._frame = msgspec.json.Decoder(Frame, dec_hook=self._resolve).decode
        self._work: msgspec.json.Decoder[AnyWork] = msgspec.json.Decoder(AnyWork, dec_hook=self._resolve)
        self._events: msgspec.json.Decoder[list[AnyEvent]] = msgspec.json.Decoder(list[AnyEvent], dec_hook=self._resolve)
        self._definition = msgspec.json.Decoder(Definition, dec_hook=self._resolve).decode
        self._pinned = msgspec.json.Decoder(Pinned, dec_hook=self._resolve).decode
        self._record = msgspec.json.Decoder(Record, dec_hook=self._resolve).decode
        self._inline: list[Payload] = []
        self._stored: Mapping[str, Payload] = {}

    def sheet(self, encoded: bytes) -> Sheet:
        """Take an encoded record apart."""
        return self._sheet(encoded)

    def head(self, sheet: Sheet, stored: Mapping[str, Payload]) -> Head:
        """Read a head."""
        return self._head(self._place(sheet, stored))

    def frame(self, sheet: Sheet, stored: Mapping[str, Payload]) -> Frame:
        """Read a frame."""
        return self._frame(self._place(sheet, stored))

    def work(self, sheet: Sheet, stored: Mapping[str, Payload]) -> AnyWork:
        """Read a row of work."""
        return self._work.decode(self._place(sheet, stored))

    def events(self, sheet: Sheet, stored: Mapping[str, Payload]) -> list[AnyEvent]:
        """Read the events of one commit."""
        return self._events.decode(self._place(sheet, stored))

    def definition(self, sheet: Sheet) -> Definition:
        """Read a definition whose payloads are all in place."""
        return self._definition(self._place(sheet, {}))

    def pinned(self, sheet: Sheet) -> Pinned:
        """Read a pinned document that is in place."""
        return self._pinned(self._place(sheet, {}))

    def record(self, sheet: Sheet) -> Record:
        """Read a record whose value is in place."""
        return self._record(self._place(sheet, {}))

    def _place(self, sheet: Sheet, stored: Mapping[str, Payload]) -> msgspec.Raw:
        self._inline = [Payload.from_encoded(bytes(text)) for text in sheet.inline]
        self._stored = stored
        return sheet.record

    def _resolve(self, kind: type, place: Any) -> Any:
        """Put a payload where the record has its place; `kind` is always `Payload`, the only type that JSON lacks."""
        return self._inline[place] if type(place) is int else self._stored[place]
