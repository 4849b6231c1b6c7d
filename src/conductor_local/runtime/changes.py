"""Tells waiting readers in this process that an execution has changed. A hint: they read the store, which is the truth."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

EVERYTHING = "*"
POLL_S = 1.0  # how long a change made by another process can go unseen by a waiting reader


class Changes:
    """Wakes whoever watches an execution, or everything, after a commit. Costs nothing while nobody watches."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = defaultdict(set)

    def changed(self, execution_id: str) -> None:
        """Wake those who watch this execution."""
        if self._watchers:
            for event in (*self._watchers.get(execution_id, ()), *self._watchers.get(EVERYTHING, ())):
                event.set()

    async def wait(self, changed: asyncio.Event) -> None:
        """Return after a change, or when another process may have made one that nobody here heard of."""
        try:
            async with asyncio.timeout(POLL_S):
                await changed.wait()
        except TimeoutError:
            return

    @contextmanager
    def watch(self, execution_id: str = EVERYTHING) -> Iterator[asyncio.Event]:
        """Give an event that is set at every change; the reader clears it before it reads the store."""
        event = asyncio.Event()
        self._watchers[execution_id].add(event)
        try:
            yield event
        finally:
            self._watchers[execution_id].discard(event)
            if not self._watchers[execution_id]:
                del self._watchers[execution_id]
