"""The Kafka sink on a real broker: the contract of event sinks, and what Kafka's own consumers see."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME
from tests.services.topics import new_topic, read_topic

from conductor_local.errors import SettingsError, Unavailable
from conductor_local.payload import Json
from conductor_local.runtime.kafka_settings import KafkaSettings
from conductor_local.runtime.ports import EventSink
from conductor_local.sinks.kafka import KafkaSink
from conductor_local.testing.sink_suite import AT, SinkSuite, commit, run_of, shown, started, without_repeats

NOBODY = "127.0.0.1:1"  # a port that nothing listens on


class TestKafkaSink(SinkSuite):
    @pytest.fixture(autouse=True)
    def _on(self, kafka_broker: str) -> None:
        self.broker = kafka_broker
        self.topics: dict[Path, str] = {}

    def topic(self, place: Path) -> str:
        if place not in self.topics:
            self.topics[place] = new_topic(self.broker)
        return self.topics[place]

    async def open_sink(self, place: Path) -> EventSink:
        return KafkaSink(KafkaSettings(brokers=self.broker), topic=self.topic(place))

    async def arrived(self, place: Path) -> list[dict[str, Json]]:
        return [msgspec.json.decode(record.value()) for record in read_topic(self.broker, self.topic(place))]


@pytest.fixture
def topic(kafka_broker: str) -> str:
    return new_topic(kafka_broker, partitions=8)


@pytest.fixture
async def sink(kafka_broker: str, topic: str) -> AsyncIterator[KafkaSink]:
    sink = KafkaSink(KafkaSettings(brokers=kafka_broker), topic=topic)
    yield sink
    await sink.close()


async def test_a_record_is_a_cloud_event_in_binary_mode(sink: KafkaSink, kafka_broker: str, topic: str) -> None:
    await sink.publish([commit("i", started())])
    (record,) = read_topic(kafka_broker, topic)
    assert dict(record.headers()) == {
        "ce_specversion": b"1.0", "ce_id": b"i:1", "ce_source": b"/workflows/definitions/d", "ce_type": b"WORKFLOW_STARTED",
        "ce_subject": b"i", "ce_time": b"2026-03-01T12:00:00.005Z", "content-type": b"application/json",
    }  # fmt: skip
    assert record.timestamp() == (TIMESTAMP_CREATE_TIME, round(AT.timestamp() * 1000))


async def test_an_instance_has_one_partition_and_many_share_the_topic(sink: KafkaSink, kafka_broker: str, topic: str) -> None:
    await sink.publish([each for number in range(60) for each in run_of(f"i{number}", steps=2)])
    partitions: dict[bytes, set[int]] = {}
    for record in read_topic(kafka_broker, topic):
        partitions.setdefault(record.key(), set()).add(record.partition())
    assert len(partitions) == 60
    assert {len(each) for each in partitions.values()} == {1}
    assert len(set.union(*partitions.values())) == 8


async def test_an_event_that_kafka_would_refuse_as_too_large_arrives_without_its_payload(
    sink: KafkaSink, kafka_broker: str, topic: str
) -> None:
    await sink.publish([commit("i", started({"text": "x" * 3_000_000})), *run_of("j")])
    values = [msgspec.json.decode(record.value()) for record in read_topic(kafka_broker, topic)]
    (large,) = [value for value in values if value["instanceId"] == "i"]
    assert large["initialPayload"] == {"omittedBytes": 3_000_011}
    assert len(values) == 3


async def test_more_than_the_producer_can_hold_at_once_arrives(kafka_broker: str, topic: str) -> None:
    narrow = KafkaSettings(brokers=kafka_broker, properties=(("queue.buffering.max.messages", "20"),))
    sink = KafkaSink(narrow, topic=topic)
    await sink.publish(run_of("i", steps=100))
    await sink.close()
    assert [msgspec.json.decode(record.value()) for record in read_topic(kafka_broker, topic)] == shown(run_of("i", steps=100))


async def test_a_topic_that_is_not_there_is_named_and_taken_once_it_is(kafka_broker: str) -> None:
    hasty = (("topic.metadata.propagation.max.ms", "300"),)
    topic = f"test-{uuid4()}"
    sink = KafkaSink(KafkaSettings(brokers=kafka_broker, properties=hasty), topic=topic)
    with pytest.raises(Unavailable, match=rf"{topic}: .*; create the topic"):
        await sink.publish(run_of("i"))
    new_topic(kafka_broker, name=topic)
    await sink.publish(run_of("i"))
    assert [record.key() for record in read_topic(kafka_broker, topic)] == [b"i", b"i"]
    await sink.close()


async def test_what_stands_behind_a_refused_event_does_not_overtake_it(kafka_broker: str) -> None:
    topic = new_topic(kafka_broker, partitions=1, max_message_bytes="20000")
    sink = KafkaSink(KafkaSettings(brokers=kafka_broker, properties=(("batch.size", "500"),)), topic=topic)
    commits = [*run_of("i", steps=20), commit("j", started({"text": "x" * 30_000})), *run_of("k", steps=200)]
    for _ in range(2):
        with pytest.raises(Unavailable, match=r"Message size too large.*set message\.max\.bytes in KAFKA_PROPERTIES"):
            await sink.publish(commits)
    await sink.close()
    assert b"k" not in {record.key() for record in read_topic(kafka_broker, topic)}

    told = KafkaSettings(brokers=kafka_broker, properties=(("message.max.bytes", "20000"),))
    sink = KafkaSink(told, topic=topic)
    await sink.publish(commits)
    await sink.close()
    found = without_repeats(msgspec.json.decode(record.value()) for record in read_topic(kafka_broker, topic))
    assert [event["id"] for event in found] == [event["id"] for event in shown(commits)]


async def test_a_broker_that_is_away_is_unavailable_and_not_a_wrong_setting() -> None:
    sink = KafkaSink(KafkaSettings(brokers=NOBODY), patience_s=1.0)
    with pytest.raises(Unavailable, match=f"Kafka at {NOBODY} does not take events for workflow_events: .*refused"):
        await sink.publish(run_of("i"))
    await sink.close()


async def test_the_password_is_in_no_message() -> None:
    settings = KafkaSettings(
        brokers=NOBODY, security_protocol="sasl_plaintext", sasl_mechanism="PLAIN", sasl_username="u", sasl_password="hunter2"
    )  # fmt: skip
    sink = KafkaSink(settings, patience_s=0.5)
    with pytest.raises(Unavailable) as caught:
        await sink.publish(run_of("i"))
    assert "hunter2" not in str(caught.value)
    await sink.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (KafkaSettings(brokers=NOBODY, properties=(("no.such", "1"),)), 'No such configuration property: "no.such"'),
        (KafkaSettings(brokers=NOBODY, properties=(("acks", "1"),)), "must not set acks"),
        (KafkaSettings(brokers=NOBODY, properties=(("message.max.bytes", "5"),)), "message.max.bytes=5 must be a whole number"),
        (KafkaSettings(brokers=NOBODY, security_protocol="ssl", ssl_ca=Path(__file__)), "ssl.ca.location"),
    ],
)
def test_a_wrong_setting_is_told_at_once(settings: KafkaSettings, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        KafkaSink(settings)


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(SettingsError, match=r"pip install 'conductor-local\[kafka\]'"):
        KafkaSink(KafkaSettings(brokers=NOBODY))
