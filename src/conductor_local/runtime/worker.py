"""Follows the bus: owns the partitions that are assigned to this process, wakes them when nudged, lets go when revoked."""

import asyncio
from collections.abc import Sequence

from conductor_local.runtime.owner import Owner, Tools
from conductor_local.runtime.ports import Assigned, Bus, Nudged, Revoked


class Worker:
    """The owners of one process, by partition."""

    def __init__(self, bus: Bus, tools: Tools) -> None:
        self.tools = tools
        self._bus = bus
        self._owners: dict[int, Owner] = {}

    async def run(self) -> None:
        """Follow the bus until it closes; then let go of everything."""
        try:
            async for change in self._bus.assignments():
                match change:
                    case Assigned(partition=partition):
                        owner = self._owners[partition] = Owner(self.tools, partition)
                        owner.start()
                    case Nudged(partition=partition):
                        if nudged := self._owners.get(partition):
                            nudged.wake()
                    case Revoked(partition=partition):
                        if revoked := self._owners.pop(partition, None):
                            await revoked.stop()
        finally:
            await asyncio.gather(*(owner.stop() for owner in self._owners.values()))

    def owner(self, partition: int) -> Owner | None:
        """Return who owns a partition here, once it may commit."""
        owner = self._owners.get(partition)
        return owner if owner is not None and owner.epoch is not None and not owner.is_fenced else None

    @property
    def owners(self) -> Sequence[Owner]:
        """All owners of this process, also those that are fenced."""
        return list(self._owners.values())

    @property
    def is_idle(self) -> bool:
        """Whether only the passing of time can bring this process on."""
        return all(owner.is_idle for owner in self._owners.values())
