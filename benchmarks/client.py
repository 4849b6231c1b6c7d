"""A lean HTTP/1.1 client: keep-alive connections and no more parsing than a benchmark needs, so that it is not what is measured."""

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec

REFUSED = (ConnectionError, OSError, EOFError)


@dataclass(frozen=True, slots=True)
class Answer:
    """One response."""

    status: int
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiter: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(ConnectionResetError("the server closed the connection"))

    def data_received(self, received: bytes) -> None:
        self._buffer = self._buffer + received if self._buffer else received
        if answer := self._parse():
            self._buffer = b""
            assert self._waiter is not None
            self._waiter.set_result(answer)

    async def get(self, path: str) -> Answer:
        return await self._send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())

    async def post(self, path: str, body: bytes, headers: str = "Content-Type: application/json\r\n") -> Answer:
        """Post a body; each of `headers` ends with a line break."""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        return await self._send(head.encode() + body)

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def _send(self, request: bytes) -> asyncio.Future[Answer]:
        if self._transport is None:
            raise ConnectionResetError("the connection is closed")
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiter

    def _parse(self) -> Answer | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head, body = self._buffer[:end].lower(), self._buffer[end + 4 :]
        at = head.find(b"content-length:")
        assert at >= 0, f"no content-length in {head!r}"
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        return Answer(int(head[9:12]), body) if len(body) >= length else None


async def connect(port: int) -> Connection:
    """Open one connection."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


class Clients:
    """A fixed number of connections that share out requests."""

    def __init__(self, connections: list[Connection]) -> None:
        self._connections = connections
        self.first = connections[0]

    @classmethod
    async def open(cls, port: int, count: int) -> "Clients":
        return cls([await connect(port) for _ in range(count)])

    async def post_all(self, path: str, bodies: list[bytes]) -> list[Answer]:
        """Post every body, each connection with one request in flight; answers in order of the bodies."""
        answers: list[Answer | None] = [None] * len(bodies)
        todo = iter(enumerate(bodies))

        async def run(connection: Connection) -> None:
            for index, body in todo:
                answers[index] = await connection.post(path, body)

        await asyncio.gather(*map(run, self._connections))
        return [answer for answer in answers if answer]

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
