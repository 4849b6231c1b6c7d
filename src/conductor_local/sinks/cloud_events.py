"""A lifecycle event as a record of Kafka: CloudEvents 1.0, binary content mode of the Kafka protocol binding.

The value stays what the contract's clients know (`runtime/lifecycle.py`); the attributes are headers. The key is the instance's id,
so that an instance's events share a partition and keep their order.
"""

from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from conductor_local.engine.events import AnyEvent
from conductor_local.payload import Json
from conductor_local.runtime.lifecycle import lifecycle_event
from conductor_local.runtime.ports import Published
from conductor_local.runtime.views import timestamp


class Record(NamedTuple):
    """One record; `at_ms` is when the event happened, in milliseconds since 1970."""

    key: bytes
    value: bytes
    headers: list[tuple[str, str | bytes | None]]
    at_ms: int


def record_of(commit: Published, event: AnyEvent, value_bytes_max: int) -> Record | None:
    """Make the record of one event of a commit; None when it is not part of the lifecycle.

    A value above `value_bytes_max` gives up its longest fields: for those the instance itself must be read.
    """
    shown = lifecycle_event(commit, event)
    if shown is None:
        return None
    value = msgspec.json.encode(shown)
    while len(value) > value_bytes_max and _omit_longest(shown):
        value = msgspec.json.encode(shown)
    return Record(commit.execution_id.encode(), value, _headers(commit, event, shown), int(event.at.timestamp() * 1000))


def _headers(commit: Published, event: AnyEvent, shown: dict[str, Json]) -> list[tuple[str, Any]]:
    return [
        ("ce_specversion", "1.0"),
        ("ce_id", shown["id"]),
        ("ce_source", f"/workflows/definitions/{quote(commit.definition_id, safe=':')}"),
        ("ce_type", shown["type"]),
        ("ce_subject", commit.execution_id),
        ("ce_time", timestamp(event.at)),
        ("content-type", "application/json"),
    ]


def _omit_longest(shown: dict[str, Json]) -> bool:
    """Put the length of the longest field in its place; False when only what names the event is left."""
    sizes = {name: len(msgspec.json.encode(value)) for name, value in shown.items() if name not in ("id", "type", "instanceId")}
    longest = max(sizes, key=sizes.__getitem__)
    if sizes[longest] < 100:
        return False
    size = sizes[longest]
    shown[longest] = f"({size} bytes omitted)" if isinstance(shown[longest], str) else {"omittedBytes": size}
    return True
