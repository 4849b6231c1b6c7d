"""Who owns which partition in a simulation, and how processes hear of it: a stand-in for a broker's consumer group.

Rules: each process hears of its changes in the order in which they were made, as consumers do, but late, or not until `tell_all`.
What one process hears says nothing about what another has heard yet, so a partition may have two owners for a while, or none.
"""

import asyncio
from collections.abc import AsyncIterator
from random import Random

from conductor_local.runtime.ports import Assigned, Nudged, Revoked
from conductor_local.testing.faults import Life, Rates
from conductor_local.testing.simloop import sim_loop

NEXT_S = 1e-6  # two changes are never heard at one instant, because the loop keeps no order between those


class Cluster:
    """The truth about owners, and a way for nudges to reach them."""

    def __init__(self, partitions: int, random: Random, rates: Rates) -> None:
        self.partitions, self.random, self.rates = partitions, random, rates
        self.owners: dict[int, FaultyBus] = {}
        self._members: list[FaultyBus] = []

    def join(self, bus: "FaultyBus") -> None:
        """Let a process take part."""
        self._members.append(bus)

    def give(
        self, partition: int, bus: "FaultyBus", *, tell_old: bool = True, revoke_after_s: float = 0.0, assign_after_s: float = 0.0
    ) -> None:  # fmt: skip
        """Assign a partition, also to who has it; an old owner that is not told goes on as if it still had it."""
        old = self.owners.get(partition)
        if old is not None and tell_old:
            old.tell(Revoked(partition), revoke_after_s)
        self.owners[partition] = bus
        bus.tell(Assigned(partition), assign_after_s)

    def tell_all(self) -> None:
        """Tell every owner of old that was not told."""
        for bus in self._members:
            for partition in sorted(bus.believes):
                if self.owners.get(partition) is not bus:
                    bus.tell(Revoked(partition))

    def without_owner(self) -> list[int]:
        """Return the partitions whose owner is dead, or that never had one."""
        return [each for each in range(self.partitions) if each not in self.owners or not self.owners[each].is_alive]

    def wake(self, partition: int) -> None:
        """Hand a nudge to the owner."""
        if owner := self.owners.get(partition):
            owner.wake(partition)


class FaultyBus:
    """Implements `Bus` for one process: loses nudges, and delivers some twice or late."""

    arbitrates = True

    def __init__(self, cluster: Cluster, life: Life) -> None:
        self._cluster, self._life = cluster, life
        self._changes: asyncio.Queue[Assigned | Revoked | Nudged | None] = asyncio.Queue()
        self._heard_at = 0.0
        self.believes: set[int] = set()

    @property
    def is_alive(self) -> bool:
        """Whether its process lives."""
        return self._life.is_alive

    def tell(self, change: Assigned | Revoked, after_s: float = 0.0) -> None:
        """Let this process hear of a change, not before it has heard of those before."""
        match change:
            case Assigned(partition=partition):
                self.believes.add(partition)
            case Revoked(partition=partition):
                self.believes.discard(partition)
        self._heard_at = max(self._heard_at + NEXT_S, sim_loop().time() + after_s)
        sim_loop().call_at(self._heard_at, self._changes.put_nowait, change)

    async def nudge(self, partition: int) -> None:
        self._life.check()
        random, rates = self._cluster.random, self._cluster.rates
        if random.random() < rates.nudge_lost:
            return
        for _ in range(2 if random.random() < rates.nudge_doubled else 1):
            sim_loop().call_later(sim_loop().pause_s(), self._cluster.wake, partition)

    def wake(self, partition: int) -> None:
        """Hand on a nudge."""
        self._changes.put_nowait(Nudged(partition))

    async def assignments(self) -> AsyncIterator[Assigned | Revoked | Nudged]:
        while (change := await self._changes.get()) is not None:
            self._life.check()
            yield change

    async def close(self) -> None:
        self._changes.put_nowait(None)
