"""The bus of one process: it owns the only partition from the start and wakes its owner directly."""

import asyncio
from collections.abc import AsyncIterator

from conductor_local.runtime.ports import Assigned, Nudged, Revoked


class LocalBus:
    """Assigns partition 0 once; nudges go straight through."""

    def __init__(self) -> None:
        self._changes: asyncio.Queue[Assigned | Revoked | Nudged | None] = asyncio.Queue()

    async def nudge(self, partition: int) -> None:
        self._changes.put_nowait(Nudged(partition))

    async def assignments(self) -> AsyncIterator[Assigned | Revoked | Nudged]:
        yield Assigned(0)
        while (change := await self._changes.get()) is not None:
            yield change

    async def close(self) -> None:
        self._changes.put_nowait(None)
