"""What must hold at the end of a simulation. The `Ledger` has watched the store meanwhile."""

from datetime import timedelta
from functools import partial
from typing import Any

import msgspec

from conductor_local.engine.state import ENDED, Head, Status
from conductor_local.runtime.ids import item_id
from conductor_local.runtime.map_run_views import children_of, runs_of
from conductor_local.runtime.ports import Store
from conductor_local.testing.ledger import Ledger
from conductor_local.testing.processes import World
from conductor_local.testing.programs import Expected

EVERYTHING = 1_000_000


class Start(msgspec.Struct, frozen=True):
    """One instance that a client was told has started."""

    instance_id: str
    expected: Expected
    may_be_cancelled: bool
    may_be_redriven: bool


async def check(world: World, starts: list[Start], clients: int) -> str:
    """Check what is in the store, and note in the ledger what must not be; return digests of all events."""
    ledger, store = world.ledger, await world.open_store()
    digests = []
    for start in starts:
        digests += await _check_instance(ledger, store, start)
    items = [digest for start in starts for digest in await _check_items(ledger, store, start.instance_id)]
    total = sum((await store.counts()).values())
    if total != clients + len(items):
        ledger.problems.append(f"{total} instances are in the store for {clients} clients and {len(items)} items of map runs")
    for partition in range(world.cluster.partitions):
        epoch = await store.acquire(partition)
        left = await store.claim(partition, epoch, world.clock.now() + timedelta(days=1_000), 10_000)
        ledger.problems += [f"{execution_id}: work is left: {type(work).__name__} {work.id}" for execution_id, work in left.work]
    return " ".join([*digests, *items])


async def _check_instance(ledger: Ledger, store: Store, start: Start) -> list[str]:
    id, problems = start.instance_id, ledger.problems
    head = await store.describe(id)
    # Created 0 times: the client gave up while the file was being written, so the ledger did not hear of it.
    if head is None or ledger.created[id] > 1:
        problems.append(f"{id}: acknowledged, and created {ledger.created[id]} times")
        return []
    if head.status not in ENDED:
        problems.append(f"{id}: has not ended: {head.status} at {head.node}, version {head.version}")
        return []
    if head.redrives and not start.may_be_redriven:
        problems.append(f"{id}: was redriven {head.redrives} times, and nobody asked for it")
    problems.extend(_differences(head, start))
    return [ledger.check_events(head, await store.events(id, 0, EVERYTHING))]


async def _check_items(ledger: Ledger, store: Store, instance_id: str) -> list[str]:
    """Check the executions of all map runs below an instance; return digests of their events."""
    problems = ledger.problems
    digests: list[str] = []
    head = await store.describe(instance_id)
    if head is None:
        return digests
    for view in runs_of(head, await store.events(instance_id, 0, EVERYTHING)):
        items = [item async for item in children_of(view, partial(_item, store, head, view.label))]
        if view.status == "SUCCEEDED" and len(items) != view.item_count:
            problems.append(f"{instance_id}: {len(items)} of {view.item_count} items ran in a map run that succeeded")
        for item in items:
            created = ledger.created[item.id]
            if item.status not in ENDED or created > 1:
                problems.append(f"{item.id}: an item is {item.status} and was created {created} times")
            digests.append(ledger.check_events(item, await store.events(item.id, 0, EVERYTHING)))
            digests += await _check_items(ledger, store, item.id)
    return digests


async def _item(store: Store, parent: Head, label: str, name: str) -> Head | None:
    return await store.describe(item_id(parent, label, name))


def _differences(head: Head, start: Start) -> list[str]:
    """Say how an ended instance differs from what it must be."""
    expected = start.expected
    if head.status is Status.ABORTED and start.may_be_cancelled:
        return []
    if expected.failure is not None:
        wanted: Any = (Status.FAILED, expected.failure.error, expected.failure.cause)
        found: Any = (head.status, head.failure and head.failure.error, head.failure and head.failure.cause)
    else:
        wanted = (Status.SUCCEEDED, expected.output)
        found = (head.status, head.output and head.output.value)
    return (
        [] if found == wanted else [f"{head.id}: ended as {found!s:.200}, expected {wanted!s:.200}, after {head.redrives} redrives"]
    )
