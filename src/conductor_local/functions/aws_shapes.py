"""Values between a workflow and an AWS API, guided by the API's own description (botocore's shapes).

To the API: members have their first letter in either case; null is absent; what is not a text in the place of one is written as
JSON (AWS does so for MessageBody, Message and Detail). From the API: members capitalised, instants as ISO 8601, bytes as text, or
as base64 where they are none.
"""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import msgspec

from conductor_local.payload import Json


def to_api(value: Json, shape: Any) -> Any:
    """Turn a value of a workflow into what botocore wants for `shape`; None: the API does not describe it."""
    kind = getattr(shape, "type_name", None)
    if kind == "structure" and isinstance(value, dict):
        members = {_capitalised(name): name for name in shape.members}
        named = ((members.get(_capitalised(name), name), given) for name, given in value.items() if given is not None)
        return {name: to_api(given, shape.members.get(name)) for name, given in named}
    if kind == "list" and isinstance(value, list):
        return [to_api(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {name: to_api(item, shape.value) for name, item in value.items()}
    if kind == "string" and not isinstance(value, str):
        return msgspec.json.encode(value).decode()
    if kind == "blob":
        return (value if isinstance(value, str) else msgspec.json.encode(value).decode()).encode()
    return value


def from_api(value: Any, shape: Any) -> Json:
    """Turn what botocore gave for `shape` into a value of a workflow."""
    kind = getattr(shape, "type_name", None)
    if isinstance(value, dict):
        if kind == "map":
            return {str(name): from_api(item, shape.value) for name, item in value.items()}
        members = shape.members if kind == "structure" else {}
        return {_capitalised(name): from_api(item, members.get(name)) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [from_api(item, getattr(shape, "member", None)) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Json:
    if isinstance(value, datetime):
        return _instant(value.astimezone(UTC))
    if callable(getattr(value, "read", None)):
        value = value.read()
    if isinstance(value, bytes | bytearray):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return b64encode(value).decode()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _instant(at: datetime) -> str:
    """Write an instant as Java's SDK does: no fraction, or three or six digits of it."""
    digits = "seconds" if not at.microsecond else "milliseconds" if at.microsecond % 1_000 == 0 else "microseconds"
    return at.isoformat(timespec=digits).replace("+00:00", "Z")


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]
