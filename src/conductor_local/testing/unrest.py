"""What happens to the processes of a simulation: they come, die, stand still, and partitions move between them in every order.

    handed over   the old owner lets go, the new one begins soon after
    at once       both hear of it at the same time
    late          the new owner has begun when the old one hears of it
    untold        the old owner hears nothing until the unrest has ended
    given back    an owner loses a partition and is given it again
    outdated      a process hears that a partition is its own when it is another's already, and a while later that it is not

Rules: partitions of a dead process, or of one that stands still for too long, go to others after a while, as in a consumer group.
"""

import asyncio

from conductor_local.runtime.ports import Assigned, Revoked
from conductor_local.testing.processes import Process, World

SESSION_S_MAX = 6.0  # how long a dead or stopped process may keep its partitions
STOPPED_S_MAX = 20.0


class Unrest:
    """Disturbs one world, as its seed says."""

    def __init__(self, world: World) -> None:
        self._world, self._random, self._counts = world, world.random, world.ledger.counts
        self._likelihood = self._random.choice([0.0, 0.3, 1.0, 1.0])

    async def reign(self, for_s: float) -> None:
        """Disturb for so long."""
        supervisor = asyncio.create_task(self._supervise(), name="supervisor")
        end = self._world.loop.time() + for_s
        while self._world.loop.time() < end:
            await asyncio.sleep(self._random.uniform(0.1, 5))
            if self._random.random() < self._likelihood:
                await self._disturb()
        supervisor.cancel()

    async def end(self) -> None:
        """Let what stands still go on, tell everybody who owns what, and see that every partition has an owner."""
        world = self._world
        for process in world.alive:
            process.life.go_on()
        if not world.alive:
            await world.start()
        if world.cluster.partitions == 1 or self._random.random() < 0.5:
            for process in world.alive[:-1]:
                process.life.end()
        world.cluster.tell_all()
        self._share_out()
        self._mislead()

    async def _disturb(self) -> None:
        match self._random.choice(["kill", "start", "usurp", "move", "move", "give back", "mislead", "stop", "stop"]):
            case "kill":
                self._any().life.end()
            case "start":
                await self._world.start()
            case "usurp":
                await self._world.start(tell_old=False)
            case "move":
                self._move()
            case "give back":
                self._give_back()
            case "mislead":
                self._mislead()
            case "stop":
                asyncio.create_task(self._stop(self._any()), name="stop")  # noqa: RUF006 - the loop holds its tasks

    def _any(self) -> Process:
        return self._random.choice(self._world.alive or [self._world.processes[-1]])

    def _move(self) -> None:
        """Give some partitions to others, in one of the orders in which that is heard of."""
        random, cluster = self._random, self._world.cluster
        tell_old, revoke_after_s, assign_after_s = random.random() < 0.8, self._late_s(), self._late_s()
        for partition in range(cluster.partitions):
            if random.random() < 0.5:
                new = self._any().bus
                if cluster.owners.get(partition) is not new:
                    self._counts["moved"] += 1
                    cluster.give(
                        partition, new, tell_old=tell_old, revoke_after_s=revoke_after_s, assign_after_s=assign_after_s
                    )  # fmt: skip

    def _late_s(self) -> float:
        return self._random.choice([0.0, self._random.uniform(0, 3), self._random.uniform(0, 20)])

    def _give_back(self) -> None:
        cluster, random = self._world.cluster, self._random
        partition = random.randrange(cluster.partitions)
        if owner := cluster.owners.get(partition):
            self._counts["given back"] += 1
            cluster.give(partition, owner, assign_after_s=random.choice([0.0, random.uniform(0, 3)]))

    def _mislead(self) -> None:
        process, partition = self._any(), self._random.randrange(self._world.cluster.partitions)
        if self._world.cluster.owners.get(partition) is not process.bus:
            self._counts["misled"] += 1
            process.bus.tell(Assigned(partition))
            process.bus.tell(Revoked(partition), self._random.uniform(0, 3))

    async def _stop(self, process: Process) -> None:
        """Let a process stand still; if for long, others are given its partitions, of which it hears when it goes on."""
        stopped_s, session_s = self._random.uniform(0.01, STOPPED_S_MAX), self._random.uniform(0.1, SESSION_S_MAX)
        process.life.stand_still()
        self._counts["stopped"] += 1
        await asyncio.sleep(min(stopped_s, session_s))
        others = [each for each in self._world.alive if each is not process]
        if others and process.life.stands_still and stopped_s > session_s:
            for partition in range(self._world.cluster.partitions):
                if self._world.cluster.owners.get(partition) is process.bus:
                    self._world.cluster.give(partition, self._random.choice(others).bus)
            await asyncio.sleep(stopped_s - session_s)
        process.life.go_on()

    async def _supervise(self) -> None:
        """Start a process when none lives, and give partitions of the dead to others, some time after they died."""
        while True:
            await asyncio.sleep(self._random.uniform(0.1, SESSION_S_MAX / 2))
            if not self._world.alive:
                await self._world.start()
            self._share_out()

    def _share_out(self) -> None:
        for partition in self._world.cluster.without_owner():
            self._world.cluster.give(partition, self._any().bus)
