"""Topics for tests, and an independent consumer of them."""

from time import monotonic, sleep
from uuid import uuid4

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

PATIENCE_S = 30.0


def new_topic(broker: str, *, partitions: int = 4, name: str | None = None, **config: str) -> str:
    """Create a topic that nothing else uses; return its name. `config` are the topic's settings, `_` for `.`."""
    topic = name or f"test-{uuid4()}"
    wanted = NewTopic(topic, partitions, 1, config={name.replace("_", "."): value for name, value in config.items()})
    admin = AdminClient({"bootstrap.servers": broker})
    admin.create_topics([wanted])[topic].result(PATIENCE_S)
    return topic


def read_topic(broker: str, topic: str) -> list[Message]:
    """Return every record that is in a topic now, in order within each partition."""
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "test", "enable.auto.commit": False, "log_level": 2})
    try:
        partitions = consumer.list_topics(topic, PATIENCE_S).topics[topic].partitions
        ends = {each: _end(consumer, TopicPartition(topic, each)) for each in partitions}
        consumer.assign([TopicPartition(topic, each, 0) for each in ends])
        records: list[Message] = []
        until = monotonic() + PATIENCE_S
        while len(records) < sum(ends.values()):
            assert monotonic() < until, f"only {len(records)} of {sum(ends.values())} records of {topic} could be read"
            for record in consumer.consume(1_000, 0.2):
                assert record.error() is None, record.error()
                records.append(record)
        return records
    finally:
        consumer.close()


def _end(consumer: Consumer, partition: TopicPartition) -> int:
    """Return the offset behind the last record; a partition that was made this moment may have no leader yet."""
    until = monotonic() + PATIENCE_S
    while True:
        try:
            return consumer.get_watermark_offsets(partition, PATIENCE_S)[1]
        except KafkaException:
            if monotonic() > until:
                raise
            sleep(0.05)
