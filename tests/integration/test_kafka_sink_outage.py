"""Events on their way to a real broker that dies, hangs and comes back: late, and otherwise as if nothing had happened."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic

import msgspec
import pytest
from scripts.services.daemon import Daemon
from tests.services.topics import new_topic, read_topic
from tests.unit.runtime.rig import Process, call, process, workflow

from conductor_local.payload import Json
from conductor_local.runtime import relay as relay_module
from conductor_local.runtime.kafka_settings import KafkaSettings
from conductor_local.runtime.ports import Store
from conductor_local.runtime.relay import Relay
from conductor_local.sinks.kafka import KafkaSink
from conductor_local.stores.sqlite import SqliteStore
from conductor_local.testing.sink_suite import by_instance, run_of, shown, without_repeats

FLOW = workflow(call("a"), call("b"), call("c"))
INSTANCES = 200
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small publications, so that an outage falls into one; short pauses between trials."""
    monkeypatch.setattr(relay_module, "BATCH", 10)
    monkeypatch.setattr(relay_module, "RETRY_S_MAX", 0.5)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = SqliteStore(tmp_path / "conductor.db", durability="normal")
    await store.open()
    yield store
    await store.close()


@asynccontextmanager
async def relaying(store: Store, broker: str, topic: str) -> AsyncIterator[Relay]:
    """Carry the store's events to the topic, with the sink and the relay of a server."""
    sink = KafkaSink(KafkaSettings(brokers=broker), topic=topic, patience_s=1.5)
    relay = Relay(store, sink)
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await sink.close()


async def published(store: Store, topic: str, part: float) -> None:
    """Return once that part of all events has been published."""
    end = await store.outbox_end(0)
    async with asyncio.timeout(PATIENCE_S):
        while await store.cursor(0, f"kafka:{topic}") < part * end:
            await asyncio.sleep(0.002)


async def run_all(process: Process, count: int) -> None:
    """Run instances to their ends."""
    started = [await process.start(FLOW, {"n": number}) for number in range(count)]
    for each in started:
        await process.wait(each.instance_id)


async def expected(store: Store) -> dict[str, list[dict[str, Json]]]:
    return by_instance(shown(await store.outbox(0, 0, 100_000)))


def arrived(broker: str, topic: str) -> list[dict[str, Json]]:
    return [msgspec.json.decode(record.value()) for record in read_topic(broker, topic)]


async def test_a_killed_broker_costs_time_and_nothing_else(mortal_kafka: Daemon, store: Store) -> None:
    topic = new_topic(mortal_kafka.address, partitions=8)
    async with process(store) as p:
        await run_all(p, INSTANCES // 2)
        async with relaying(store, mortal_kafka.address, topic) as relay:
            await published(store, topic, 0.3)
            await asyncio.to_thread(mortal_kafka.kill)
            assert await relay.lag() > 0, "the kill came too late to show anything"
            await run_all(p, INSTANCES // 2)
            behind = await relay.lag()
            await asyncio.to_thread(mortal_kafka.start)
            await published(store, topic, 1)
    found = by_instance(without_repeats(arrived(mortal_kafka.address, topic)))
    assert behind > INSTANCES // 2
    assert len(found) == INSTANCES
    assert found == await expected(store)


async def test_a_broker_that_hangs_costs_time_and_nothing_else(mortal_kafka: Daemon, store: Store) -> None:
    topic = new_topic(mortal_kafka.address, partitions=8)
    async with process(store) as p:
        await run_all(p, INSTANCES // 2)
        async with relaying(store, mortal_kafka.address, topic):
            await published(store, topic, 0.3)
            mortal_kafka.pause()
            await asyncio.sleep(4.0)  # more than the sink's patience: it gives up with records on their way
            mortal_kafka.resume()
            await published(store, topic, 1)
    everything = arrived(mortal_kafka.address, topic)
    assert by_instance(without_repeats(everything)) == await expected(store)


async def test_the_event_loop_goes_on_while_the_broker_hangs(mortal_kafka: Daemon) -> None:
    topic = new_topic(mortal_kafka.address)
    sink = KafkaSink(KafkaSettings(brokers=mortal_kafka.address), topic=topic, patience_s=30.0)
    await sink.publish(run_of("i"))
    mortal_kafka.pause()
    publication = asyncio.create_task(sink.publish(run_of("j", steps=500)))
    longest_s = max([each async for each in turns(seconds=1.0)])
    assert longest_s < 0.25
    assert not publication.done()
    publication.cancel()
    begun = monotonic()
    await sink.close()
    assert monotonic() - begun < 5.0, "closing must not wait for the sink's patience"


async def turns(seconds: float) -> AsyncIterator[float]:
    """Yield how long each turn of the event loop took."""
    end = monotonic() + seconds
    while (begun := monotonic()) < end:
        await asyncio.sleep(0.001)
        yield monotonic() - begun


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat, a consumer of other people, is not installed")
async def test_kcat_sees_every_event_of_every_instance_in_order(kafka_broker: str, store: Store) -> None:
    topic = new_topic(kafka_broker, partitions=8)
    async with process(store) as p, relaying(store, kafka_broker, topic):
        await run_all(p, INSTANCES)
        await published(store, topic, 1)
    assert by_instance(kcat(kafka_broker, topic)) == await expected(store)


def kcat(broker: str, topic: str) -> Iterator[dict[str, Json]]:
    """Read a topic from its beginning to its end."""
    command = ["kcat", "-b", broker, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k\t%s\n"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        key, _, value = line.partition("\t")
        event = msgspec.json.decode(value)
        assert event["instanceId"] == key
        yield event
