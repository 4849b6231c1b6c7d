"""The bus over a real Kafka: partitions are shared out, handed over and taken from the dead; nudges reach their owners."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from os import getpid

import pytest
from tests.services.topics import new_topic

from conductor_local.buses.kafka import KafkaBus
from conductor_local.errors import SettingsError, Unavailable
from conductor_local.runtime.kafka_settings import KafkaSettings
from conductor_local.runtime.ports import Assigned, Nudged, Revoked

PARTITIONS = 4
PATIENCE_S = 30.0
_numbers = count(1)


class Member:
    """One process of a group: what it owns, and which nudges reached it."""

    def __init__(self, bus: KafkaBus) -> None:
        self.bus = bus
        self.owned: set[int] = set()
        self.nudged: list[int] = []
        self.changed = asyncio.Event()

    async def follow(self) -> None:
        async for change in self.bus.assignments():
            match change:
                case Assigned(partition=partition):
                    self.owned.add(partition)
                case Revoked(partition=partition):
                    self.owned.discard(partition)
                case Nudged(partition=partition):
                    self.nudged.append(partition)
            self.changed.set()

    async def until(self, holds) -> None:  # type: ignore[no-untyped-def]
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self.changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), 0.1)


@asynccontextmanager
async def member(broker: str, topic: str, *, works: bool = True) -> AsyncIterator[Member]:
    bus = KafkaBus(KafkaSettings(brokers=broker), PARTITIONS, group=f"group-{topic}", topic=topic, works=works)
    await bus.open()
    one = Member(bus)
    following = asyncio.create_task(one.follow())
    try:
        yield one
    finally:
        await bus.close()
        await following


@pytest.fixture
def topic(kafka_broker: str) -> str:
    return new_topic(kafka_broker, partitions=PARTITIONS)


async def test_one_process_owns_everything_and_two_share(kafka_broker: str, topic: str) -> None:
    async with member(kafka_broker, topic) as first:
        await first.until(lambda: first.owned == set(range(PARTITIONS)))
        async with member(kafka_broker, topic) as second:
            await second.until(lambda: len(second.owned) == 2 and len(first.owned) == 2)
            assert first.owned | second.owned == set(range(PARTITIONS))
        await first.until(lambda: first.owned == set(range(PARTITIONS)))


async def test_a_nudge_reaches_the_owner_wherever_it_is(kafka_broker: str, topic: str) -> None:
    async with member(kafka_broker, topic) as owner, member(kafka_broker, topic, works=False) as face:
        await owner.until(lambda: len(owner.owned) == PARTITIONS)
        async with asyncio.timeout(PATIENCE_S):
            while 3 not in owner.nudged:  # the first may come before the owner has found the end of its partition
                await face.bus.nudge(3)
                await asyncio.sleep(0.1)
        await owner.bus.nudge(1)
        await owner.until(lambda: 1 in owner.nudged)
        assert face.owned == set()


async def test_a_missing_topic_is_made_with_the_stores_partitions(kafka_broker: str) -> None:
    topic = f"made-{getpid()}-{next(_numbers)}"
    async with member(kafka_broker, topic) as one:
        await one.until(lambda: one.owned == set(range(PARTITIONS)))


async def test_a_topic_with_other_partitions_is_refused(kafka_broker: str) -> None:
    topic = new_topic(kafka_broker, partitions=3)
    bus = KafkaBus(KafkaSettings(brokers=kafka_broker), PARTITIONS, topic=topic)
    with pytest.raises(SettingsError, match="has 3 partitions and the store has 4"):
        await bus.open()


async def test_a_broker_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor_local.buses.kafka.PATIENCE_S", 1.0)
    bus = KafkaBus(KafkaSettings(brokers="127.0.0.1:9"), PARTITIONS)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9"):
        await bus.open()
