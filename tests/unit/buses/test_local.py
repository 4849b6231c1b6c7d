"""The bus of one process."""

from conductor_local.buses.local import LocalBus
from conductor_local.runtime.ports import Assigned, Nudged


async def test_the_only_partition_is_assigned_first() -> None:
    bus = LocalBus()
    await bus.nudge(0)
    await bus.close()
    assert [change async for change in bus.assignments()] == [Assigned(0), Nudged(0)]


async def test_nudges_come_through_in_order() -> None:
    bus = LocalBus()
    changes = bus.assignments()
    assert await anext(changes) == Assigned(0)
    for _ in range(3):
        await bus.nudge(0)
    await bus.close()
    assert [change async for change in changes] == [Nudged(0)] * 3


async def test_a_closed_bus_ends_whoever_waits() -> None:
    bus = LocalBus()
    changes = bus.assignments()
    await anext(changes)
    await bus.close()
    assert await anext(changes, None) is None
