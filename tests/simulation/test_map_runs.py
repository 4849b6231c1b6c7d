"""A distributed Map that is stopped and redriven again and again, by clients that insist, while processes die and are replaced.

What must hold in the end: the run has given every item's output; every item was one execution, which succeeded once and ran no more
after that; what its function was called for was durable; nothing is left to do.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.state import ENDED, Head, Status
from conductor_local.errors import Conflict, Unavailable
from conductor_local.runtime.ids import item_id
from conductor_local.runtime.map_run_views import children_of, runs_of
from conductor_local.runtime.ports import Store
from conductor_local.testing.faults import Rates, answer, own_tasks
from conductor_local.testing.machines import LAMBDA
from conductor_local.testing.processes import ConnectionLost, World
from conductor_local.testing.simloop import run, sim_loop

pytestmark = pytest.mark.simulation

ITEMS = 20
CALM_S = 600.0
EVERYTHING = 1_000_000


def machine(kind: str) -> dict[str, Any]:
    """Two calls for each item; so many items at once that a stop meets every stage of an execution."""
    states = {
        "Slow": {"Type": "Task", "Resource": f"{LAMBDA}slow", "ResultPath": "$.slow", "Next": "Score"},
        "Score": {"Type": "Task", "Resource": f"{LAMBDA}score", "End": True},
    }
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}, "StartAt": "Slow", "States": states}
    each = {"Type": "Map", "Label": "each", "MaxConcurrency": 4, "ItemProcessor": processor, "End": True}
    return {"name": "m", "StartAt": "Each", "States": {"Each": each}}


def output(item: dict[str, Any]) -> Any:
    return answer("score", 1, {**item, "slow": answer("slow", 1, item)})


class Play:
    """One seed."""

    def __init__(self, seed: int) -> None:
        loop = sim_loop()
        own_tasks(loop)
        loop.set_exception_handler(lambda loop, context: None)
        self.random = Random(seed)
        self.world = World(loop, Rates(), None, None)
        self.problems = self.world.ledger.problems

    async def play(self) -> list[str]:
        world, kind = self.world, self.random.choice(["STANDARD", "EXPRESS"])
        await world.start()
        payload = [{"n": n} for n in range(ITEMS)]
        await self.insist(lambda service: service.publish(machine(kind)))
        started = await self.insist(lambda service: service.start("m", payload, name="once"))
        faults = asyncio.create_task(self.disturb())
        for _ in range(self.random.randrange(1, 4)):
            await asyncio.sleep(self.random.uniform(0, 6))
            await self.insist(lambda service: service.cancel(started.instance_id))
            await self.insist(lambda service: service.redrive(started.instance_id))
        await asyncio.sleep(self.random.uniform(0, 6))
        faults.cancel()
        await self.calm()
        await self.check(started.instance_id, [output(item) for item in payload])
        await world.close()
        return self.problems

    async def insist(self, request: Callable[[Any], Any]) -> Any:
        """Ask until there is an answer; a repeated request may find that the first one was heard."""
        while True:
            try:
                return await self.random.choice(self.world.alive).ask(request, patience_s=self.random.choice([0.5, 20.0]))
            except Conflict:
                return None
            except (Unavailable, ConnectionLost, IndexError):
                await asyncio.sleep(self.random.uniform(0.01, 1))

    async def disturb(self) -> None:
        rates = self.world.rates
        rates.crash_before = rates.crash_after = self.random.choice([0.0, 0.003])
        rates.unavailable_before = rates.unavailable_after = self.random.choice([0.0, 0.02])
        rates.nudge_lost = self.random.choice([0.0, 0.3])
        while True:
            await asyncio.sleep(self.random.uniform(0.1, 3))
            if self.random.random() < 0.3 and self.world.alive:
                self.world.alive[-1].life.end()
            if not self.world.alive:
                await self.world.start()

    async def calm(self) -> None:
        for name in ("crash_before", "crash_after", "unavailable_before", "unavailable_after", "nudge_lost"):
            setattr(self.world.rates, name, 0.0)
        if not self.world.alive:
            await self.world.start()
        await asyncio.sleep(CALM_S)

    async def check(self, id: str, outputs: list[Any]) -> None:
        store = await self.world.open_store()
        head = await store.describe(id)
        assert head is not None
        if (head.status, head.output and head.output.value) != (Status.SUCCEEDED, outputs):
            self.problems.append(f"it ended as {head.status} with {head.output and head.output.value}: {head.failure}")
        events = await store.events(id, 0, EVERYTHING)
        if any(isinstance(event, ev.MapRunFailed) for event in events):
            self.problems.append("the stop of an item was taken for a failure of the run")
        (view,) = runs_of(head, events)
        redrives = sum(isinstance(event, ev.MapRunRedriven) for event in events)
        if (view.redrives, view.status) != (redrives, "SUCCEEDED"):
            self.problems.append(f"the run is {view.status} after {view.redrives} redrives; {redrives} are told of")

        async def find(name: str) -> Head | None:
            return await store.describe(item_id(head, "each", name))

        items = [item async for item in children_of(view, find)]
        if len(items) != ITEMS or sum((await store.counts()).values()) != ITEMS + 1:
            self.problems.append(f"{len(items)} items have executions; there are {await store.counts()}")
        for item in items:
            await self.check_item(store, item)
        left = await store.claim(0, await store.acquire(0), self.world.clock.now() + timedelta(days=1_000), 10_000)
        self.problems += [f"work is left: {work}" for work in left.work]

    async def check_item(self, store: Store, item: Head) -> None:
        events = await store.events(item.id, 0, EVERYTHING)
        ends = [place for place, event in enumerate(events) if isinstance(event, ev.ExecutionSucceeded)]
        if item.status not in ENDED or ends != [len(events) - 1] or self.world.ledger.created[item.id] > 1:
            self.problems.append(f"{item.id} is {item.status} and succeeded at {ends} of {len(events)}")
        if [event.seq for event in events] != list(range(1, len(events) + 1)):
            self.problems.append(f"{item.id}: its events are not dense")


def problems_of(seed: int) -> list[str]:
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        return run(lambda: Play(seed).play(), seed=seed)
    finally:
        logging.disable(disabled)


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_every_item_succeeds_once_whatever_is_stopped_and_redriven(first: int) -> None:
    for seed in range(first, first + 20):
        found = problems_of(seed)
        assert not found, f"seed {seed}\n" + "\n".join(found[:5])
