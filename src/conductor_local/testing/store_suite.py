"""The contract of `runtime.ports.Store` as tests. Every adapter passes all of it.

To test an adapter, subclass the suite in a test module and say how a store is opened on a place:

    import pytest

    pytest.register_assert_rewrite("conductor_local.testing.store_suite")
    from conductor_local.testing.store_suite import StoreSuite

    class TestMyStore(StoreSuite):
        durable = True                                 # the same place shows the same things after close

        async def open_store(self, place: Path) -> Store:
            store = MyStore(place / "my.store")        # `place` is a folder of its own
            await store.open()
            return store

It needs pytest, pytest-asyncio in auto mode, and hypothesis. The builders at the end make small valid values for further tests.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_local.engine.effects import AnyWork, Deliver, Invoke, Timer
from conductor_local.engine.events import AnyEvent, ExecutionStarted, NodeEntered
from conductor_local.engine.messages import Start
from conductor_local.engine.state import ENDED, Execution, Frame, FrameStatus, Status, Step, TaskMemo, create_execution
from conductor_local.errors import Conflict, Fenced, InvalidRequest
from conductor_local.payload import Payload
from conductor_local.program import Resource
from conductor_local.runtime.ports import Definition, Page, Pinned, Query, Record, Store
from conductor_local.runtime.records import Alias, Machine, Route, Version

T0 = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = T0 + timedelta(hours=1)
LARGE = Payload({"text": "x" * 100_000})


class StoreSuite:
    """Subclass it, implement `open_store`, and set `durable` when a closed store can be opened again."""

    durable = False

    async def open_store(self, place: Path) -> Store:
        """Return an opened store that keeps what it keeps in the folder `place`."""
        raise NotImplementedError

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        store = await self.open_store(tmp_path)
        yield store
        await store.close()

    # definitions

    async def test_a_definition_is_found_by_id_and_by_name(self, store: Store) -> None:
        one = definition("d1", "orders")
        await store.put_definition(one, replaces=None)
        assert await store.definition("d1") == one
        assert await store.definition("orders") == one
        assert await store.definition("other") is None

    async def test_an_id_goes_before_a_name(self, store: Store) -> None:
        await store.put_definition(definition("a", "b"), replaces=None)
        await store.put_definition(definition("b", "c"), replaces=None)
        assert (found := await store.definition("b")) is not None
        assert found.id == "b"

    async def test_definitions_are_listed_oldest_first(self, store: Store) -> None:
        for id, minutes in (("x", 2), ("a", 3), ("m", 1)):
            await store.put_definition(definition(id, id, created_at=T0 + timedelta(minutes=minutes)), replaces=None)
        assert [each.id for each in await store.definitions()] == ["m", "x", "a"]

    async def test_a_taken_name_or_id_is_a_conflict(self, store: Store) -> None:
        await store.put_definition(definition("d1", "orders"), replaces=None)
        for rival in (definition("d2", "orders"), definition("d1", "bills"), definition("d1", "orders")):
            with pytest.raises(Conflict):
                await store.put_definition(rival, replaces=None)
        assert [each.name for each in await store.definitions()] == ["orders"]

    async def test_a_definition_is_replaced_only_from_the_revision_it_has(self, store: Store) -> None:
        await store.put_definition(definition("d1", "orders", digest="v1"), replaces=None)
        await store.put_definition(definition("d1", "renamed", digest="v2", revision=2), replaces=1)
        with pytest.raises(Conflict):
            await store.put_definition(definition("d1", "orders", digest="v3", revision=2), replaces=1)
        with pytest.raises(Conflict):
            await store.put_definition(definition("d9", "new", digest="v1", revision=2), replaces=1)
        assert (found := await store.definition("renamed")) is not None
        assert found.digest == "v2"
        assert await store.definition("orders") is None
        assert await store.document("v3") is None

    async def test_a_replacement_cannot_take_anothers_name(self, store: Store) -> None:
        await store.put_definition(definition("d1", "orders", digest="v1"), replaces=None)
        await store.put_definition(definition("d2", "bills", digest="w1"), replaces=None)
        with pytest.raises(Conflict):
            await store.put_definition(definition("d1", "bills", digest="v2", revision=2), replaces=1)
        assert (found := await store.definition("bills")) is not None
        assert found.id == "d2"

    async def test_documents_stay_pinned(self, store: Store) -> None:
        first, second = Payload({"steps": [1]}), Payload({"steps": [2], "big": "y" * 5000})
        await store.put_definition(definition("d1", "orders", digest="v1", document=first), replaces=None)
        await store.put_definition(definition("d1", "orders", digest="v2", document=second, revision=2), replaces=1)
        assert await store.delete_definition("d1")
        assert not await store.delete_definition("d1")
        assert await store.definition("d1") is None
        assert await store.document("v1") == Pinned(dialect="asl", document=first)
        assert await store.document("v2") == Pinned(dialect="asl", document=second)
        assert await store.document("v3") is None

    async def test_what_is_known_of_a_machine_comes_back(self, store: Store) -> None:
        version = Version(number=1, digest="v1", created_at=T0, role_arn="arn:r", logging={"level": "OFF"})
        alias = Alias(name="live", routes=(Route(version=1, weight=100),), created_at=T0, updated_at=LATER)
        machine = Machine(is_express=True, tags={"a": ""}, versions=(version,), aliases=(alias,), versions_made=3)
        made = msgspec.structs.replace(definition("d1", "orders"), machine=machine, identity={"region": "eu-west-1"})
        await store.put_definition(made, replaces=None)
        assert await store.definition("d1") == made
        assert await store.definitions() == [made]
        assert (pinned := await store.document(made.digest)) is not None
        assert pinned.identity == {"region": "eu-west-1"}

    async def test_a_documents_text_stays_as_it_was_written(self, store: Store) -> None:
        text = b'{ "a":1.0,\n "b" : "\\u00e9" }'
        await store.put_definition(definition("d1", "orders", document=Payload.from_encoded(text)), replaces=None)
        assert (found := await store.definition("d1")) is not None
        assert found.document.encoded == text

    # records

    async def test_a_record_is_replaced_only_from_the_revision_it_has(self, store: Store) -> None:
        await store.put_record(record("a", 1), replaces=None)
        for replaces in (None, 2):
            with pytest.raises(Conflict):
                await store.put_record(record("a", 2, revision=9), replaces=replaces)
        await store.put_record(record("a", 3, revision=2), replaces=1)
        with pytest.raises(Conflict):
            await store.put_record(record("b", 1, revision=2), replaces=1)
        assert await store.record("activity", "a") == record("a", 3, revision=2)
        assert await store.record("activity", "b") is None
        assert await store.record("other", "a") is None

    async def test_records_are_listed_by_key_and_forgotten(self, store: Store) -> None:
        for key in ("b", "a", "c"):
            await store.put_record(record(key, key), replaces=None)
        await store.put_record(Record(kind="other", key="x", value=Payload(None)), replaces=None)
        assert await store.delete_record("activity", "b")
        assert not await store.delete_record("activity", "b")
        assert [each.key for each in await store.records("activity")] == ["a", "c"]

    # create, load, describe

    async def test_create_stores_once_per_id(self, store: Store) -> None:
        first = await store.create(execution("e1", value=1), [start()])
        again = await store.create(execution("e1", value=2), [start("other")])
        assert first.is_new
        assert not again.is_new
        assert again.head == first.head
        assert again.head.input.value == 1
        epoch = await store.acquire(0)
        assert [work.id for _, work in (await store.claim(0, epoch, T0, 10)).work] == ["0.1"]

    async def test_concurrent_creates_store_once(self, store: Store) -> None:
        created = await asyncio.gather(*(store.create(execution("e1", value=n), [start()]) for n in range(5)))
        assert sum(each.is_new for each in created) == 1
        assert len({each.head.input for each in created}) == 1

    async def test_what_is_not_there_is_none(self, store: Store) -> None:
        assert await store.load("nobody") is None
        assert await store.describe("nobody") is None
        assert await store.events("nobody", 0, 10) == []

    async def test_load_returns_its_own_execution(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        loaded = await stored(store, "e1")
        assert loaded == kept
        loaded.frames.clear()
        kept.frames.clear()
        assert len((await stored(store, "e1")).frames) == 1

    # commit

    async def test_a_commit_changes_head_frames_events_and_work(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        step = make_step(kept, frames={1: None, 2: frame(2)}, events=2, work=[timer("t", LATER)], consumed=["1.1"])
        await store.commit(step, epoch=epoch)
        kept.apply(step)
        assert await stored(store, "e1") == kept
        assert await store.describe("e1") == kept.head
        assert [event.seq for event in await store.events("e1", 0, 10)] == [1, 2, 3]
        assert await store.acquire(0) > epoch
        assert await claimable(store, epoch + 1) == ["t"]

    async def test_a_stale_version_is_a_conflict_and_writes_nothing(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        step = make_step(kept, frames={1: None, 7: frame(7)}, events=1, work=[timer("t", T0)], consumed=["1.1"])
        for version in (kept.head.version, kept.head.version + 2):
            head = msgspec.structs.replace(step.head, version=version)
            with pytest.raises(Conflict):
                await store.commit(msgspec.structs.replace(step, head=head), epoch=epoch)
        await assert_untouched(store, kept)

    async def test_a_commit_to_nobody_is_a_conflict(self, store: Store) -> None:
        epoch = await store.acquire(0)
        with pytest.raises(Conflict):
            await store.commit(make_step(execution("nobody"), events=1), epoch=epoch)
        assert await store.load("nobody") is None
        assert await store.outbox(0, 0, 10) == []

    async def test_an_old_epoch_is_fenced_and_writes_nothing(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        await store.acquire(0)
        step = make_step(kept, frames={1: None}, events=1, work=[timer("t", T0)], consumed=["1.1"])
        with pytest.raises(Fenced):
            await store.commit(step, epoch=epoch)
        await assert_untouched(store, kept)

    async def test_a_partition_nobody_owns_is_fenced(self, store: Store) -> None:
        await store.create(execution("e1"), [start()])
        for epoch in (0, 1):
            with pytest.raises(Fenced):
                await store.claim(0, epoch + 1, T0, 1)
        with pytest.raises(Fenced):
            await store.commit(make_step(execution("e1"), events=1), epoch=1)

    async def test_other_partitions_do_not_fence(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        for _ in range(3):
            await store.acquire(1)
        await store.commit(make_step(kept, events=1), epoch=epoch)

    async def test_concurrent_commits_fail_one_by_one(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = [await begun(store, f"e{n}", epoch) for n in range(10)]
        steps = [make_step(each, events=1) for each in kept]
        steps[3].head.version += 1
        outcomes = await asyncio.gather(
            *(store.commit(step, epoch=epoch - (n == 7)) for n, step in enumerate(steps)), return_exceptions=True
        )
        assert isinstance(outcomes[3], Conflict)
        assert isinstance(outcomes[7], Fenced)
        assert [outcome for n, outcome in enumerate(outcomes) if n not in (3, 7)] == [None] * 8
        assert [(await stored(store, f"e{n}")).head.version for n in range(10)] == [2, 2, 2, 1, 2, 2, 2, 1, 2, 2]

    async def test_commits_take_effect_in_the_order_they_were_called(self, store: Store) -> None:
        epoch = await store.acquire(0)
        a, b = await begun(store, "a", epoch), await begun(store, "b", epoch)
        steps = []
        for kept in (a, b, a, a, b):
            steps.append(make_step(kept, events=1))
            kept.apply(steps[-1])
        await asyncio.gather(*(store.commit(step, epoch=epoch) for step in steps))
        assert await stored(store, "a") == a
        assert [each.execution_id for each in await store.outbox(0, 0, 99)] == ["a", "b", "a", "b", "a", "a", "b"]

    async def test_a_value_that_cannot_be_kept_fails_its_own_commit_only(self, store: Store) -> None:
        if not self.durable:
            pytest.skip("a store without encoding keeps anything")
        epoch = await store.acquire(0)
        good, bad = await begun(store, "good", epoch), await begun(store, "bad", epoch)
        broken = make_step(bad, frames={1: frame(1, Payload(object()))}, events=1)
        outcomes = await asyncio.gather(
            store.commit(make_step(good, events=1), epoch=epoch), store.commit(broken, epoch=epoch), return_exceptions=True
        )
        assert outcomes[0] is None
        assert isinstance(outcomes[1], Exception)
        assert await stored(store, "bad") == bad

    async def test_work_may_be_replaced_under_its_own_id(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        await store.commit(make_step(kept, work=[timer("1.1", LATER)], consumed=["1.1"]), epoch=epoch)
        claimed = await store.claim(0, epoch, LATER, 9)
        assert [work for _, work in claimed.work] == [timer("1.1", LATER)]

    async def test_large_payloads_come_back(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = execution("e1", value=LARGE.value)
        await store.create(kept, [invoke("0.1", T0, LARGE)])
        step = make_step(kept, frames={1: frame(1, LARGE)}, events=[entered(1, LARGE)], work=[invoke("1.1", LATER, LARGE)])
        await store.commit(step, epoch=epoch)
        kept.apply(step)
        assert await stored(store, "e1") == kept
        assert (await store.list(Query())).heads == [kept.head]
        assert await store.events("e1", 0, 9) == step.events
        assert [each.events[0] for each in await store.outbox(0, 0, 9)] == step.events
        assert {work.id: work for _, work in (await store.claim(0, epoch, LATER, 9)).work} == {
            "0.1": invoke("0.1", T0, LARGE), "1.1": invoke("1.1", LATER, LARGE)
        }  # fmt: skip

    async def test_a_thousand_frames(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = execution("e1")
        await store.create(kept, [])
        step = make_step(kept, frames={n: frame(n, Payload({"n": n})) for n in range(1, 1001)}, events=1)
        await store.commit(step, epoch=epoch)
        kept.apply(step)
        step = make_step(kept, frames={n: None if n % 3 else frame(n, Payload("again")) for n in range(1, 1001, 2)}, events=1)
        await store.commit(step, epoch=epoch)
        kept.apply(step)
        assert await stored(store, "e1") == kept

    # acquire and claim

    async def test_epochs_rise(self, store: Store) -> None:
        epochs = [await store.acquire(0) for _ in range(3)]
        assert epochs == sorted(set(epochs))
        assert await store.acquire(1) > 0

    async def test_a_row_is_given_to_an_epoch_once(self, store: Store) -> None:
        epoch = await store.acquire(0)
        await store.create(execution("e1"), [start()])
        assert list((await store.claim(0, epoch, T0, 9)).work) == [("e1", start())]
        assert (await store.claim(0, epoch, LATER, 9)).work == []

    async def test_what_an_older_epoch_claimed_is_free_again(self, store: Store) -> None:
        epoch = await store.acquire(0)
        await store.create(execution("e1"), [start()])
        await store.claim(0, epoch, T0, 9)
        assert await claimable(store, await store.acquire(0)) == ["0.1"]
        with pytest.raises(Fenced):
            await store.claim(0, epoch, T0, 9)

    async def test_claims_are_due_earliest_first_and_limited(self, store: Store) -> None:
        epoch = await store.acquire(0)
        rows = [timer(f"t{n}", T0 + timedelta(milliseconds=n)) for n in (4, 1, 3, 2, 5)]
        await store.create(execution("e1"), rows)
        claimed = await store.claim(0, epoch, T0 + timedelta(milliseconds=4), 2)
        assert [work.id for _, work in claimed.work] == ["t1", "t2"]
        assert claimed.next_due_at == T0 + timedelta(milliseconds=3)
        claimed = await store.claim(0, epoch, T0 + timedelta(milliseconds=4), 9)
        assert [work.id for _, work in claimed.work] == ["t3", "t4"]
        assert claimed.next_due_at == T0 + timedelta(milliseconds=5)
        claimed = await store.claim(0, epoch, T0 + timedelta(milliseconds=5), 9)
        assert claimed.next_due_at is None

    async def test_claims_stay_in_their_partition(self, store: Store) -> None:
        epoch = await store.acquire(1)
        await store.create(execution("e0"), [start()])
        await store.create(execution("e1", partition=1), [start()])
        assert [id for id, _ in (await store.claim(1, epoch, T0, 9)).work] == ["e1"]

    async def test_work_created_by_its_owner_is_born_claimed(self, store: Store) -> None:
        epoch = await store.acquire(0)
        await store.create(execution("e1"), [start()], epoch=epoch)
        claimed = await store.claim(0, epoch, LATER, 9)
        assert claimed.work == []
        assert claimed.next_due_at is None
        assert await claimable(store, await store.acquire(0)) == ["0.1"]

    async def test_work_created_by_a_former_owner_is_free(self, store: Store) -> None:
        epoch = await store.acquire(0)
        now = await store.acquire(0)
        await store.create(execution("e1"), [start()], epoch=epoch)
        assert await claimable(store, now) == ["0.1"]

    async def test_new_work_due_at_once_is_born_claimed_but_timers_are_not(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = execution("e1")
        await store.create(kept, [])
        rows: list[AnyWork] = [invoke("i", T0), start("d"), timer("t", T0), start("late", LATER)]
        await store.commit(make_step(kept, work=rows), epoch=epoch)
        assert await claimable(store, epoch) == ["late", "t"]
        assert await claimable(store, await store.acquire(0)) == ["d", "i", "late", "t"]

    async def test_consumed_and_cancelled_work_is_never_given_again(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = execution("e1")
        await store.create(kept, [timer("a", T0), timer("b", T0), timer("c", T0)])
        await store.commit(make_step(kept, consumed=["a", "unknown"], cancelled=["b"]), epoch=epoch)
        assert await claimable(store, await store.acquire(0)) == ["c"]

    # post

    async def test_posted_work_is_unclaimed_and_idempotent(self, store: Store) -> None:
        epoch = await store.acquire(0)
        await begun(store, "e1", epoch)
        assert await store.post("e1", 0, [start("in-1"), start("in-2")])
        assert await store.post("e1", 0, [start("in-1")])
        assert await claimable(store, epoch) == ["in-1", "in-2"]
        assert await store.post("e1", 0, [start("in-1")])
        assert await claimable(store, epoch) == []

    async def test_posting_to_nobody_writes_nothing(self, store: Store) -> None:
        epoch = await store.acquire(0)
        assert not await store.post("nobody", 0, [start("in-1")])
        assert await claimable(store, epoch) == []

    async def test_large_posts_come_back(self, store: Store) -> None:
        epoch = await store.acquire(0)
        await begun(store, "e1", epoch)
        await store.post("e1", 0, [invoke("in-1", T0, LARGE)])
        assert (await store.claim(0, epoch, T0, 9)).work == [("e1", invoke("in-1", T0, LARGE))]

    # suspend

    async def test_a_suspended_execution_is_parked_until_the_next_acquire(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        await store.post("e1", 0, [start("in-1")])
        await store.suspend("e1", epoch, "Traceback: oh")
        await store.post("e1", 0, [start("in-2")])
        assert (head := await store.describe("e1")) is not None
        assert (head.status, head.suspension, head.version) == (Status.SUSPENDED, "Traceback: oh", kept.head.version + 1)
        claimed = await store.claim(0, epoch, LATER, 9)
        assert claimed.work == []
        assert claimed.next_due_at is None
        epoch = await store.acquire(0)
        assert await store.describe("e1") == head
        await store.post("e1", 0, [start("in-3")])
        assert await claimable(store, epoch) == ["1.1", "in-1", "in-2", "in-3"]
        kept = await stored(store, "e1")
        await store.commit(make_step(kept, events=1), epoch=epoch)

    async def test_suspending_is_fenced(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        await store.acquire(0)
        with pytest.raises(Fenced):
            await store.suspend("e1", epoch, "late")
        await assert_untouched(store, kept)

    async def test_suspending_keeps_large_payloads(self, store: Store) -> None:
        epoch = await store.acquire(0)
        await store.create(execution("e1", value=LARGE.value), [])
        await store.suspend("e1", epoch, "why")
        assert (await stored(store, "e1")).head.input == LARGE

    # list, counts, delete

    async def test_listing_is_newest_first_in_pages(self, store: Store) -> None:
        for n in range(7):
            await store.create(execution(f"e{n}", started_at=T0 + timedelta(seconds=n // 2)), [])
        assert await pages(store, Query(limit=3)) == [["e6", "e5", "e4"], ["e3", "e2", "e1"], ["e0"]]

    async def test_a_full_last_page_has_no_cursor(self, store: Store) -> None:
        for n in range(4):
            await store.create(execution(f"e{n}"), [])
        assert await pages(store, Query(limit=2)) == [["e3", "e2"], ["e1", "e0"]]
        assert await store.list(Query(definition_id="none")) == Page(heads=[])

    async def test_what_was_there_before_the_first_page_appears_once(self, store: Store) -> None:
        for n in range(6):
            await store.create(execution(f"m{n}"), [])
        page = await store.list(Query(limit=2))
        seen = [head.id for head in page.heads]
        for number, id in enumerate(("a0", "m00", "z0", "z1")):
            await store.create(execution(id, started_at=T0 + timedelta(seconds=number)), [])
        while page.cursor is not None:
            page = await store.list(Query(limit=2, cursor=page.cursor))
            seen += [head.id for head in page.heads]
        assert [id for id in seen if id in {f"m{n}" for n in range(6)}] == [f"m{n}" for n in reversed(range(6))]

    async def test_listing_filters(self, store: Store) -> None:
        epoch = await store.acquire(0)
        for n in range(4):
            await store.create(execution(f"e{n}", definition_id=f"d{n % 2}", started_at=T0 + timedelta(seconds=n)), [])
        await store.commit(make_step(await stored(store, "e1"), status=Status.FAILED), epoch=epoch)
        await store.commit(make_step(await stored(store, "e2"), status=Status.SUCCEEDED), epoch=epoch)

        async def ids(query: Query) -> list[str]:
            return [head.id for head in (await store.list(query)).heads]

        assert await ids(Query(definition_id="d1")) == ["e3", "e1"]
        assert await ids(Query(statuses=frozenset({Status.FAILED, Status.SUCCEEDED}))) == ["e2", "e1"]
        assert await ids(Query(statuses=frozenset({Status.FAILED}), definition_id="d0")) == []
        assert await ids(Query(started_from=T0 + timedelta(seconds=1), started_before=T0 + timedelta(seconds=3))) == ["e2", "e1"]
        assert await store.counts() == {Status.PENDING: 2, Status.FAILED: 1, Status.SUCCEEDED: 1}

    async def test_a_made_up_cursor_is_refused(self, store: Store) -> None:
        with pytest.raises(InvalidRequest):
            await store.list(Query(cursor="page 2"))

    async def test_only_ended_executions_can_be_deleted(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch, LARGE)
        other = await begun(store, "e2", epoch, LARGE)
        assert not await store.delete("nobody")
        assert not await store.delete("e1")
        await store.commit(make_step(kept, events=1, status=Status.SUCCEEDED, work=[timer("t", T0)]), epoch=epoch)
        assert await store.delete("e1")
        assert not await store.delete("e1")
        assert await store.load("e1") is None
        assert await store.events("e1", 0, 9) == []
        assert await claimable(store, epoch) == []
        assert await stored(store, "e2") == other
        assert [each.execution_id for each in await store.outbox(0, 0, 9)] == ["e2"]
        assert (await store.create(execution("e1"), [])).is_new

    # events, outbox, cursors

    async def test_events_are_read_by_range(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = execution("e1")
        await store.create(kept, [])
        for count in (3, 1, 4):
            step = make_step(kept, events=count)
            await store.commit(step, epoch=epoch)
            kept.apply(step)

        async def seqs(after: int, limit: int) -> list[int]:
            return [event.seq for event in await store.events("e1", after, limit)]

        assert await seqs(0, 100) == list(range(1, 9))
        assert await seqs(2, 3) == [3, 4, 5]
        assert await seqs(4, 1) == [5]
        assert await seqs(8, 5) == []
        assert await seqs(0, 0) == []

    async def test_the_outbox_gives_commits_in_order_behind_a_cursor(self, store: Store) -> None:
        epoch = await store.acquire(0)
        a, b = await begun(store, "a", epoch), await begun(store, "b", epoch)
        quiet = make_step(a)
        await store.commit(quiet, epoch=epoch)
        a.apply(quiet)
        await store.commit(make_step(b, events=2), epoch=epoch)
        await store.commit(make_step(a, events=1), epoch=epoch)
        shown = await store.outbox(0, 0, 99)
        assert [(each.execution_id, [event.seq for event in each.events]) for each in shown] == [
            ("a", [1]), ("b", [1]), ("b", [2, 3]), ("a", [2])
        ]  # fmt: skip
        assert {(each.definition_id, each.definition_name) for each in shown} == {("d1", "orders")}
        cursors = [each.cursor for each in shown]
        assert cursors == sorted(set(cursors))
        assert cursors[0] > 0
        assert await store.outbox(0, cursors[1], 1) == shown[2:3]
        assert await store.outbox(0, cursors[3], 9) == []
        assert await store.outbox(1, 0, 9) == []

    async def test_the_end_of_the_outbox_is_behind_the_latest_commit(self, store: Store) -> None:
        epoch = await store.acquire(0)
        assert await store.outbox_end(0) == 0
        kept = await begun(store, "e1", epoch)
        await store.commit(make_step(kept, events=1), epoch=epoch)
        assert await store.outbox_end(0) == (await store.outbox(0, 0, 9))[-1].cursor
        assert await store.outbox_end(1) == 0

    async def test_what_the_outbox_showed_stays_the_prefix(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = [await begun(store, f"e{n}", epoch) for n in range(5)]
        shown: Sequence[Any] = []
        for _ in range(4):
            steps = [make_step(each, events=1) for each in kept]
            writes = asyncio.gather(*(store.commit(step, epoch=epoch) for step in steps))
            now = await store.outbox(0, 0, 999)
            assert now[: len(shown)] == shown
            shown = now
            await writes
            for each, step in zip(kept, steps, strict=True):
                each.apply(step)
        assert (await store.outbox(0, 0, 999))[: len(shown)] == shown

    async def test_positions_are_not_used_again_after_a_deletion(self, store: Store) -> None:
        epoch = await store.acquire(0)
        kept = await begun(store, "e1", epoch)
        await store.commit(make_step(kept, events=1, status=Status.FAILED), epoch=epoch)
        last = (await store.outbox(0, 0, 9))[-1].cursor
        await store.delete("e1")
        await begun(store, "e2", epoch)
        assert [each.cursor > last for each in await store.outbox(0, 0, 9)] == [True]

    async def test_cursors_are_kept_by_partition_and_sink(self, store: Store) -> None:
        assert await store.cursor(0, "kafka") == 0
        await store.save_cursor(0, "kafka", 5)
        await store.save_cursor(0, "kafka", 7)
        await store.save_cursor(1, "kafka", 3)
        assert [await store.cursor(0, "kafka"), await store.cursor(1, "kafka"), await store.cursor(0, "sse")] == [7, 3, 0]

    # durability and the model

    async def test_everything_survives_reopening(self, tmp_path: Path) -> None:
        if not self.durable:
            pytest.skip("this store forgets when it is closed")
        store = await self.open_store(tmp_path)
        epoch = await store.acquire(0)
        await store.put_definition(definition("d1", "orders"), replaces=None)
        kept = await begun(store, "e1", epoch, LARGE)
        await store.post("e1", 0, [start("in-1")])
        await store.save_cursor(0, "sse", 1)
        shown = await store.outbox(0, 0, 9)
        await store.close()
        store = await self.open_store(tmp_path)
        assert await stored(store, "e1") == kept
        assert await store.outbox(0, 0, 9) == shown
        assert await store.cursor(0, "sse") == 1
        assert await store.definition("d1") == definition("d1", "orders")
        assert (now := await store.acquire(0)) > epoch
        assert await claimable(store, now) == ["1.1", "in-1"]
        await store.close()

    @given(script=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2**16)), max_size=20))
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])
    async def test_what_is_stored_equals_the_steps_applied(self, script: list[tuple[int, int]]) -> None:
        with tempfile.TemporaryDirectory() as place:
            store = await self.open_store(Path(place))
            epoch = await store.acquire(0)
            model = [execution(f"e{n}") for n in range(3)]
            owed: list[dict[str, AnyWork]] = [{}, {}, {}]
            events: list[list[AnyEvent]] = [[], [], []]
            for each in model:
                await store.create(Execution(each.head, dict(each.frames)), [])
            for which, bits in script:
                step = step_from_bits(model[which], owed[which], bits)
                await store.commit(step, epoch=epoch)
                model[which].apply(step)
                events[which] += step.events
                for id in (*step.consumed, *step.cancelled):
                    owed[which].pop(id)
                owed[which].update((work.id, work) for work in step.work)
            if self.durable:
                await store.close()
                store = await self.open_store(Path(place))
            for each, history in zip(model, events, strict=True):
                assert await stored(store, each.head.id) == each
                assert await store.events(each.head.id, 0, 999) == history
            claimed = await store.claim(0, await store.acquire(0), LATER, 999)
            assert {(id, work.id): work for id, work in claimed.work} == {
                (f"e{n}", id): work for n, rows in enumerate(owed) for id, work in rows.items()
            }
            await store.close()


# --- builders ------------------------------------------------------------------------------------------------------------------


def definition(
    id: str, name: str, *, digest: str = "", document: Payload | None = None, created_at: datetime = T0, revision: int = 1
) -> Definition:
    """Make a definition whose digest is its id unless told."""
    return Definition(
        id=id, name=name, dialect="asl", document=document or Payload({"for": digest or id}), digest=digest or id,
        created_at=created_at, updated_at=created_at, revision=revision,
    )  # fmt: skip


def record(key: str, value: Any, *, revision: int = 1) -> Record:
    """Make a record of the kind activity."""
    return Record(kind="activity", key=key, value=Payload(value), revision=revision)


def execution(id: str, *, value: Any = None, partition: int = 0, started_at: datetime = T0, definition_id: str = "d1") -> Execution:
    """Make an execution that has not begun, with `value` as its input."""
    return create_execution(
        id=id, name=id, definition="digest", definition_id=definition_id, definition_name="orders", partition=partition,
        seed=2**64 - 1, input=Payload(value), at=started_at,
    )  # fmt: skip


def frame(id: int, input: Payload | None = None) -> Frame:
    """Make a frame that waits for work `<id>.1`."""
    return Frame(
        id=id, parent=None if id == 1 else 1, path=("Map", id), node="Charge", input=input or Payload({"frame": id}),
        status=FrameStatus.WAITING, attempt=1, entered_at=T0, memo=TaskMemo(f"{id}.1"),
    )  # fmt: skip


def entered(seq: int, input: Payload | None = None) -> NodeEntered:
    """Make an event."""
    return NodeEntered(seq=seq, at=T0, frame=1, path=("Map", 0), node="Charge", kind="task", input=input or Payload(seq))


def start(id: str = "0.1", due_at: datetime = T0) -> Deliver:
    """Make work that delivers `Start`."""
    return Deliver(id=id, due_at=due_at, message=Start(at=due_at))


def timer(id: str, due_at: datetime) -> Timer:
    """Make a timer."""
    return Timer(id=id, due_at=due_at)


def invoke(id: str, due_at: datetime, arguments: Payload | None = None) -> Invoke:
    """Make a call of a function."""
    return Invoke(
        id=id, due_at=due_at, node="Charge", path=("Map", 0), resource=Resource("function", "charge"),
        arguments=arguments or Payload({"amount": 1.5}), attempt=1,
    )  # fmt: skip


def make_step(
    kept: Execution,
    *,
    frames: dict[int, Frame | None] | None = None,
    events: int | list[AnyEvent] | list[NodeEntered] = 0,
    work: Sequence[AnyWork] = (),
    consumed: Sequence[str] = (),
    cancelled: Sequence[str] = (),
    status: Status = Status.RUNNING,
) -> Step:
    """Make the next step of `kept`; a number of `events` is numbered on from its head."""
    first = kept.head.next_seq
    made: list[AnyEvent] = [entered(first + n) for n in range(events)] if isinstance(events, int) else [*events]
    ended_at = T0 if status in ENDED else None
    head = msgspec.structs.replace(
        kept.head, version=kept.head.version + 1, status=status, next_seq=first + len(made), ended_at=ended_at
    )
    return Step(head=head, frames=frames or {}, events=made, work=[*work], cancelled=[*cancelled], consumed=[*consumed])


def step_from_bits(kept: Execution, owed: dict[str, AnyWork], bits: int) -> Step:
    """Make a step that a random number describes: which frames come and go, what is owed and what no more."""
    version, size = kept.head.version + 1, 5 + (bits % 7) * 400
    shared = Payload({"bits": bits, "pad": "é" * size})
    frames: dict[int, Frame | None] = {id: None for id in kept.frames if (bits >> id) & 1}
    frames |= {id: frame(id, shared) for id in range(1, 6) if (bits >> (id + 5)) & 1}
    seq = kept.head.next_seq
    events: list[AnyEvent] = [entered(seq, shared), ExecutionStarted(seq=seq + 1, at=T0, input=shared)]
    gone = [id for place, id in enumerate(owed) if (bits >> place) & 1]
    work: list[AnyWork] = [timer(f"{version}.t", T0), invoke(f"{version}.i", T0, shared), start(f"{version}.d", LATER)]
    return make_step(kept, frames=frames, events=events[: bits % 3], work=work[: bits % 4], consumed=gone[:1], cancelled=gone[1:])


async def begun(store: Store, id: str, epoch: int, input: Payload | None = None) -> Execution:
    """Create an execution and commit its first step: frame 1 waits for the claimed row `1.1`; one event."""
    kept = execution(id)
    await store.create(kept, [start()], epoch=epoch)
    step = make_step(kept, frames={1: frame(1, input)}, events=[entered(1, input)], work=[invoke("1.1", T0)], consumed=["0.1"])
    await store.commit(step, epoch=epoch)
    kept.apply(step)
    return kept


async def stored(store: Store, id: str) -> Execution:
    """Load what must be there."""
    found = await store.load(id)
    assert found is not None
    return found


async def claimable(store: Store, epoch: int) -> list[str]:
    """Claim everything in partition 0, now and later; return the ids, sorted."""
    return sorted(work.id for _, work in (await store.claim(0, epoch, LATER, 999)).work)


async def pages(store: Store, query: Query) -> list[list[str]]:
    """Return the ids of all pages."""
    found = []
    while True:
        page = await store.list(query)
        found.append([head.id for head in page.heads])
        if page.cursor is None:
            return found
        query = msgspec.structs.replace(query, cursor=page.cursor)


async def assert_untouched(store: Store, kept: Execution) -> None:
    """Check that an execution from `begun` is as it was, with its one event and its one row of work."""
    assert await stored(store, kept.head.id) == kept
    assert [event.seq for event in await store.events(kept.head.id, 0, 99)] == [1]
    assert len(await store.outbox(0, 0, 99)) == 1
    assert await claimable(store, await store.acquire(0)) == ["1.1"]
