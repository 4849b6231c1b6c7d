"""JSON values as the engine carries them: decoded at most once, encoded at most once, never changed.

Rules: a value inside a `Payload` is never mutated (write a changed copy); `encoded` is UTF-8, compact, keys in the order
they were given, or the text that was sent, as it stands; only what JSON can say goes in (`json_fault` tells why a value cannot).
"""

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import msgspec

Json = Any  # None | bool | int | float | str | list[Json] | dict[str, Json]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
DEPTH_MAX = 200  # nesting of one value; far above real payloads, far below the interpreter's stack


class Payload:
    """One immutable JSON value with its encoding, size and digest, each made on first use."""

    __slots__ = ("_digest", "_encoded", "_value")
    _value: Json
    _encoded: bytes | None
    _digest: str | None

    def __init__(self, value: Json) -> None:
        self._value = value
        self._encoded = None
        self._digest = None

    @classmethod
    def from_encoded(cls, encoded: bytes) -> "Payload":
        """Wrap JSON text that is known to be sound; it is kept as it stands and decoded only when `value` is asked for."""
        payload = cls(_MISSING)
        payload._encoded = encoded
        return payload

    @classmethod
    def of_list(cls, items: Sequence["Payload"]) -> "Payload":
        """Make the list of some payloads, its text out of theirs as they stand."""
        made = cls([item.value for item in items])
        made._encoded = b"[%b]" % b",".join(item.encoded for item in items)
        return made

    @property
    def value(self) -> Json:
        """The decoded value. Treat it as read-only."""
        if self._value is _MISSING:
            assert self._encoded is not None
            self._value = _decode(self._encoded)
        return self._value

    @property
    def encoded(self) -> bytes:
        """The compact UTF-8 JSON text."""
        if self._encoded is None:
            self._encoded = _encode(self._value)
        return self._encoded

    @property
    def size(self) -> int:
        """Length of the encoding in bytes."""
        return len(self.encoded)

    @property
    def digest(self) -> str:
        """Content address: 128 bits of BLAKE2b over the encoding, in hex."""
        if self._digest is None:
            self._digest = blake2b(self.encoded, digest_size=16).hexdigest()
        return self._digest

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Payload) and self.encoded == other.encoded)

    def __hash__(self) -> int:
        return hash(self.encoded)

    def __repr__(self) -> str:
        text = self.encoded[:80].decode(errors="replace")
        return f"Payload({text}{'…' if self.size > 80 else ''})"


class _Missing:
    """Marks a payload whose value has not been decoded yet."""


_MISSING = _Missing()
EMPTY_OBJECT = Payload({})
NULL = Payload(None)


def json_fault(value: Any, pointer: str = "", depth: int = 0) -> tuple[str, str] | None:
    """Say why `value` is not JSON as `(pointer, reason)`, or None when it is.

    Exactly the JSON types are allowed: no tuples, sets, NaN, infinities, non-string keys, lone surrogates or subclasses
    that would change on the way through the store. Nesting beyond `DEPTH_MAX` (also a value that contains itself) is refused.
    """
    if value is None or value is True or value is False:
        return None
    kind = type(value)
    if kind is str:
        return _text_fault(value, pointer)
    if kind is int:
        return None
    if kind is float:
        return None if math.isfinite(value) else (pointer, f"{value!r} is not a JSON number")
    if depth >= DEPTH_MAX:
        return pointer, f"nested deeper than {DEPTH_MAX} levels"
    if kind is list:
        for index, item in enumerate(value):
            if fault := json_fault(item, f"{pointer}/{index}", depth + 1):
                return fault
        return None
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                return pointer, f"the key {key!r} is not a string"
            step = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if fault := _text_fault(key, step) or json_fault(item, step, depth + 1):
                return fault
        return None
    return pointer, f"a Python {kind.__name__} is not a JSON value"


def _text_fault(text: str, pointer: str) -> tuple[str, str] | None:
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return pointer, "the text holds half of a surrogate pair"
    return None
