"""Full disks, two processes on one file, and requests that meet in one batch."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conductor_local.engine.state import Frame, Status
from conductor_local.errors import Bug, Conflict, Fenced, Unavailable
from conductor_local.payload import Payload
from conductor_local.runtime.ports import Claimed, Created
from conductor_local.stores.sqlite import SqliteStore
from conductor_local.testing.store_suite import T0, begun, claimable, execution, frame, make_step, start, stored, timer


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "conductor.db")
    await store.open()
    yield store
    await store.close()


def limit_pages(store: SqliteStore, pages: int) -> None:
    """Make the file as good as full: SQLite gives the error that a full disk gives."""
    store._writer._connection.execute(f"PRAGMA max_page_count = {pages}")


def noise(number: int) -> Payload:
    return Payload(f"{number}:" + "x" * 200_000)


async def test_a_full_disk_fails_the_commit_and_nothing_else(store: SqliteStore) -> None:
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    limit_pages(store, 1)
    large = make_step(kept, frames={2: frame(2, noise(1))}, events=1, work=[timer("t", T0)])
    with pytest.raises(Unavailable, match="Make room") as caught:
        await store.commit(large, epoch=epoch)
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    assert await stored(store, "e1") == kept
    limit_pages(store, 1_000_000)
    await store.commit(large, epoch=epoch)
    kept.apply(large)
    assert await stored(store, "e1") == kept
    assert await claimable(store, epoch) == ["t"]


async def test_a_full_disk_answers_every_request_of_the_batch(store: SqliteStore) -> None:
    epoch = await store.acquire(0)
    kept = [await begun(store, f"e{n}", epoch) for n in range(4)]
    limit_pages(store, 1)
    steps = [make_step(each, frames={2: frame(2, noise(n))}, events=1) for n, each in enumerate(kept)]
    outcomes = await asyncio.gather(*(store.commit(step, epoch=epoch) for step in steps), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    limit_pages(store, 1_000_000)
    await asyncio.gather(*(store.commit(step, epoch=epoch) for step in steps))
    assert len(await store.outbox(0, 0, 99)) == 8


async def test_a_writer_kept_out_by_another_is_told_so(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "conductor.db", busy_timeout_s=0.05)
    await store.open()
    other = sqlite3.connect(tmp_path / "conductor.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked by another program"):
        await store.acquire(0)
    assert await store.describe("e1") is None
    other.execute("COMMIT")
    other.close()
    assert await store.acquire(0) == 1
    await store.close()


async def test_the_later_of_two_processes_fences_the_earlier(store: SqliteStore, tmp_path: Path) -> None:
    rival = SqliteStore(tmp_path / "conductor.db")
    await rival.open()
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    later = await rival.acquire(0)
    assert later > epoch
    with pytest.raises(Fenced):
        await store.commit(make_step(kept, events=1), epoch=epoch)
    with pytest.raises(Fenced):
        await store.claim(0, epoch, T0, 9)
    with pytest.raises(Fenced):
        await store.suspend("e1", epoch, "late")
    assert await claimable(rival, later) == ["1.1"]
    await rival.commit(make_step(kept, events=1), epoch=later)
    assert (await stored(store, "e1")).head.version == kept.head.version + 1
    await rival.close()


async def test_two_processes_write_to_one_file_in_turns(store: SqliteStore, tmp_path: Path) -> None:
    rival = SqliteStore(tmp_path / "conductor.db")
    await rival.open()
    epochs = [await store.acquire(0), await rival.acquire(1)]

    async def run(where: SqliteStore, partition: int, number: int) -> None:
        kept = execution(f"p{partition}-{number}", partition=partition)
        await where.create(kept, [start()])
        for _ in range(5):
            step = make_step(kept, events=1)
            await where.commit(step, epoch=epochs[partition])
            kept.apply(step)

    await asyncio.gather(*(run(where, partition, n) for partition, where in enumerate((store, rival)) for n in range(5)))
    await rival.close()
    for partition in (0, 1):
        assert len(await store.outbox(partition, 0, 99)) == 25
    assert await store.counts() == {Status.RUNNING: 10}


async def test_two_processes_may_make_one_file_at_once(tmp_path: Path) -> None:
    stores = [SqliteStore(tmp_path / "new.db") for _ in range(4)]
    await asyncio.gather(*(each.open() for each in stores))
    assert await stores[0].acquire(0) == 1
    await asyncio.gather(*(each.close() for each in stores))


async def test_a_batch_of_everything_fails_and_succeeds_one_by_one(store: SqliteStore) -> None:
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch)
    created, again, committed, stale, posted, fenced, claimed = await asyncio.gather(
        store.create(execution("e2"), [start()]),
        store.create(execution("e1"), [start()]),
        store.commit(make_step(kept, events=1), epoch=epoch),
        store.commit(make_step(kept, events=1), epoch=epoch),
        store.post("e1", 0, [start("in-1")]),
        store.claim(0, epoch - 1, T0, 9),
        store.claim(0, epoch, T0, 9),
        return_exceptions=True,
    )
    assert isinstance(created, Created)
    assert created.is_new
    assert isinstance(again, Created)
    assert not again.is_new
    assert committed is None
    assert isinstance(stale, Conflict)
    assert posted is True
    assert isinstance(fenced, Fenced)
    assert isinstance(claimed, Claimed)
    assert sorted(work.id for _, work in claimed.work) == ["0.1", "in-1"]
    assert len(await store.outbox(0, 0, 99)) == 2


async def test_a_row_that_sqlite_refuses_fails_its_own_commit_only(store: SqliteStore) -> None:
    epoch = await store.acquire(0)
    good, bad = await begun(store, "good", epoch), await begun(store, "bad", epoch)
    huge: dict[int, Frame | None] = {2**70: frame(2)}
    outcomes = await asyncio.gather(
        store.commit(make_step(bad, frames=huge, events=1), epoch=epoch),
        store.commit(make_step(good, events=1), epoch=epoch),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], Bug)
    assert outcomes[1] is None
    assert await stored(store, "bad") == bad


async def test_a_caller_that_gives_up_does_not_disturb_the_others(store: SqliteStore) -> None:
    epoch = await store.acquire(0)
    a, b = await begun(store, "a", epoch), await begun(store, "b", epoch)
    giving_up = asyncio.create_task(store.commit(make_step(a, events=1), epoch=epoch))
    staying = asyncio.create_task(store.commit(make_step(b, events=1), epoch=epoch))
    await asyncio.sleep(0)
    giving_up.cancel()
    await staying
    assert (await stored(store, "a")).head.version == 2


async def test_close_writes_what_waits(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "conductor.db")
    await store.open()
    creating = [asyncio.create_task(store.create(execution(f"e{n}"), [])) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert all(each.is_new for each in await asyncio.gather(*creating))
    store = SqliteStore(tmp_path / "conductor.db")
    await store.open()
    assert sum((await store.counts()).values()) == 20
    await store.close()


async def test_large_payloads_are_stored_once_an_execution_and_go_with_it(store: SqliteStore) -> None:
    epoch = await store.acquire(0)
    kept = await begun(store, "e1", epoch, noise(1))
    again = make_step(kept, frames={n: frame(n, noise(1)) for n in range(2, 9)}, events=1, status=Status.FAILED)
    await store.commit(again, epoch=epoch)
    wanted = f'[["e1", "{noise(1).digest}"]]'
    assert store._point.rows("payloads", (wanted,)) == [(noise(1).digest, noise(1).encoded)]
    await store.delete("e1")
    assert store._point.rows("payloads", (wanted,)) == []
