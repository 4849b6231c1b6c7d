"""What is done to a deployment: workers are killed or stopped for a while, Redis and Kafka are restarted, also at once."""

import asyncio
import signal
from collections import Counter
from random import Random
from time import monotonic

import redis

from .deployment import Deployment

HAND_OVER_S_MAX = 30.0
LOOK_S = 0.1


class Faults:
    """Does it, as a seed says. `counts` says how often what happened, `hand_overs` how many seconds partitions had no owner."""

    def __init__(self, deployment: Deployment, random: Random) -> None:
        self._deployment, self._random = deployment, random
        self._busy: set[int] = set()  # workers that something is being done to
        self._watching: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()
        self.hand_overs: list[float] = []

    async def reign(self, for_s: float, *, brokers: int, stores: int) -> None:
        """Disturb for so long, and let everything run again. `brokers` and `stores`: how often Kafka and Redis are restarted."""
        async with asyncio.TaskGroup() as disturbing:
            disturbing.create_task(self._disturb_workers(monotonic() + for_s))
            disturbing.create_task(self._restart("Kafka", for_s, brokers))
            disturbing.create_task(self._restart("Redis", for_s, stores))
        for watching in self._watching:
            watching.cancel()

    async def _disturb_workers(self, until: float) -> None:
        async with asyncio.TaskGroup() as disturbing:
            while monotonic() < until:
                await asyncio.sleep(self._random.uniform(0.5, 3.0))
                idle = sorted(self._deployment.workers.keys() - self._busy)
                if len(idle) > 1:
                    number = self._random.choice(idle)
                    self._busy.add(number)
                    disturbing.create_task(self._random.choice([self._kill, self._stop])(number))

    async def _kill(self, number: int) -> None:
        self.counts["SIGKILL"] += 1
        self._watch()
        await self._deployment.kill(number)
        await asyncio.sleep(self._random.uniform(0, 6))
        await self._deployment.start(number)
        await asyncio.sleep(3)  # else most would be killed before they have begun
        self._busy.remove(number)

    async def _stop(self, number: int) -> None:
        """Stop a worker's clock, for a moment or for so long that others take over."""
        self.counts["SIGSTOP"] += 1
        stopped_s = self._random.choice([self._random.uniform(0.05, 2), self._random.uniform(7, 12)])
        if stopped_s > 7:
            self._watch()
        self._deployment.send(number, signal.SIGSTOP)
        await asyncio.sleep(stopped_s)
        self._deployment.send(number, signal.SIGCONT)
        self._busy.remove(number)

    async def _restart(self, name: str, for_s: float, times: int) -> None:
        """Restart a service so many times, in all, by turns without and with a last word."""
        daemon = self._deployment.kafka if name == "Kafka" else self._deployment.redis
        for time in range(times):
            await asyncio.sleep(for_s / (times + 1) * self._random.uniform(0.6, 1.0))
            self.counts[f"restarts of {name}"] += 1
            await asyncio.to_thread(daemon.kill if time % 2 == 0 else daemon.stop)
            await asyncio.sleep(self._random.uniform(0, 2))
            await asyncio.to_thread(daemon.start)

    def _watch(self) -> None:
        watching = asyncio.create_task(self._measure(monotonic()))
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)

    async def _measure(self, began: float) -> None:
        """Measure how long it takes until one of those that own partitions owns none any more."""
        before = await self._owners()
        while monotonic() - began < HAND_OVER_S_MAX:
            await asyncio.sleep(LOOK_S)
            if before - await self._owners():
                self.hand_overs.append(monotonic() - began)
                return

    async def _owners(self) -> set[str]:
        while True:
            try:
                return set((await asyncio.to_thread(self._deployment.owners)).values())
            except redis.RedisError:
                await asyncio.sleep(LOOK_S)
