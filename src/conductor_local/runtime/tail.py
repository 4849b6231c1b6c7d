"""Wakes waiting readers when another process commits: looks at the ends of the outboxes of the partitions that they wait for.

Rules: nothing is asked while nobody waits; a partition of this process is left out, for its commits are known at once; the cost
grows with the partitions that are waited for, not with the readers. After a change it looks again soon, and then ever less often.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from conductor_local.errors import Unavailable
from conductor_local.runtime.changes import EVERYTHING, Changes
from conductor_local.runtime.ids import partition_of
from conductor_local.runtime.ports import Store

PAUSE_S_FIRST, PAUSE_S_MAX = 0.02, 0.25
_GROWTH = 1.3


class Tail:
    """`is_ours` says whether this process owns a partition."""

    def __init__(self, store: Store, changes: Changes, partitions: int, is_ours: Callable[[int], bool]) -> None:
        self._store, self._changes, self._partitions, self._is_ours = store, changes, partitions, is_ours
        self._ends: dict[int, int] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        pause_s = PAUSE_S_FIRST
        while True:
            watched = self._changes.watched
            if not watched:
                self._ends.clear()
                await self._changes.until_watched()
                pause_s = PAUSE_S_FIRST
                continue
            with suppress(Unavailable):  # readers ask the store themselves and tell of it
                if await self._look({partition_of(id, self._partitions) for id in watched if id != EVERYTHING}):
                    pause_s = PAUSE_S_FIRST
            has_begun = await self._changes.until_watched(pause_s)
            pause_s = PAUSE_S_FIRST if has_begun else min(pause_s * _GROWTH, PAUSE_S_MAX)

    async def _look(self, partitions: set[int]) -> bool:
        """Wake the readers of partitions that have changed, or that were not looked at before; tell whether there were any."""
        if self._changes.is_watched(EVERYTHING):
            partitions = set(range(self._partitions))
        foreign = [partition for partition in sorted(partitions) if not self._is_ours(partition)]
        ends = dict(zip(foreign, await asyncio.gather(*map(self._store.outbox_end, foreign)), strict=True))
        moved = {partition for partition, end in ends.items() if self._ends.get(partition) != end}
        self._ends = ends
        if moved:
            self._changes.passed_on(lambda id: id == EVERYTHING or partition_of(id, self._partitions) in moved)
        return bool(moved)
