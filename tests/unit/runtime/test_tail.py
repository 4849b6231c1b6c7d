"""Waiting readers hear of what other processes commit, and a store is left alone while nobody waits."""

import asyncio
from typing import Any

from conductor_local.runtime.changes import Changes
from conductor_local.runtime.ids import partition_of
from conductor_local.runtime.latency import BUCKETS_S, Latency
from conductor_local.runtime.tail import Tail

from .rig import until


class Ends:
    """The ends of outboxes, as a store tells them."""

    def __init__(self) -> None:
        self.ends: dict[int, int] = {}
        self.asked: list[int] = []

    async def outbox_end(self, partition: int) -> int:
        self.asked.append(partition)
        return self.ends.get(partition, 0)


async def test_readers_of_a_partition_that_has_changed_are_woken() -> None:
    store: Any = Ends()
    changes = Changes()
    running = asyncio.create_task(Tail(store, changes, 4, lambda partition: False).run())
    await asyncio.sleep(0)
    assert store.asked == []
    ids = {partition_of(str(number), 4): str(number) for number in range(50)}
    with changes.watch(ids[1]) as one, changes.watch(ids[2]) as two:
        await until(lambda: one.is_set() and two.is_set())  # the first look may have missed something
        one.clear()
        two.clear()
        store.ends[1] = 5
        await until(one.is_set)
        assert not two.is_set()
        assert set(store.asked) == {1, 2}
    running.cancel()


async def test_own_partitions_are_not_looked_at() -> None:
    store: Any = Ends()
    changes = Changes()
    running = asyncio.create_task(Tail(store, changes, 4, lambda partition: partition != 3).run())
    with changes.watch():
        await until(lambda: store.asked)
    assert set(store.asked) == {3}
    running.cancel()


def test_latency_tells_mean_and_quantiles() -> None:
    latency = Latency()
    assert (latency.mean_s, latency.quantile_s(0.99)) == (0, 0)
    for seconds in [0.002] * 98 + [0.2, 60.0]:
        latency.observe(seconds)
    assert (latency.quantile_s(0.5), latency.quantile_s(0.99), latency.quantile_s(1)) == (0.0025, 0.25, BUCKETS_S[-1])
    assert round(latency.mean_s, 3) == 0.604
