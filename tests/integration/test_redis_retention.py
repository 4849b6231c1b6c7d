"""How a store on Redis stays small: what is forgotten, when, what is kept for a sink, and that nothing is left lying about."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from redis.asyncio import Redis
from tests.integration.redis_places import forget_all, prefix_of

from conductor_local.engine.state import Status
from conductor_local.runtime.ports import Query
from conductor_local.stores.redis import RedisStore
from conductor_local.testing.store_suite import LARGE, LATER, T0, begun, claimable, make_step, timer

AFTER = T0 + timedelta(seconds=61)


@pytest.fixture(scope="module", autouse=True)
def clean(redis_url: str) -> Iterator[None]:
    """Leave nothing behind."""
    yield
    forget_all(redis_url)


@pytest.fixture
async def store(redis_url: str, tmp_path: Path) -> AsyncIterator[RedisStore]:
    made = RedisStore(redis_url, prefix=prefix_of(tmp_path), retention_s=60)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def admin(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


async def ended(store: RedisStore, id: str, epoch: int) -> None:
    """Run an execution that ends at T0."""
    kept = await begun(store, id, epoch, LARGE)
    await store.commit(make_step(kept, events=1, status=Status.SUCCEEDED, consumed=["1.1"]), epoch=epoch)


async def test_what_ended_long_ago_goes_and_what_runs_stays(store: RedisStore) -> None:
    epoch = await store.acquire(0)
    for id in ("a", "b", "c"):
        await ended(store, id, epoch)
    running = await begun(store, "d", epoch)
    assert await store.expire(0, T0 + timedelta(seconds=59), 10) == 0
    assert await store.expire(0, AFTER, 2) == 2
    assert await store.expire(0, AFTER, 2) == 1
    assert await store.expire(0, AFTER, 2) == 0
    assert [head.id for head in (await store.list(Query())).heads] == ["d"]
    assert await store.load("d") == running
    assert await store.counts() == {Status.RUNNING: 1}
    assert [each.execution_id for each in await store.outbox(0, 0, 9)] == ["d"]


async def test_what_a_sink_has_not_read_stays(store: RedisStore) -> None:
    epoch = await store.acquire(0)
    assert await store.cursor(0, "kafka") == 0  # from now on it is known
    for id in ("a", "b"):
        await ended(store, id, epoch)
    await store.save_cursor(0, "file", 99)
    assert await store.expire(0, AFTER, 9) == 0
    shown = await store.outbox(0, 0, 9)
    assert len(shown) == 4
    await store.save_cursor(0, "kafka", shown[1].cursor)
    assert await store.expire(0, AFTER, 9) == 1
    assert await store.load("a") is None
    assert await store.load("b") is not None


async def test_what_all_sinks_have_read_leaves_the_outbox_but_not_the_execution(store: RedisStore) -> None:
    epoch = await store.acquire(0)
    await begun(store, "a", epoch)
    await begun(store, "b", epoch)
    end = await store.outbox_end(0)
    await store.save_cursor(0, "kafka", 1)
    await store.expire(0, T0, 9)
    assert [each.execution_id for each in await store.outbox(0, 0, 9)] == ["b"]
    assert await store.outbox_end(0) == end
    assert len(await store.events("a", 0, 9)) == 1


async def test_without_a_retention_nothing_is_forgotten(redis_url: str, tmp_path: Path) -> None:
    store = RedisStore(redis_url, prefix=prefix_of(tmp_path))
    await store.open()
    await ended(store, "a", await store.acquire(0))
    assert await store.expire(0, LATER, 9) == 0
    assert await store.load("a") is not None
    await store.close()


async def test_an_execution_that_runs_again_is_not_forgotten(store: RedisStore) -> None:
    epoch = await store.acquire(0)
    await ended(store, "a", epoch)
    kept = await store.load("a")
    assert kept is not None
    await store.commit(make_step(kept, events=1, status=Status.RUNNING), epoch=epoch)
    assert await store.expire(0, AFTER, 9) == 0


async def test_nothing_is_left_of_a_forgotten_execution(store: RedisStore, admin: Redis, tmp_path: Path) -> None:
    epoch = await store.acquire(0)
    await ended(store, "a", epoch)
    kept = await store.load("a")
    assert kept is not None
    await store.commit(make_step(kept, events=1, status=Status.FAILED, work=[timer("t", T0)]), epoch=epoch)
    await store.post("a", 0, [timer("late", T0)])
    await store.suspend("a", epoch, "why")
    kept = await store.load("a")
    assert kept is not None
    await store.commit(make_step(kept, status=Status.FAILED), epoch=epoch)
    assert await store.expire(0, AFTER, 9) == 1
    names = [key.removeprefix(prefix_of(tmp_path)) async for key in admin.scan_iter(f"{prefix_of(tmp_path)}:*")]
    assert sorted(name for name in names if ":answer:" not in name) == [":{defs}:store", ":{p0}:counts", ":{p0}:state"]
    answers = [f"{prefix_of(tmp_path)}{name}" for name in names if ":answer:" in name]
    assert answers
    assert all([0 < await admin.ttl(name) <= 60 for name in answers])
    assert await claimable(store, await store.acquire(0)) == []


async def test_rows_are_json_that_a_person_can_read(store: RedisStore, admin: Redis, tmp_path: Path) -> None:
    epoch = await store.acquire(0)
    await begun(store, "a", epoch)
    await store.post("a", 0, [timer("wait", LATER)])
    row = await admin.hgetall(f"{prefix_of(tmp_path)}:{{p0}}:run:a")
    assert (row["status"], row["version"]) == ("RUNNING", "1")
    assert msgspec.json.decode(row["head"])["record"]["definition_name"] == "orders"
    assert msgspec.json.decode(row["frame:1"])["record"]["node"] == "Charge"
    assert msgspec.json.decode(row["work:wait"])["record"]["type"] == "Timer"
    (event,) = await admin.zrange(f"{prefix_of(tmp_path)}:{{p0}}:events:a", 0, -1)
    assert msgspec.json.decode(event)["record"][0]["seq"] == 1
