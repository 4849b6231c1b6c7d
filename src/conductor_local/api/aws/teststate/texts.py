"""JSON texts of a caller, and how their parts are shown again: as they were written.

A value that came out of such a text unchanged, the whole or a part that a path took out, keeps its blanks; what was made from it is
printed compactly (recorded 2025-11 to 2026-02).
"""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from conductor_local.api.aws.errors import AwsError
from conductor_local.language.asl.jackson import complaint
from conductor_local.language.positions import Places, child
from conductor_local.payload import Json, Payload, json_fault


class Text:
    """One JSON text and its value. Parts of the value are known by identity, so the value must not be copied."""

    __slots__ = ("_places", "payload", "value")

    def __init__(self, text: str) -> None:
        """Take a text; raises ValueError, in the words of AWS's parser, when it is not JSON."""
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            raise ValueError(complaint(text) or str(error)) from None
        if fault := json_fault(value):
            raise ValueError(fault[1])
        self.payload = Payload.from_encoded(text.encode())
        self.value: Json = self.payload.value
        self._places: Places | None = None

    def part(self, value: Json) -> str | None:
        """Return the text of an object or list that is part of the value; None: it is no part."""
        text = self.payload.encoded.decode()
        if value is self.value:
            return text
        pointer = _pointer(self.value, value)
        if pointer is None:
            return None
        if self._places is None:
            self._places = Places(text)
        offset = self._places.value_at(pointer)
        _, end = json.JSONDecoder().raw_decode(text, offset)
        return text[offset:end]


def refusal(message: str) -> AwsError:
    """Return a ValidationException."""
    return AwsError("ValidationException", message)


def shown(value: Json, texts: Iterable[Text]) -> str:
    """Return a value as JSON text."""
    if isinstance(value, dict | list):
        for text in texts:
            if (part := text.part(value)) is not None:
                return part
    return Payload(value).encoded.decode()


def _pointer(whole: Any, part: Json, pointer: str = "") -> str | None:
    """Return the pointer of the very object `part` in `whole`."""
    entries = whole.items() if isinstance(whole, dict) else enumerate(whole) if isinstance(whole, list) else ()
    for key, value in entries:
        here = child(pointer, key)
        if value is part:
            return here
        if (found := _pointer(value, part, here)) is not None:
            return found
    return None
