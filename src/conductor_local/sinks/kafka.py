"""Lifecycle events to a topic of Kafka: acknowledged by all replicas, in order per instance, never lost.

Rules, on which the order rests: a publication is sent from its beginning or not at all; a producer that could not deliver one
event delivers none behind it (`enable.gapless.guarantee`, no timeout of single events) and is thrown away with what it still holds;
the next publication begins anew with a new one. So whatever a broken connection still carries is a beginning of what is sent again,
and a consumer that drops the ids it has seen sees every event once and in order. The library is called on one thread only.
"""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Event
from time import monotonic
from typing import Any

from conductor_local.errors import SettingsError, Unavailable
from conductor_local.runtime.kafka_settings import KafkaSettings
from conductor_local.runtime.ports import Published
from conductor_local.sinks.cloud_events import Record, record_of

TOPIC = "workflow_events"
PATIENCE_S = 10.0  # for one publication; then the relay waits and comes again
RECORD_BYTES_MAX = 1_000_000  # librdkafka's own `message.max.bytes`; brokers take 1,048,588 unless set
_ENVELOPE_BYTES = 4_096  # kept free for key and headers
_LOOK_S = 0.1  # how often a waiting publication sees that it is no longer wanted

_DEFAULTS = {
    "linger.ms": "5",
    "reconnect.backoff.max.ms": "1000",
    "topic.metadata.propagation.max.ms": "5000",  # below the patience, so that a missing topic is said to be missing
    "partitioner": "murmur2_random",  # an instance has the partition that the Java clients would give it
    "log_level": "0",  # what fails is told by the relay
}
_PROMISES = {
    "enable.idempotence": "true",
    "acks": "all",
    "enable.gapless.guarantee": "true",
    "message.timeout.ms": "0",  # no limit: an event must not be given up while later ones go on
}
_OWNED = frozenset(
    _PROMISES.keys() | {"request.required.acks", "delivery.timeout.ms", "retries", "message.send.max.retries", "transactional.id"}
)
_ADVICE = {
    "Unknown topic": "create the topic",
    "Message size too large": "set message.max.bytes in KAFKA_PROPERTIES to the topic's own max.message.bytes",
}
"""By what the library says."""

log = logging.getLogger("conductor.kafka")


class KafkaSink:
    """Publishes to `topic`. A wrong setting is told at once; a broker that is away only when something is to be published."""

    def __init__(self, settings: KafkaSettings, *, topic: str = TOPIC, patience_s: float = PATIENCE_S) -> None:
        self.name = f"kafka:{topic}"
        self._topic, self._brokers, self._patience_s = topic, settings.brokers, patience_s
        self._kafka = _library()
        self._properties = {**_DEFAULTS, **settings.client_properties(owned=_OWNED), **_PROMISES}
        self._value_bytes_max = _record_bytes_max(self._properties) - _ENVELOPE_BYTES
        self._trouble = ""
        try:
            self._producer: Any = self._new_producer()
        except self._kafka.KafkaException as error:
            raise SettingsError(f"Kafka's client refuses its settings: {_text(error)}. Correct KAFKA_…") from error
        self._is_closing = Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka-sink")

    async def publish(self, commits: Sequence[Published]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._publish, commits)

    async def close(self) -> None:
        self._is_closing.set()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._abandon)
        self._thread.shutdown()

    # --- on the thread ---------------------------------------------------------------------------------------------------------

    def _publish(self, commits: Sequence[Published]) -> None:
        made = (record_of(commit, event, self._value_bytes_max) for commit in commits for event in commit.events)
        records = [record for record in made if record is not None]
        is_delivered = False
        try:
            if self._producer is None:
                self._producer = self._new_producer()
            self._deliver(records)
            is_delivered = True
        except (self._kafka.KafkaException, SystemError) as error:  # SystemError: a report behind a fatal error
            raise self._unavailable(self._trouble or _text(error)) from error
        finally:
            if not is_delivered:
                self._abandon()

    def _deliver(self, records: Sequence[Record]) -> None:
        """Return when every record is acknowledged. Raises `Unavailable`, and what the library raises."""
        failures: list[Any] = []
        until = monotonic() + self._patience_s

        def reported(error: Any, _: Any) -> None:
            if error is not None:
                failures.append(error)

        for key, value, headers, at_ms in records:
            while not self._accepts(key=key, value=value, headers=headers, timestamp=at_ms, on_delivery=reported):
                self._go_on(failures, until)
        while self._producer.flush(_LOOK_S):
            self._go_on(failures, until)
        if failures:
            raise self._unavailable(str(failures[0].str()))

    def _accepts(self, **record: Any) -> bool:
        """Hand a record to the producer; False when it holds as many as it can."""
        try:
            self._producer.produce(self._topic, **record)
        except BufferError:
            self._producer.poll(_LOOK_S)
            return False
        return True

    def _go_on(self, failures: Sequence[Any], until: float) -> None:
        """Raise `Unavailable` when there is no sense in waiting on."""
        if failures:
            raise self._unavailable(str(failures[0].str()))
        if self._is_closing.is_set() or monotonic() > until:
            raise self._unavailable(self._trouble or f"no answer within {self._patience_s:g} s")

    def _unavailable(self, reason: str) -> Unavailable:
        advice = "".join(f"; {what}" for phrase, what in _ADVICE.items() if phrase in reason)
        return Unavailable(f"Kafka at {self._brokers} does not take events for {self._topic}: {reason}{advice}")

    def _abandon(self) -> None:
        """Throw the producer away with all that it has not delivered: with its last reference it ends and sends nothing more."""
        self._producer = None

    def _new_producer(self) -> Any:
        self._trouble = ""
        return self._kafka.Producer({**self._properties, "error_cb": self._remember, "logger": log})

    def _remember(self, error: Any) -> None:
        """Keep what the library says of its connections: the reason when nothing arrives."""
        if not self._trouble or error.code() != self._kafka.KafkaError._ALL_BROKERS_DOWN:
            self._trouble = str(error.str())


def _library() -> Any:
    try:
        return import_module("confluent_kafka")
    except ImportError as error:
        raise SettingsError("Kafka needs one more package. Install it: pip install 'conductor-local[kafka]'") from error


def _record_bytes_max(properties: dict[str, str]) -> int:
    text = properties.get("message.max.bytes", str(RECORD_BYTES_MAX))
    if not text.isdecimal() or int(text) < 4 * _ENVELOPE_BYTES:
        raise SettingsError(f"KAFKA_PROPERTIES: message.max.bytes={text} must be a whole number from {4 * _ENVELOPE_BYTES}.")
    return int(text)


def _text(error: Exception) -> str:
    """What an error of the library says."""
    said: Any = error.args[0]
    return str(said.str()) if hasattr(said, "str") else str(said)
