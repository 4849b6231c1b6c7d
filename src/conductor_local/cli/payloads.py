"""Payloads and documents a person hands over: as text, as `@file`, or `-` for stdin."""

import sys
from pathlib import Path

import msgspec

from conductor_local.errors import InvalidRequest
from conductor_local.payload import Json

STDIN = "-"


def read_payload(given: str | None) -> Json:
    """Return the JSON value of a `--payload`; None means `{}`. Raises `InvalidRequest`."""
    if given is None:
        return {}
    try:
        return msgspec.json.decode(payload_text(given))
    except msgspec.DecodeError as fault:
        shown = (
            ""
            if given == STDIN or given.startswith("@")
            else ' (quote it for your shell: --payload \'{"email": "ada@example.com"}\')'
        )
        raise InvalidRequest(f"The payload is not JSON: {fault}{shown}", code="PAYLOAD_NOT_JSON") from None


def payload_text(given: str) -> str:
    """Return the text of a `--payload`: itself, a file's, or stdin's."""
    if given == STDIN:
        return read_text(STDIN)
    return read_text(given[1:]) if given.startswith("@") else given


def read_text(name: str) -> str:
    """Return a file's text, or stdin's for `-`. Raises `InvalidRequest` when it cannot be read."""
    try:
        return sys.stdin.buffer.read().decode() if name == STDIN else Path(name).read_text(encoding="utf-8")
    except OSError as fault:
        raise InvalidRequest(f"Cannot read {name}: {fault.strerror or fault}", code="FILE_UNREADABLE") from None
    except UnicodeDecodeError:
        raise InvalidRequest(f"{'stdin' if name == STDIN else name} is not UTF-8 text", code="FILE_UNREADABLE") from None


def display_name(name: str) -> str:
    """Name a source for messages."""
    return "stdin" if name == STDIN else name
