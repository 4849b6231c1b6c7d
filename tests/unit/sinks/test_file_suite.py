"""The file sink keeps the contract of event sinks."""

from pathlib import Path

import msgspec

from conductor_local.payload import Json
from conductor_local.runtime.ports import EventSink
from conductor_local.sinks.file import FileSink
from conductor_local.testing.sink_suite import SinkSuite


class TestFileSink(SinkSuite):
    async def open_sink(self, place: Path) -> EventSink:
        return FileSink(place / "events.jsonl")

    async def arrived(self, place: Path) -> list[dict[str, Json]]:
        return [msgspec.json.decode(line) for line in (place / "events.jsonl").read_bytes().splitlines()]
