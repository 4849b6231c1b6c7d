"""Tells waiting readers in this process that an execution has changed. A hint: they read the store, which is the truth."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

EVERYTHING = "*"


class Changes:
    """Wakes whoever watches an execution, or everything, after a commit. Costs nothing while nobody watches."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = defaultdict(set)

    def changed(self, execution_id: str) -> None:
        """Wake those who watch this execution."""
        if self._watchers:
            for event in (*self._watchers.get(execution_id, ()), *self._watchers.get(EVERYTHING, ())):
                event.set()

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
