"""Server-sent events: messages, heartbeats, and an end when the server goes down.

A stream is pulled: a slow reader slows its own stream and nobody else's. Rules: a heartbeat comment every `HEARTBEAT_S`, so that
proxies and readers can tell silence from death; a fault after the stream began is one last message of type `problem` (`error` is a
browser's own event).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus

import msgspec
from litestar.response import Stream

from conductor_local.api.deps import Streams
from conductor_local.api.problems import Refusal, describe

HEARTBEAT_S = 15.0
STREAMS_MAX = 500
"""Streams open at once in one process; each holds a connection and a follower."""
MEDIA_TYPE = "text/event-stream"
_encode = msgspec.json.Encoder().encode


def message(document: object, *, type: str, id: str | None = None) -> bytes:
    """Write one message. JSON text has no raw line ends, so `data` is one line."""
    head = f"id: {id}\nevent: {type}\n" if id is not None else f"event: {type}\n"
    return head.encode() + b"data: " + _encode(document) + b"\n\n"


def stream(messages: AsyncIterator[bytes], streams: Streams) -> Stream:
    """Answer with `messages` until they end, the reader leaves or the server goes down."""
    if streams.open_count >= STREAMS_MAX:
        raise Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE, f"{STREAMS_MAX} event streams are open already.", headers={"retry-after": "5"}
        )
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return Stream(_beating(messages, streams), media_type=MEDIA_TYPE, headers=headers)


async def _beating(messages: AsyncIterator[bytes], streams: Streams) -> AsyncIterator[bytes]:
    streams.open_count += 1
    closing = asyncio.create_task(streams.closing.wait())
    following = asyncio.create_task(_next(messages))
    try:
        yield b"retry: 2000\n\n"
        while True:
            await asyncio.wait({following, closing}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if following.done():
                if (chunk := following.result()) is None:
                    return
                yield chunk
                following = asyncio.create_task(_next(messages))
            elif closing.done():
                return
            else:
                yield b": still here\n\n"
    except Exception as error:  # noqa: BLE001 - the status line is gone; the reader is told in the stream, the log has the rest
        problem, _ = describe(error, method="GET", path="(event stream)")
        yield message(problem, type="problem")
    finally:
        streams.open_count -= 1
        await _stop(closing, following)
        if close := getattr(messages, "aclose", None):
            await close()


async def _next(messages: AsyncIterator[bytes]) -> bytes | None:
    return await anext(messages, None)


async def _stop(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
