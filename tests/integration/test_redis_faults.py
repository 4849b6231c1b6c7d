"""What goes wrong between the store and a real Redis: lost answers, restarts, refusals; nothing is lost, doubled or made up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from scripts.services.daemon import Daemon
from tests.integration.redis_places import forget_all, prefix_of
from tests.integration.redis_proxy import Proxy, proxy_before

from conductor_local.engine.state import Status
from conductor_local.errors import Conflict, Fenced, Unavailable
from conductor_local.payload import Payload
from conductor_local.stores.redis import RedisStore
from conductor_local.stores.redis_link import Link
from conductor_local.stores.redis_scripts import script
from conductor_local.testing.store_suite import (
    LATER,
    T0,
    begun,
    claimable,
    definition,
    entered,
    execution,
    invoke,
    make_step,
    record,
    start,
    stored,
    timer,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def clean(redis_url: str) -> Iterator[None]:
    """Leave nothing behind."""
    yield
    forget_all(redis_url)


@pytest.fixture(params=["everysec", "always"])
async def proxy(request: pytest.FixtureRequest) -> AsyncIterator[Proxy]:
    """A proxy before a server that does not force its writes to the disk, and before one that does: batches differ."""
    url = (
        request.getfixturevalue("redis_url")
        if request.param == "everysec"
        else f"//{request.getfixturevalue('mortal_redis').address}"
    )
    async with proxy_before(urlsplit(url).port or 6379) as made:
        yield made


@pytest.fixture
async def store(proxy: Proxy, tmp_path: Path) -> AsyncIterator[RedisStore]:
    """A store whose answers can be lost on the way."""
    made = RedisStore(proxy.url, prefix=prefix_of(tmp_path), patience_s=5, answer_timeout_s=2)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def other(proxy: Proxy, tmp_path: Path) -> AsyncIterator[RedisStore]:
    """Another process on the same store, its line undisturbed."""
    made = RedisStore(proxy.server_url, prefix=prefix_of(tmp_path))
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def mortal(mortal_redis: Daemon) -> AsyncIterator[RedisStore]:
    made = RedisStore(f"redis://{mortal_redis.address}", patience_s=0.3)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def admin(mortal_redis: Daemon) -> AsyncIterator[Redis]:
    async with Redis.from_url(f"redis://{mortal_redis.address}") as client:
        yield client


def digest(name: str) -> str:
    return script(name).digest


# lost answers


async def test_a_commit_whose_answer_was_lost_counts_once(store: RedisStore, proxy: Proxy) -> None:
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    proxy.lose_answer(digest("commit"))
    step = make_step(kept, events=2, work=[timer("t", LATER)], consumed=["1.1"])
    await store.commit(step, epoch=epoch)
    kept.apply(step)
    assert proxy.losses == 1
    assert await stored(store, "e1") == kept
    assert [len(each.events) for each in await store.outbox(0, 0, 9)] == [1, 2]
    assert await claimable(store, await store.acquire(0)) == ["t"]


async def test_a_batch_whose_answers_were_lost_counts_once(store: RedisStore, proxy: Proxy) -> None:
    epoch = await store.acquire(0)
    kept = [await begun(store, f"e{n}", epoch) for n in range(20)]
    proxy.lose_answer(digest("commit"))
    await asyncio.gather(*(store.commit(make_step(each, events=1), epoch=epoch) for each in kept))
    assert proxy.losses == 1
    assert [each.execution_id for each in await store.outbox(0, 0, 99)] == [f"e{n}" for n in range(20)] * 2


async def test_a_lost_answer_does_not_hide_somebody_elses_commit(store: RedisStore, other: RedisStore, proxy: Proxy) -> None:
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)

    async def meanwhile() -> None:
        await other.commit(make_step(await stored(other, "e1"), events=1), epoch=epoch)

    proxy.lose_answer(digest("commit"), meanwhile)
    with pytest.raises(Conflict):
        await store.commit(make_step(kept, events=1), epoch=epoch)
    assert (await stored(store, "e1")).head.version == kept.head.version + 2


async def test_somebody_elses_commit_is_not_taken_for_a_lost_one(store: RedisStore, other: RedisStore, proxy: Proxy) -> None:
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    theirs = make_step(kept, events=1, work=[timer("theirs", T0)])
    proxy.lose_request(digest("commit"), lambda: other.commit(theirs, epoch=epoch))
    with pytest.raises(Conflict):
        await store.commit(make_step(kept, events=1, work=[timer("ours", T0)]), epoch=epoch)
    assert proxy.losses == 1
    assert await claimable(store, epoch) == ["theirs"]


async def test_a_create_whose_answer_was_lost_is_still_new(store: RedisStore, other: RedisStore, proxy: Proxy) -> None:
    epoch = await store.acquire(0)

    async def meanwhile() -> None:
        assert await claimable(other, epoch) == ["0.1"]
        await other.commit(make_step(await stored(other, "e1"), events=1, consumed=["0.1"]), epoch=epoch)

    proxy.lose_answer(digest("create"), meanwhile)
    assert (await store.create(execution("e1"), [start()])).is_new
    assert proxy.losses == 1
    assert not (await store.create(execution("e1"), [start()])).is_new
    assert await claimable(store, await store.acquire(0)) == []


async def test_a_post_whose_answer_was_lost_is_not_posted_again(store: RedisStore, other: RedisStore, proxy: Proxy) -> None:
    """Somebody has even consumed the row meanwhile, so that its id says nothing any more."""
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)

    async def meanwhile() -> None:
        assert await claimable(other, epoch) == ["in-1"]
        await other.commit(make_step(kept, events=1, consumed=["in-1"]), epoch=epoch)

    proxy.lose_answer(digest("post"), meanwhile)
    assert await store.post("e1", 0, [start("in-1")])
    assert proxy.losses == 1
    assert await claimable(store, await store.acquire(0)) == ["1.1"]


async def test_a_claim_whose_answer_was_lost_leaves_no_row_behind(store: RedisStore, proxy: Proxy) -> None:
    """The owner is told that it cannot know, acquires anew, and is given the rows again."""
    epoch = await store.acquire(0)
    await store.create(execution("e1"), [start()])
    proxy.lose_answer(digest("claim"))
    with pytest.raises(Unavailable, match="not known"):
        await store.claim(0, epoch, T0, 9)
    assert await claimable(store, epoch) == []
    assert await claimable(store, await store.acquire(0)) == ["0.1"]


async def test_an_acquire_whose_answer_was_lost_raises_the_epoch_once(store: RedisStore, proxy: Proxy) -> None:
    before = await store.acquire(0)
    proxy.lose_answer(digest("acquire"))
    assert await store.acquire(0) == before + 1
    assert proxy.losses == 1


async def test_what_else_was_done_while_its_answer_was_lost(store: RedisStore, proxy: Proxy) -> None:
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)

    async def lose(name: str, call: Callable[[], Awaitable[Any]]) -> Any:
        before = proxy.losses
        proxy.lose_answer(digest(name))
        answer = await call()
        assert proxy.losses == before + 1
        return answer

    await lose("suspend", lambda: store.suspend("e1", epoch, "why"))
    assert (await stored(store, "e1")).head.version == kept.head.version + 1
    kept = await stored(store, "e1")
    await store.commit(make_step(kept, events=1, status=Status.FAILED), epoch=epoch)
    assert await lose("delete", lambda: store.delete("e1"))
    await lose("put_definition", lambda: store.put_definition(definition("d1", "orders"), replaces=None))
    assert await lose("delete_definition", lambda: store.delete_definition("d1"))
    await lose("put_record", lambda: store.put_record(record("a", 1), replaces=None))
    assert await lose("delete_record", lambda: store.delete_record("activity", "a"))


async def test_a_request_that_arrives_late_finds_its_connection_closed(proxy: Proxy, tmp_path: Path) -> None:
    """What the store has been read as not done stays not done: the runtime decides on it."""
    store = RedisStore(proxy.url, prefix=prefix_of(tmp_path), patience_s=0.2, answer_timeout_s=0.2)
    await store.open()
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    proxy.hold(digest("commit"))
    with pytest.raises(Unavailable):
        await store.commit(make_step(kept, events=1), epoch=epoch)
    assert await stored(store, "e1") == kept
    await proxy.release()
    assert await stored(store, "e1") == kept
    await store.commit(make_step(kept, events=1), epoch=epoch)
    await store.close()


# several processes


async def test_two_processes_fence_each_other(store: RedisStore, other: RedisStore) -> None:
    first = await store.acquire(0)
    kept = await begun(store, "e1", first)
    second = await other.acquire(0)
    with pytest.raises(Fenced):
        await store.commit(make_step(kept, events=1), epoch=first)
    with pytest.raises(Fenced):
        await store.claim(0, first, LATER, 9)
    with pytest.raises(Fenced):
        await store.suspend("e1", first, "why")
    assert await claimable(other, second) == ["1.1"]
    await other.commit(make_step(kept, events=1, consumed=["1.1"]), epoch=second)


async def test_an_execution_in_the_wrong_partition_is_refused(redis_url: str, tmp_path: Path) -> None:
    store = RedisStore(redis_url, prefix=prefix_of(tmp_path))
    await store.open()
    with pytest.raises(Exception, match="not of partition 1"):
        await store.create(execution("e1", partition=1), [])
    await store.close()


# what Redis says


async def test_forgotten_scripts_are_loaded_again(mortal: RedisStore, admin: Redis) -> None:
    epoch = await mortal.acquire(0)
    kept = [await begun(mortal, f"e{n}", epoch) for n in range(5)]
    await admin.script_flush()
    await asyncio.gather(*(mortal.commit(make_step(each, events=1), epoch=epoch) for each in kept), mortal.outbox(0, 0, 9))
    assert len(await mortal.outbox(0, 0, 99)) == 10


async def test_without_memory_nothing_is_written_and_later_it_goes_on(mortal: RedisStore, admin: Redis) -> None:
    epoch = await mortal.acquire(0)
    kept = await begun(mortal, "e1", epoch)
    step = make_step(kept, frames={1: None}, events=[entered(2, Payload("x" * 100_000))], work=[invoke("9", T0)], consumed=["1.1"])
    await admin.config_set("maxmemory", 1)
    with pytest.raises(Unavailable, match="maxmemory"):
        await mortal.commit(step, epoch=epoch)
    with pytest.raises(Unavailable, match="maxmemory"):
        await mortal.create(execution("e2"), [start()])
    with pytest.raises(Unavailable, match="maxmemory"):
        await mortal.post("e1", 0, [start("in-1")])
    assert await stored(mortal, "e1") == kept
    await admin.config_set("maxmemory", 0)
    await mortal.commit(step, epoch=epoch)
    assert len(await mortal.outbox(0, 0, 9)) == 2
    assert await claimable(mortal, await mortal.acquire(0)) == ["9"]


async def test_one_refused_request_does_not_take_its_group_along(mortal_redis: Daemon, admin: Redis) -> None:
    rights = ["~conductor:{p0}:*", "~conductor:{defs}:*", "+@all"]
    await admin.execute_command("ACL", "SETUSER", "guest", "on", ">guest", *rights)
    store = RedisStore(f"redis://guest:guest@{mortal_redis.address}", partitions=2, patience_s=1)
    await store.open()
    allowed, refused, also_allowed = await asyncio.gather(*map(store.acquire, (0, 1, 0)), return_exceptions=True)
    assert isinstance(refused, Unavailable)
    assert "does not let this user" in refused.message
    assert (allowed, also_allowed) == (1, 2)
    await store.close()


async def test_a_group_without_memory_is_refused_and_later_goes_on(mortal: RedisStore, admin: Redis) -> None:
    epoch = await mortal.acquire(0)
    kept = [await begun(mortal, f"e{n}", epoch) for n in range(5)]
    steps = [make_step(each, events=1) for each in kept]
    await admin.config_set("maxmemory", 1)
    outcomes = await asyncio.gather(*(mortal.commit(step, epoch=epoch) for step in steps), return_exceptions=True)
    assert all(isinstance(outcome, Unavailable) and "maxmemory" in outcome.message for outcome in outcomes)
    await admin.config_set("maxmemory", 0)
    await asyncio.gather(*(mortal.commit(step, epoch=epoch) for step in steps))
    assert len(await mortal.outbox(0, 0, 99)) == 10


async def test_deleting_works_without_memory(mortal: RedisStore, admin: Redis) -> None:
    epoch = await mortal.acquire(0)
    kept = await begun(mortal, "e1", epoch)
    await mortal.commit(make_step(kept, events=1, status=Status.SUCCEEDED), epoch=epoch)
    await admin.config_set("maxmemory", 1)
    assert await mortal.delete("e1")


async def test_a_replica_refuses_until_it_is_the_primary(mortal: RedisStore, admin: Redis, mortal_redis: Daemon) -> None:
    epoch = await mortal.acquire(0)
    kept = await begun(mortal, "e1", epoch)
    await admin.replicaof("127.0.0.1", "1")
    with pytest.raises(Unavailable, match="replica"):
        await mortal.commit(make_step(kept, events=1), epoch=epoch)
    assert await stored(mortal, "e1") == kept
    with pytest.raises(Unavailable, match="replica"):
        await RedisStore(f"redis://{mortal_redis.address}").open()
    await admin.replicaof("NO", "ONE")
    await mortal.commit(make_step(kept, events=1), epoch=epoch)


async def test_a_server_that_is_loading_is_waited_for(mortal_redis: Daemon, admin: Redis) -> None:
    store = RedisStore(f"redis://{mortal_redis.address}", patience_s=20)
    await store.open()
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    await admin.mset({f"filler:{n}": "x" * 100 for n in range(2_000)})
    await admin.bgrewriteaof()
    while (await admin.info("persistence"))["aof_rewrite_in_progress"]:
        await asyncio.sleep(0.02)
    await admin.connection_pool.disconnect()
    mortal_redis.kill()
    slow = ("--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024")
    starting = asyncio.create_task(asyncio.to_thread(replace(mortal_redis, command=(*mortal_redis.command, *slow)).start))
    impatient = RedisStore(f"redis://{mortal_redis.address}", patience_s=0.1)
    with pytest.raises(Unavailable, match="reading its data"):
        await until_told(impatient)
    await store.commit(make_step(kept, events=1), epoch=epoch)
    await starting
    assert len(await store.outbox(0, 0, 9)) == 2
    await impatient.close()
    await store.close()


async def until_told(store: RedisStore) -> None:
    """Ask until somebody answers; that nobody listens yet does not count."""
    while True:
        try:
            assert await store.describe("e1") is None, "it was never loading"
        except Unavailable as error:
            if "cannot be reached" not in error.message and "did not answer" not in error.message:
                raise


async def test_what_was_acknowledged_survives_a_kill(mortal_redis: Daemon) -> None:
    """Forty executions commit on and on while the server is killed and started anew; each commit counts once."""
    store = RedisStore(f"redis://{mortal_redis.address}", patience_s=20)
    await store.open()
    epoch = await store.acquire(0)
    commits, kills = 60, asyncio.Event()

    async def live(id: str) -> None:
        kept = await begun(store, id, epoch)
        for number in range(commits):
            if number == commits // 2 and id == "e7":
                kills.set()
            step = make_step(kept, events=1)
            await store.commit(step, epoch=epoch)
            kept.apply(step)
        assert await stored(store, id) == kept

    async def kill() -> None:
        await kills.wait()
        mortal_redis.kill()
        await asyncio.to_thread(mortal_redis.start)

    await asyncio.gather(kill(), *(live(f"e{n}") for n in range(40)))
    for n in range(40):
        assert [event.seq for event in await store.events(f"e{n}", 0, 999)] == list(range(1, commits + 2))
    assert len(await store.outbox(0, 0, 9_999)) == 40 * (commits + 1)
    await store.close()


async def test_a_server_that_is_away_is_said_to_be(mortal: RedisStore, mortal_redis: Daemon) -> None:
    mortal_redis.kill()
    for call in (mortal.describe("e1"), mortal.counts(), mortal.acquire(0)):
        with pytest.raises(Unavailable, match=mortal_redis.address):
            await call


async def test_a_server_that_hangs_is_given_up(mortal_redis: Daemon) -> None:
    store = RedisStore(f"redis://{mortal_redis.address}", patience_s=0.2, answer_timeout_s=0.2)
    await store.open()
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    mortal_redis.pause()
    with pytest.raises(Unavailable, match="did not answer"):
        await store.commit(make_step(kept, events=1), epoch=epoch)
    mortal_redis.resume()
    assert (await stored(store, "e1")).head.version in (kept.head.version, kept.head.version + 1)
    await store.close()


# round trips


async def test_a_commit_is_one_round_trip_and_neighbours_share_it(store: RedisStore, monkeypatch: pytest.MonkeyPatch) -> None:
    epoch = await store.acquire(0)
    kept = [await begun(store, f"e{n}", epoch) for n in range(50)]
    sizes: list[int] = []
    exchange = Link.exchange

    async def counted(link: Link, commands: Any, heard: Any) -> None:
        sizes.append(len(commands))
        await exchange(link, commands, heard)

    monkeypatch.setattr(Link, "exchange", counted)
    await store.commit(make_step(kept[0], events=1, work=[timer("t", LATER)], consumed=["1.1"]), epoch=epoch)
    assert sizes == [1]
    await asyncio.gather(*(store.commit(make_step(each, events=1), epoch=epoch) for each in kept[1:]))
    assert len(sizes) <= 3
