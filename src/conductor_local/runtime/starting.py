"""Starting executions: the only way into the store, for every face.

Rules: an execution is durable before anybody hears of it; the same id twice is one execution, and the caller decides whether that
is a conflict. Where this process owns the partition, the first work is born claimed and begins at once.
"""

import asyncio
from collections.abc import Callable, Mapping

import msgspec

from conductor_local.engine.effects import AnyWork, Deliver
from conductor_local.engine.messages import Start
from conductor_local.engine.state import create_execution
from conductor_local.errors import InvalidRequest, Unavailable
from conductor_local.payload import Json, Payload, json_fault
from conductor_local.program import Limits
from conductor_local.runtime.ids import new_id, partition_of
from conductor_local.runtime.ports import Bus, Clock, Created, Store
from conductor_local.runtime.worker import Worker


class Order(msgspec.Struct, kw_only=True, frozen=True):
    """What to start. `definition` is the digest to run; `name` None: the id; `labels` are for the face that starts it.

    `round` is for the executions of a map run: how often the run has been redriven.
    """

    id: str
    name: str | None
    definition: str
    definition_id: str
    definition_name: str
    input: Payload
    labels: Mapping[str, str] = {}
    round: int = 0


class Starter:
    """Stores new executions. `mint` gives random bits."""

    def __init__(
        self, store: Store, bus: Bus, clock: Clock, worker: Worker, limits: Limits, mint: Callable[[], int], partitions: int
    ) -> None:
        self._store, self._bus, self._clock, self._worker = store, bus, clock, worker
        self._limits, self._mint, self._partitions = limits, mint, partitions

    def new_id(self) -> str:
        """Return an id that nothing has."""
        return new_id(self._clock.now(), self._mint())

    def checked(self, input: Payload) -> Payload:
        """Return an input as it is. Raises `InvalidRequest` for one that is too large."""
        if input.size > self._limits.payload_bytes:
            raise InvalidRequest(
                f"The payload is {input.size:,} bytes; at most {self._limits.payload_bytes:,} are allowed.",
                pointer="/payload",
                code="PAYLOAD_TOO_LARGE",
            )
        return input

    def checked_value(self, payload: Json) -> Payload:
        """Return a value as an input. Raises `InvalidRequest` for what is not JSON or too large."""
        if fault := json_fault(payload):
            raise InvalidRequest(f"The payload is not JSON: {fault[1]}.", pointer=f"/payload{fault[0]}", code="NOT_JSON")
        return self.checked(Payload(payload))

    async def start(self, order: Order) -> Created:
        """Store an execution and see that it begins; one of that id that is there already stays as it is."""
        execution = create_execution(
            id=order.id, name=order.name or order.id, definition=order.definition, definition_id=order.definition_id,
            definition_name=order.definition_name, partition=partition_of(order.id, self._partitions), seed=self._mint() >> 64,
            input=order.input, at=self._clock.now(), labels=dict(order.labels),
        )  # fmt: skip
        head = execution.head
        work: list[AnyWork] = [Deliver(id="in-start", due_at=head.at, message=Start(at=head.at))]
        owner = self._worker.owner(head.partition)
        try:
            created = await self._store.create(execution, work, epoch=owner.epoch if owner else None)
        except (Unavailable, asyncio.CancelledError):
            if owner is not None:
                owner.doubt()  # perhaps it is there, born claimed, and nobody would ever look at it
            raise
        if created.is_new:
            if owner is not None:
                owner.adopt(execution, work)
            else:
                await self._bus.nudge(head.partition)
        return created
