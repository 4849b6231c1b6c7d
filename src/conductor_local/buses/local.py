"""The bus of one process: it owns all partitions from the start and wakes their owners directly."""

import asyncio
from collections.abc import AsyncIterator

from conductor_local.runtime.ports import Assigned, Nudged, Revoked


class LocalBus:
    """Assigns every partition once; nudges go straight through. Nobody says who is right when two processes use one store."""

    arbitrates = False

    def __init__(self, partitions: int = 1) -> None:
        self._partitions = partitions
        self._changes: asyncio.Queue[Assigned | Revoked | Nudged | None] = asyncio.Queue()

    async def nudge(self, partition: int) -> None:
        self._changes.put_nowait(Nudged(partition))

    async def assignments(self) -> AsyncIterator[Assigned | Revoked | Nudged]:
        for partition in range(self._partitions):
            yield Assigned(partition)
        while (change := await self._changes.get()) is not None:
            yield change

    async def close(self) -> None:
        self._changes.put_nowait(None)
