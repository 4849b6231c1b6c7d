"""Reading one execution whole: what several parts of the application need."""

from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Head
from conductor_local.errors import NotFound
from conductor_local.runtime.ports import Store

READ_MAX = 1_000  # events read at once


class Reading:
    """Reads one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def head(self, instance_id: str) -> Head:
        """Raises `NotFound`."""
        head = await self._store.describe(instance_id)
        if head is None:
            raise NotFound(f"There is no workflow instance with the id '{instance_id}'.")
        return head

    async def all_events(self, instance_id: str) -> list[AnyEvent]:
        """Return what happened in an instance so far, from its first event on; nothing for one that is not there."""
        events: list[AnyEvent] = []
        while True:
            batch = await self._store.events(instance_id, events[-1].seq if events else 0, READ_MAX)
            events.extend(batch)
            if len(batch) < READ_MAX:
                return events
