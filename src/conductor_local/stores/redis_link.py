"""One connection to Redis: made when it is needed, and dropped at the first fault.

A connection that broke may have left requests behind that the server has received and not yet carried out: its *ghost*. Before
anything else is asked on any connection of the store, the ghost is laid (`CLIENT KILL`), so that what is read then stays true.
"""

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import Any

from conductor_local.stores.redis_client import Client, Connection
from conductor_local.stores.redis_faults import FORBIDDEN, Refused

CONNECT_TIMEOUT_S = 3.0

Argument = str | bytes | int
Command = Sequence[Argument]
Answer = Any  # bytes, int, None, a list of answers, or a `Refused`
Identity = tuple[str, int]  # of a server's run, and of a connection to it


class Link:
    """`ghosts` are shared by all links of a store; `refused` reads an error reply that lies within an answer."""

    def __init__(self, client: Client, ghosts: set[Identity], *, answer_timeout_s: float) -> None:
        self.place = client.place
        self.refused = client.refused
        self._client = client
        self._ghosts = ghosts
        self._answer_timeout_s = answer_timeout_s
        self._connection: Connection | None = None
        self._identity: Identity | None = None

    async def exchange(self, commands: Sequence[Command], heard: Callable[[int, Answer], None]) -> None:
        """Send commands in one go and report each answer by its index.

        Raises `Broken` (what was not heard may have been done) and `Refused` (the server lets nobody in; nothing was sent).
        """
        connection = await self._ready()
        try:
            async with asyncio.timeout(self._answer_timeout_s):
                await self._send(connection, commands)
                for index in range(len(commands)):
                    heard(index, await self._answer(connection))
        except self._client.faults as error:
            await self._lose()
            raise self._client.broken(error, was_connected=True) from error
        except BaseException:
            await self._lose()
            raise

    async def drop(self) -> None:
        """Let the connection go; the next exchange makes a new one."""
        connection, self._connection, self._identity = self._connection, None, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def _lose(self) -> None:
        """Let it go in the middle of an exchange."""
        if self._identity is not None:
            self._ghosts.add(self._identity)
        await self.drop()

    async def _ready(self) -> Connection:
        """Return a connection on which the present can be read: no request of an earlier one is still under way."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                if self._connection is None:
                    self._connection = self._client.make()
                    await self._connection.connect()
                    self._identity = await self._identify(self._connection)
                if self._ghosts:
                    await self._lay_ghosts(self._connection)
                return self._connection
        except self._client.replies as error:
            await self.drop()
            raise self._client.refused(error) from error
        except self._client.faults as error:
            await self.drop()
            raise self._client.broken(error, was_connected=False) from error
        except BaseException:
            await self.drop()
            raise

    async def _identify(self, connection: Connection) -> Identity | None:
        """Return who this connection is; None where this user may not ask. Raises `Refused` when nothing may be asked at all."""
        await self._send(connection, [("INFO", "server"), ("CLIENT", "ID")])
        answers = await self._answer(connection), await self._answer(connection)
        for answer in answers:
            if isinstance(answer, Refused):
                if answer.code == FORBIDDEN:
                    return None
                raise answer
        return parse_info(answers[0]).get("run_id", ""), answers[1]

    async def _lay_ghosts(self, connection: Connection) -> None:
        """End the connections that broke, unless the server has been started anew since: then they ended with it."""
        for ghost in tuple(self._ghosts):
            if self._identity is not None and ghost[0] == self._identity[0]:
                await self._send(connection, [("CLIENT", "KILL", "ID", ghost[1])])
                await self._answer(connection)
            self._ghosts.discard(ghost)

    async def _send(self, connection: Connection, commands: Sequence[Command]) -> None:
        text = b"".join([self._client.pack(tuple(command)) for command in commands])
        await connection.send_packed_command(text, check_health=False)

    async def _answer(self, connection: Connection) -> Answer:
        try:
            return await connection.read_response(disable_decoding=True, timeout=math.inf, disconnect_on_error=False)
        except self._client.replies as error:
            return self._client.refused(error)


def parse_info(text: bytes) -> dict[str, str]:
    """Take the answer to `INFO` apart."""
    pairs = (line.partition(":") for line in text.decode(errors="replace").splitlines() if ":" in line)
    return {name: value for name, _, value in pairs}
