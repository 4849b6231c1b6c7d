"""What a projection of commits may ask about the executions they belong to, wherever it runs: beside a sink or behind a route."""

from collections.abc import Sequence

from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Head
from conductor_local.language.asl import Identity
from conductor_local.runtime.ports import Store
from conductor_local.runtime.programs import Programs

_READ_MAX = 1_000  # events read at once


class Chronicle:
    """Reads one store. Its methods raise `Unavailable`."""

    def __init__(self, store: Store, programs: Programs) -> None:
        self._store, self._programs = store, programs

    async def head(self, execution_id: str) -> Head | None:
        """Return an execution as of its latest commit; None when it was deleted."""
        return await self._store.describe(execution_id)

    async def identity(self, head: Head) -> Identity:
        """Return what the ARNs, type and role of an execution are made of."""
        return await self._programs.identity_at(head.definition)

    async def events_before(self, execution_id: str, seq: int) -> Sequence[AnyEvent]:
        """Return all events of an execution whose `seq` is lower, in order."""
        found: list[AnyEvent] = []
        while (after := found[-1].seq if found else 0) < seq - 1:
            batch = await self._store.events(execution_id, after, min(_READ_MAX, seq - 1 - after))
            if not batch:
                break
            found += batch
        return found
