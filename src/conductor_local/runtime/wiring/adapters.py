"""Which store, bus and sinks a process has, by its settings. What needs an optional package is imported only where it is used.

                     state            who owns what         events
neither              SQLite file      this process          a file, where one is named
KAFKA_BROKER         SQLite file      this process          Kafka too
REDIS_…              Redis            this process          a file, where one is named
both                 Redis            a consumer group      Kafka too
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from conductor_local.buses.local import LocalBus
from conductor_local.runtime.ports import Bus, EventSink, Store
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.worker import Upkeep
from conductor_local.sinks.file import FileSink
from conductor_local.stores.memory import MemoryStore
from conductor_local.stores.sqlite import SqliteStore

IN_MEMORY = Path(":memory:")
Ping = Callable[[], Awaitable[None]]
"""Asks whether the bus is there. Raises `Unavailable`."""


def store_of(settings: Settings) -> tuple[Store, Upkeep | None]:
    """Return where state is kept, not yet open, and its upkeep when it needs any. Raises `SettingsError`."""
    if settings.redis is not None:
        from conductor_local.stores.redis import RedisStore

        redis = RedisStore(
            settings.redis, partitions=settings.partition_count, prefix=settings.redis_prefix, retention_s=settings.retention_s
        )
        return redis, redis.expire
    if settings.data == IN_MEMORY:
        return MemoryStore(), None
    return SqliteStore(settings.data, durability=settings.durability), None


async def open_bus(settings: Settings) -> tuple[Bus, Ping | None]:
    """Return who says which partitions are ours. Raises `SettingsError`, `Unavailable`."""
    if not settings.shares_work or settings.kafka is None:
        return LocalBus(settings.partition_count), None
    from conductor_local.buses.kafka import KafkaBus

    bus = KafkaBus(settings.kafka, settings.partition_count, group=settings.kafka_group_id, works=settings.works)
    await bus.open()
    return bus, bus.ping


def sinks_of(settings: Settings) -> list[EventSink]:
    """Return where events go. Raises `SettingsError`."""
    sinks: list[EventSink] = []
    if settings.events_file:
        sinks.append(FileSink(Path(settings.events_file)))
    if settings.kafka is not None:
        from conductor_local.sinks.kafka import KafkaSink

        sinks.append(KafkaSink(settings.kafka))
    return sinks
