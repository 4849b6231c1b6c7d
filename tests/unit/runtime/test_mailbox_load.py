"""An execution is loaded into its mailbox once, however many ask at the same time."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from conductor_local.engine.state import Execution, create_execution
from conductor_local.payload import Payload
from conductor_local.runtime.mailbox import Mailbox


class SlowStore:
    """Loads a fresh copy for each reader, and answers each when its gate opens."""

    def __init__(self) -> None:
        self.gates: list[asyncio.Event] = []

    async def load(self, execution_id: str) -> Execution:
        gate = asyncio.Event()
        self.gates.append(gate)
        await gate.wait()
        return create_execution(
            id=execution_id, name="x", definition="-", definition_id="-", definition_name="-", partition=0, seed=1,
            input=Payload({}), at=datetime(2030, 1, 1, tzinfo=UTC),
        )  # fmt: skip


async def test_a_copy_that_was_loaded_later_does_not_replace_the_one_in_use() -> None:
    # Found by the simulator: the later copy was older than what the first had become, and a step was taken from it.
    store = SlowStore()
    desk: Any = SimpleNamespace(store=store)
    mailbox = Mailbox(desk, "x")
    first, second = asyncio.create_task(mailbox.load()), asyncio.create_task(mailbox.load())
    while len(store.gates) < 2:
        await asyncio.sleep(0)
    store.gates[0].set()
    in_use = await first
    store.gates[1].set()
    assert await second is in_use
    assert mailbox.execution is in_use
