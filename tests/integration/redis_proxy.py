"""A proxy before a server that loses what it is told to lose: a request, its answer, or the request for a while."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager


async def nothing() -> None:
    """Happens in between."""


class Proxy:
    """Passes bytes on. `lose_answer` and `hold` are about the next request that holds a piece of text."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lost: bytes | None = None
        self._swallowed: bytes | None = None
        self._held: bytes | None = None
        self._meanwhile: Callable[[], Awaitable[None]] = nothing
        self._released = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.losses = 0
        self.url = ""
        self.server_url = f"redis://127.0.0.1:{port}"

    def lose_answer(self, text: str, meanwhile: Callable[[], Awaitable[None]] = nothing) -> None:
        """Let the server carry the request out, let `meanwhile` happen, and break the connection instead of answering."""
        self._lost, self._meanwhile = text.encode(), meanwhile

    def lose_request(self, text: str, meanwhile: Callable[[], Awaitable[None]] = nothing) -> None:
        """Break the connection instead of passing the request on, and let `meanwhile` happen."""
        self._swallowed, self._meanwhile = text.encode(), meanwhile

    def hold(self, text: str) -> None:
        """Keep the request from the server until `release`, though the client may be long gone."""
        self._held = text.encode()

    async def release(self) -> None:
        """Pass on what was held, and wait until the server had time for it."""
        self._released.set()
        await asyncio.sleep(0.2)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._port)
        back = asyncio.create_task(self._pass_back(server_reader, writer))
        try:
            while chunk := await reader.read(1 << 20):
                if self._held and self._held in chunk:
                    self._held = None
                    await self._released.wait()
                if self._swallowed and self._swallowed in chunk:
                    self._swallowed = None
                    self.losses += 1
                    await self._meanwhile()
                    return
                lost = self._lost is not None and self._lost in chunk
                if lost:
                    self._lost = None
                    back.cancel()
                    await asyncio.gather(back, return_exceptions=True)
                server_writer.write(chunk)
                await server_writer.drain()
                if lost:
                    await server_reader.read(1 << 20)
                    self.losses += 1
                    await self._meanwhile()
                    return
        except (OSError, asyncio.CancelledError):
            return
        finally:
            back.cancel()
            for each in (writer, server_writer):
                each.close()
            self._tasks.discard(task)

    async def _pass_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(1 << 20):
                writer.write(chunk)
                await writer.drain()
        except OSError:
            return
        writer.close()

    async def end(self) -> None:
        """End what is still going on."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def proxy_before(port: int) -> AsyncIterator[Proxy]:
    """Open a proxy on a free port."""
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy._serve, "127.0.0.1", 0)
    proxy.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield proxy
    server.close()
    await proxy.end()
