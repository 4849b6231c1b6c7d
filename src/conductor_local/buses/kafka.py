"""The bus of many processes: a consumer group shares the partitions out, and records on its topic wake their owners.

A record says nothing but that something is new in the partition it lies in; it may be lost. So nothing is committed, a new owner
begins at the end of its partitions, and only the newest of many nudges counts. The partitions of the topic are those of the store.

The library is called on two threads, one for the consumer and one for the producer. When partitions are taken away the consumer's
thread waits until their owner here has let go, so that work in hand ends before the next owner begins; the store's epochs see to it
that nothing goes wrong where that takes too long. When Kafka is away, or has lost sight of this process, it keeps what it owned
until the group says otherwise: a Kafka that is away delays hand-overs, and no work.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from importlib import import_module
from threading import Event, Thread
from typing import Any

from conductor_local.errors import SettingsError, Unavailable
from conductor_local.runtime.kafka_settings import KafkaSettings
from conductor_local.runtime.ports import Assigned, Nudged, Revoked

TOPIC = "workflow_step_triggers"
GROUP = "conductor"
SESSION_MS = 6_000  # the least that brokers allow: how long the partitions of a dead process wait for a new owner
LETTING_GO_S = 8.0  # how long work in hand may delay a hand-over
PATIENCE_S = 10.0  # for making the topic
LOOK_S_MAX = 4.0  # for finding it
PING_S = 2.0
_LOOK_S = 0.2
_CONSUMER = {
    "enable.auto.commit": "false",
    "auto.offset.reset": "latest",
    "partition.assignment.strategy": "cooperative-sticky",
    "session.timeout.ms": str(SESSION_MS),
    "heartbeat.interval.ms": str(SESSION_MS // 12),  # members hear of a rebalance by the answers to these
    "reconnect.backoff.max.ms": "1000",
    "log_level": "2",
}
_PRODUCER = {"linger.ms": "5", "acks": "1", "message.timeout.ms": "2000", "reconnect.backoff.max.ms": "1000", "log_level": "2"}
_OWNED = frozenset({"group.id", "enable.auto.commit", "auto.offset.reset", "partition.assignment.strategy"})

log = logging.getLogger("conductor.bus")


class KafkaBus:
    """Implements `Bus` over `topic`. With `works` False this process only nudges and is given nothing."""

    def __init__(
        self, settings: KafkaSettings, partitions: int, *, group: str = GROUP, topic: str = TOPIC, works: bool = True
    ) -> None:
        self._kafka = _library()
        self._partitions, self._topic, self._works = partitions, topic, works
        self._brokers = settings.brokers
        self._properties = settings.client_properties(owned=_OWNED)
        self._group = group
        self._changes: asyncio.Queue[Assigned | Revoked | Nudged | _LetGo | None] = asyncio.Queue()
        self._mine: set[int] = set()
        self._kept: set[int] = set()
        self._is_closing = Event()
        self._consuming: Thread | None = None
        self._producer: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def arbitrates(self) -> bool:
        """While the group has lost us it says nothing about what we keep."""
        return not self._kept

    async def open(self) -> None:
        """Find the topic, or make it. Raises `Unavailable`, `SettingsError` when its partitions are not those of the store."""
        self._loop = asyncio.get_running_loop()
        await self._loop.run_in_executor(None, self._open)
        if self._works:
            self._consuming = Thread(target=self._consume, name="kafka-bus", daemon=True)
            self._consuming.start()

    async def ping(self) -> None:
        """Ask whether a broker answers. Raises `Unavailable`."""
        await asyncio.get_running_loop().run_in_executor(None, self._ping)

    async def nudge(self, partition: int) -> None:
        if partition in self._mine:
            self._changes.put_nowait(Nudged(partition))
            return
        try:
            self._producer.produce(self._topic, b"", partition=partition)
            self._producer.poll(0)
        except (BufferError, self._kafka.KafkaException) as error:
            log.debug("a nudge for partition %d was lost: %s", partition, error)

    async def assignments(self) -> AsyncIterator[Assigned | Revoked | Nudged]:
        while (change := await self._changes.get()) is not None:
            if isinstance(change, _LetGo):  # whoever asks for the next change has dealt with those before it
                change.done.set()
                continue
            yield change

    async def close(self) -> None:
        self._changes.put_nowait(None)
        self._is_closing.set()
        loop = asyncio.get_running_loop()
        if self._consuming is not None:
            await loop.run_in_executor(None, self._consuming.join)
        if self._producer is not None:
            await loop.run_in_executor(None, self._producer.flush, 1.0)

    # --- on other threads ------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        admin = import_module("confluent_kafka.admin")
        client = admin.AdminClient({**self._properties, "log_level": "2", "logger": log})
        try:
            found = client.list_topics(self._topic, LOOK_S_MAX).topics[self._topic]
            if found.error is not None:
                client.create_topics([admin.NewTopic(self._topic, self._partitions)])[self._topic].result(PATIENCE_S)
            elif len(found.partitions) != self._partitions:
                raise SettingsError(
                    f"The topic {self._topic} at {self._brokers} has {len(found.partitions)} partitions and the store has "
                    f"{self._partitions}. Create it with {self._partitions}, or see docs/deployment.md on changing the number."
                )
        except self._kafka.KafkaException as error:
            if error.args[0].code() != self._kafka.KafkaError.TOPIC_ALREADY_EXISTS:  # another process was quicker
                raise self._unavailable(error) from error
        self._producer = self._kafka.Producer({**_PRODUCER, **self._properties, "logger": log})

    def _ping(self) -> None:
        try:
            self._producer.list_topics(self._topic, PING_S)
        except self._kafka.KafkaException as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"Kafka at {self._brokers} does not answer ({error.args[0].str()}). See whether it runs, and check KAFKA_BROKER, "
            "KAFKA_SECURITY_PROTOCOL and firewall."
        )

    def _consume(self) -> None:
        consumer = self._kafka.Consumer({**_CONSUMER, **self._properties, "group.id": self._group, "logger": log})
        consumer.subscribe([self._topic], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)
        try:
            while not self._is_closing.is_set():
                records = consumer.consume(1_000, _LOOK_S)
                for partition in {record.partition() for record in records if record.error() is None}:
                    self._tell(Nudged(partition))
        finally:
            consumer.close()

    def _assigned(self, consumer: Any, partitions: Sequence[Any]) -> None:
        given = {each.partition for each in partitions}
        kept, self._kept = self._kept, set()
        self._give_up(kept - given)
        for partition in sorted(given):
            self._mine.add(partition)
            self._tell(Assigned(partition))

    def _revoked(self, consumer: Any, partitions: Sequence[Any]) -> None:
        """Let go, and wait for it: the group hands the partitions on when this returns."""
        self._give_up({each.partition for each in partitions})
        letting_go = _LetGo()
        self._tell(letting_go)
        if not self._is_closing.is_set() and not letting_go.done.wait(LETTING_GO_S):
            log.warning("work in hand outlasts the hand-over of %d partitions", len(partitions))

    def _lost(self, consumer: Any, partitions: Sequence[Any]) -> None:
        """The group has not heard of us for too long. Go on: the store refuses us what another process has taken over."""
        self._kept |= {each.partition for each in partitions}
        log.warning("Kafka at %s has lost sight of this process; it goes on as long as nobody else takes over", self._brokers)

    def _give_up(self, partitions: set[int]) -> None:
        for partition in sorted(partitions):
            self._mine.discard(partition)
            self._tell(Revoked(partition))

    def _tell(self, change: "Assigned | Revoked | Nudged | _LetGo") -> None:
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changes.put_nowait, change)


class _LetGo:
    """Stands in the queue behind partitions that were taken away; `done` when they have been let go."""

    def __init__(self) -> None:
        self.done = Event()


def _library() -> Any:
    try:
        return import_module("confluent_kafka")
    except ImportError as error:
        raise SettingsError("Kafka needs one more package. Install it: pip install 'conductor-local[kafka]'") from error
