"""Event streams: framing, heartbeats, ends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from conductor_local.api import sse
from conductor_local.api.deps import Streams
from conductor_local.api.problems import Refusal


class Source:
    """Messages that come when a test says so, and a note of whether they were let go."""

    def __init__(self, *chunks: bytes, error: Exception | None = None, ends: bool = True) -> None:
        self.chunks, self.error, self.ends, self.is_closed = chunks, error, ends, False

    async def messages(self) -> AsyncIterator[bytes]:
        try:
            for chunk in self.chunks:
                yield chunk
            if self.error:
                raise self.error
            if not self.ends:
                await asyncio.Event().wait()
        finally:
            self.is_closed = True


async def read(source: Source, streams: Streams) -> list[bytes]:
    return [chunk async for chunk in opened(source, streams)]


def opened(source: Source, streams: Streams) -> AsyncIterator[bytes]:
    return cast("AsyncIterator[bytes]", sse.stream(source.messages(), streams).iterator)


def test_a_message_is_one_line_of_json() -> None:
    text = sse.message({"a": "x\ny"}, type="STEP_STARTED", id="4")
    assert text == b'id: 4\nevent: STEP_STARTED\ndata: {"a":"x\\ny"}\n\n'
    assert sse.message({}, type="T") == b"event: T\ndata: {}\n\n"


async def test_a_stream_ends_with_its_source() -> None:
    streams, source = Streams(), Source(b"one", b"two")
    assert await read(source, streams) == [b"retry: 2000\n\n", b"one", b"two"]
    assert source.is_closed
    assert streams.open_count == 0


async def test_silence_is_filled_with_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.001)
    stream: Any = opened(source := Source(ends=False), streams := Streams())
    assert [await anext(stream) for _ in range(3)] == [b"retry: 2000\n\n", b": still here\n\n", b": still here\n\n"]
    assert streams.open_count == 1
    await stream.aclose()
    assert source.is_closed
    assert streams.open_count == 0


async def test_a_closing_server_ends_its_streams() -> None:
    streams, source = Streams(), Source(b"one", ends=False)
    stream = opened(source, streams)
    assert [await anext(stream), await anext(stream)] == [b"retry: 2000\n\n", b"one"]
    streams.closing.set()
    assert [chunk async for chunk in stream] == []
    assert source.is_closed


async def test_a_fault_is_the_last_message() -> None:
    chunks = await read(Source(b"one", error=ZeroDivisionError("hidden")), Streams())
    assert chunks[-1].startswith(b"event: problem\ndata: {")
    assert b'"status":500' in chunks[-1]
    assert b"hidden" not in chunks[-1]


def test_streams_are_limited() -> None:
    with pytest.raises(Refusal) as caught:
        sse.stream(Source().messages(), Streams(open_count=sse.STREAMS_MAX))
    assert caught.value.status == 503
