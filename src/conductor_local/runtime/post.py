"""Messages from outside to an execution: durable when they are posted, handled by whoever owns its partition."""

from collections.abc import Callable

from conductor_local.engine.effects import Deliver
from conductor_local.engine.messages import AnyMessage
from conductor_local.engine.state import Head
from conductor_local.errors import NotFound
from conductor_local.runtime.ports import Bus, Store


class Post:
    """Posts to one store. `mint` gives random bits."""

    def __init__(self, store: Store, bus: Bus, mint: Callable[[], int]) -> None:
        self._store, self._bus, self._mint = store, bus, mint

    async def to(self, head: Head, message: AnyMessage) -> None:
        """Post a message. Raises `NotFound` when the execution is no longer there."""
        row = Deliver(id=f"in-{self._mint():032x}", due_at=message.at, message=message)
        if not await self._store.post(head.id, head.partition, [row]):
            raise NotFound(f"There is no workflow instance with the id '{head.id}'.")
        await self._bus.nudge(head.partition)
