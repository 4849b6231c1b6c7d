"""Carries events from the outbox to one sink: in order, at least once, never lost.

The outbox is the event log itself, written with the state in one transaction. The relay reads behind its cursor, publishes, then
saves the cursor; a crash in between publishes some again, with the same ids. A sink that is away delays publication, nothing else.
"""

import asyncio
import logging

from conductor_local.errors import Unavailable
from conductor_local.runtime.ports import EventSink, Store

BATCH = 500  # commits published at once
POLL_S = 5.0  # how long a lost nudge can delay publication
RETRY_S_FIRST, RETRY_S_MAX = 0.1, 10.0

log = logging.getLogger("conductor.relay")


async def lag(store: Store, partition: int, sink: str) -> int:
    """How far a sink is behind in a partition, in positions of its outbox; 0 when it has everything."""
    return max(0, await store.outbox_end(partition) - await store.cursor(partition, sink))


class Relay:
    """Publishes one partition's events to one sink."""

    def __init__(self, store: Store, sink: EventSink, partition: int = 0) -> None:
        self._store = store
        self._sink = sink
        self._partition = partition
        self._nudged = asyncio.Event()

    @property
    def sink_name(self) -> str:
        """Which sink it is."""
        return self._sink.name

    def nudge(self) -> None:
        """There may be something to publish."""
        self._nudged.set()

    async def lag(self) -> int:
        """How far the sink is behind, in positions of the outbox; 0 when it has everything."""
        return await lag(self._store, self._partition, self._sink.name)

    async def run(self) -> None:
        """Publish until cancelled."""
        pause_s = RETRY_S_FIRST
        while True:
            try:
                while await self.publish_once():
                    pause_s = RETRY_S_FIRST
                await self._rest()
            except Exception as error:
                fault = None if isinstance(error, Unavailable) else error
                log.warning("events wait for %s: %s; trying again in %.1f s", self._sink.name, error, pause_s, exc_info=fault)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)

    async def publish_once(self) -> int:
        """Publish one batch and save the cursor; return how many commits it held. Raises `Unavailable`."""
        self._nudged.clear()
        cursor = await self._store.cursor(self._partition, self._sink.name)
        commits = await self._store.outbox(self._partition, cursor, BATCH)
        if commits:
            await self._sink.publish(commits)
            await self._store.save_cursor(self._partition, self._sink.name, commits[-1].cursor)
        return len(commits)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._nudged.wait()
        except TimeoutError:
            return
