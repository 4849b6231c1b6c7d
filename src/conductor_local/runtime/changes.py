"""Tells waiting readers in this process that an execution has changed. A hint: they read the store, which is the truth.

What other processes commit is heard of by `tail.py`.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

EVERYTHING = "*"
POLL_S = 1.0  # how long a change can go unseen by a waiting reader when every hint is lost


class Changes:
    """Wakes whoever watches an execution, or everything, after a commit. Costs nothing while nobody watches."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._begun = asyncio.Event()

    @property
    def watched(self) -> Collection[str]:
        """What is watched now: ids of executions, and `EVERYTHING`."""
        return tuple(self._watchers)

    def is_watched(self, execution_id: str) -> bool:
        """Whether somebody watches this execution."""
        return execution_id in self._watchers

    async def until_watched(self, within_s: float | None = None) -> bool:
        """Return True when somebody begins to watch something, False when nobody has `within_s` (None: however long)."""
        self._begun.clear()
        try:
            async with asyncio.timeout(within_s):
                return await self._begun.wait()
        except TimeoutError:
            return False

    def passed_on(self, concerns: Callable[[str], bool]) -> None:
        """Wake those who watch what another process has changed, perhaps."""
        for watched, events in self._watchers.items():
            if concerns(watched):
                for event in events:
                    event.set()

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
        self._begun.set()
        try:
            yield event
        finally:
            self._watchers[execution_id].discard(event)
            if not self._watchers[execution_id]:
                del self._watchers[execution_id]
