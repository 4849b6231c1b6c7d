"""Follows the bus: owns the partitions that are assigned to this process, wakes them when nudged, lets go when revoked.

With a partition go its relays: whoever owns the state publishes its events. A partition that another process acquired although the
bus still says it is ours is given up where nobody arbitrates; where somebody does, it is acquired again after a while, for then the
other one was late.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from conductor_local.errors import Unavailable
from conductor_local.runtime.owner import Owner, Tools
from conductor_local.runtime.ports import Assigned, Bus, Nudged, Revoked
from conductor_local.runtime.relay import Relay

LATE_S = 5.0  # how long a process that lost its partitions may take to hear of it
_LOOK_S = 0.05
UPKEEP_S, UPKEEP_MAX = 30.0, 500  # how often the store is tidied up, and how much of it at once
Upkeep = Callable[[int, datetime, int], Awaitable[int]]
"""Forgets what is past its time in a partition at an instant, up to a number of executions; returns how many."""

log = logging.getLogger("conductor.worker")


@dataclass(slots=True)
class _Charge:
    """A partition in this process's charge."""

    owner: Owner
    relays: Sequence[Relay]
    tasks: list[asyncio.Task[None]]

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(self.owner.stop(), *self.tasks, return_exceptions=True)


class Worker:
    """The owners of one process, by partition. `relays` makes the relays of a partition; `upkeep`: the store needs tidying up."""

    def __init__(
        self,
        bus: Bus,
        tools: Tools,
        relays: Callable[[int], Sequence[Relay]] = lambda partition: (),
        upkeep: Upkeep | None = None,
    ) -> None:
        self.tools = tools
        self._bus, self._relays, self._upkeep = bus, relays, upkeep
        self._charges: dict[int, _Charge] = {}
        self._claims: dict[int, asyncio.Task[None]] = {}
        self._changing = asyncio.Lock()
        self._is_draining = self._is_stopping = False

    async def run(self) -> None:
        """Follow the bus until it closes; then let go of everything."""
        try:
            async for change in self._bus.assignments():
                async with self._changing:
                    await self._follow(change)
        finally:
            async with self._changing:
                await asyncio.gather(*map(self._let_go, list(self._charges)))

    async def drain(self, limit_s: float) -> bool:
        """Begin no more calls of functions and wait for those that run, up to `limit_s`; tell whether all have ended."""
        self._is_draining = True
        for owner in self.owners:
            owner.drain()
        try:
            async with asyncio.timeout(limit_s):
                while not all(owner.is_drained for owner in self.owners):  # noqa: ASYNC110 - seldom, and not worth a signal
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        """Let go of everything and take nothing any more, so that nothing is in hand when the bus hears that we leave."""
        async with self._changing:
            self._is_stopping = True
            await asyncio.gather(*map(self._let_go, list(self._charges)))

    async def _follow(self, change: Assigned | Revoked | Nudged) -> None:
        if self._is_stopping:
            return
        match change:
            case Assigned(partition=partition):
                charge = self._charges.get(partition)
                if charge is not None and not charge.owner.is_fenced:
                    charge.owner.wake()  # it was kept while the bus was away; whether it is fenced shows now
                    return
                await self._let_go(partition)
                self._take(partition)
            case Nudged(partition=partition):
                if nudged := self._charges.get(partition):
                    nudged.owner.wake()
            case Revoked(partition=partition):
                await self._let_go(partition)

    def _take(self, partition: int) -> None:
        owner, relays = Owner(self.tools, partition), self._relays(partition)
        tasks = [asyncio.create_task(relay.run(), name=f"relay of partition {partition}") for relay in relays]
        if self._upkeep is not None:
            tasks.append(asyncio.create_task(self._keep_up(self._upkeep, partition), name=f"upkeep of partition {partition}"))
        if self._bus.arbitrates:
            self._claims[partition] = asyncio.create_task(self._insist(owner), name=f"claim to partition {partition}")
        self._charges[partition] = _Charge(owner, relays, tasks)
        if self._is_draining:
            owner.drain()
        owner.start()

    async def _keep_up(self, upkeep: Upkeep, partition: int) -> None:
        """Let the store forget what is past its time, now and then."""
        while True:
            try:
                forgotten = await upkeep(partition, self.tools.clock.now(), UPKEEP_MAX)
            except Unavailable as error:
                log.warning("partition %d is not tidied up: %s", partition, error)
                forgotten = 0
            await asyncio.sleep(0 if forgotten == UPKEEP_MAX else UPKEEP_S)

    async def _insist(self, owner: Owner) -> None:
        """Acquire a partition again that is ours and that a late process took."""
        await owner.fenced.wait()
        await asyncio.sleep(LATE_S)
        while not self._bus.arbitrates:  # noqa: ASYNC110 - nobody can say now that the partition is still ours
            await asyncio.sleep(LATE_S)
        async with self._changing:
            charge = self._charges.get(owner.partition)
            if charge is not None and charge.owner is owner:
                del self._claims[owner.partition]
                await self._let_go(owner.partition)
                self._take(owner.partition)

    async def _let_go(self, partition: int) -> None:
        if claim := self._claims.pop(partition, None):
            claim.cancel()
        if charge := self._charges.pop(partition, None):
            await charge.end()

    def committed(self, partition: int) -> None:
        """There are new events in a partition."""
        if charge := self._charges.get(partition):
            for relay in charge.relays:
                relay.nudge()

    def owner(self, partition: int) -> Owner | None:
        """Return who owns a partition here, once it may commit."""
        charge = self._charges.get(partition)
        owner = charge.owner if charge is not None else None
        return owner if owner is not None and owner.epoch is not None and not owner.is_fenced else None

    @property
    def is_draining(self) -> bool:
        """Whether this process is about to leave."""
        return self._is_draining or self._is_stopping

    @property
    def owners(self) -> Sequence[Owner]:
        """All owners of this process, also those that are fenced."""
        return [charge.owner for charge in self._charges.values()]

    @property
    def relays(self) -> Sequence[Relay]:
        """All relays of this process."""
        return [relay for charge in self._charges.values() for relay in charge.relays]

    @property
    def is_idle(self) -> bool:
        """Whether only the passing of time can bring this process on."""
        return all(owner.is_idle for owner in self.owners)
