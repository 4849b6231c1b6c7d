"""The relay: every commit reaches the sink, in order, at least once, whatever fails on the way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from conductor_local.errors import Unavailable
from conductor_local.runtime import relay as relay_module
from conductor_local.runtime.ports import Published
from conductor_local.runtime.relay import Relay
from conductor_local.stores.memory import MemoryStore
from conductor_local.testing.interception import InterceptedStore

from .rig import Faults, call, process, until, workflow

FLOW = workflow(call("a"), call("b"))


class Sink:
    """Implements `EventSink` in a list; `is_away` makes it refuse, `loses_answers` makes it take without being able to say so."""

    name = "list"

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.refused = 0
        self.is_away = self.loses_answers = False

    async def publish(self, commits: Sequence[Published]) -> None:
        if self.is_away:
            self.refused += 1
            raise Unavailable("the sink is away")
        self.ids += ids_of(commits)
        if self.loses_answers:
            self.refused += 1
            raise Unavailable("no answer")

    async def close(self) -> None:
        """There is nothing to flush."""


def ids_of(commits: Sequence[Published]) -> list[str]:
    return [f"{commit.execution_id}:{event.seq}" for commit in commits for event in commit.events]


async def filled(runs: int = 2) -> MemoryStore:
    """Give a store with some instances that have run."""
    store = MemoryStore()
    async with process(store) as p:
        for _ in range(runs):
            await p.run(FLOW)
    return store


async def expected(store: MemoryStore) -> list[str]:
    return ids_of(await store.outbox(0, 0, 10_000))


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator[None]:
    task = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_everything_is_published_in_commit_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "BATCH", 2)
    store, sink = await filled(), Sink()
    relay = Relay(store, sink)
    while await relay.publish_once():
        assert await store.cursor(0, sink.name) > 0
    assert sink.ids == await expected(store)
    assert await relay.lag() == 0


async def test_the_cursor_is_saved_only_after_publishing() -> None:
    store, sink = await filled(), Sink()
    sink.is_away = True
    relay = Relay(store, sink)
    with pytest.raises(Unavailable):
        await relay.publish_once()
    assert await store.cursor(0, sink.name) == 0
    assert await relay.lag() == await store.outbox_end(0)


async def test_a_sink_that_is_away_gets_everything_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "RETRY_S_FIRST", 0.001)
    store, sink = await filled(), Sink()
    sink.is_away = True
    async with running(Relay(store, sink)):
        await until(lambda: sink.refused >= 3)
        sink.is_away = False
        await until(lambda: sink.ids)
    assert sink.ids == await expected(store)


async def test_an_answer_that_was_lost_repeats_the_same_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "RETRY_S_FIRST", 0.001)
    store, sink = await filled(), Sink()
    sink.loses_answers = True
    async with running(Relay(store, sink)):
        await until(lambda: sink.refused)
        sink.loses_answers = False
        await until(lambda: len(sink.ids) > len(set(sink.ids)))
    assert list(dict.fromkeys(sink.ids)) == await expected(store)


async def test_a_crash_before_the_cursor_was_saved_repeats_the_same_ids() -> None:
    store, sink, faults = await filled(), Sink(), Faults()
    faults.say("save_cursor", Unavailable("the process died here"))
    with pytest.raises(Unavailable):
        await Relay(InterceptedStore(store, faults.intercept), sink).publish_once()
    published = sink.ids
    sink.ids = []
    await Relay(store, sink).publish_once()
    assert sink.ids == published == await expected(store)


async def test_a_store_that_is_away_only_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "RETRY_S_FIRST", 0.001)
    store, sink, faults = await filled(), Sink(), Faults()
    for operation in ("cursor", "outbox", "save_cursor"):
        faults.say(operation, Unavailable("the store is away"))
    async with running(Relay(InterceptedStore(store, faults.intercept), sink)):
        await until(lambda: faults.counts["save_cursor"] >= 2)
    assert set(sink.ids) == set(await expected(store))


async def test_a_nudge_wakes_the_relay() -> None:
    store, sink, faults = MemoryStore(), Sink(), Faults()
    relay = Relay(InterceptedStore(store, faults.intercept), sink)
    async with running(relay), process(store) as p:
        await until(lambda: faults.counts["outbox"])
        await p.run(FLOW)
        assert sink.ids == []
        relay.nudge()
        await until(lambda: sink.ids)


async def test_a_lost_nudge_only_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "POLL_S", 0.005)
    store, sink = MemoryStore(), Sink()
    async with running(Relay(store, sink)), process(store) as p:
        done = await p.run(FLOW)
        last = (await p.service.events(done.instance_id))[-1].seq
        await until(lambda: f"{done.instance_id}:{last}" in sink.ids)


async def test_sinks_have_cursors_of_their_own() -> None:
    store, first, second = await filled(), Sink(), Sink()
    second.name = "other"
    await Relay(store, first).publish_once()
    await Relay(store, second).publish_once()
    assert first.ids == second.ids
