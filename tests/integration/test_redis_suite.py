"""The Redis store passes the store suite on a real Redis: with one partition, and with four."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from tests.integration.redis_places import forget_all, prefix_of

from conductor_local.engine.effects import AnyWork
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Execution, Head, Step
from conductor_local.runtime.ids import partition_of
from conductor_local.runtime.ports import Claimed, Created, Page, Published, Query, Store
from conductor_local.stores.redis import RedisStore
from conductor_local.testing.store_suite import StoreSuite


@pytest.fixture(scope="module", autouse=True)
def clean(redis_url: str) -> Iterator[None]:
    """Leave nothing behind."""
    yield
    forget_all(redis_url)


class TestRedisStore(StoreSuite):
    durable = True

    @pytest.fixture(autouse=True)
    def service(self, redis_url: str) -> None:
        type(self).url = redis_url

    async def open_store(self, place: Path) -> Store:
        store = RedisStore(self.url, prefix=prefix_of(place))
        await store.open()
        return store

    async def test_claims_stay_in_their_partition(self, store: Store) -> None:
        pytest.skip("there is one partition only; the same test runs with four")


class TestRedisStoreWithFourPartitions(StoreSuite):
    durable = True

    @pytest.fixture(autouse=True)
    def service(self, redis_url: str) -> None:
        type(self).url = redis_url

    async def open_store(self, place: Path) -> Store:
        store = RedisStore(self.url, prefix=prefix_of(place), partitions=4)
        await store.open()
        return cast("Store", Renaming(store))


def renamed(id: str, partition: int = 0) -> str:
    """Lengthen an id until it lies in a partition. The tail sorts before whatever else an id may go on with."""
    return next(name for tail in count() if partition_of(name := f"{id}!{tail}", 4) == partition)


def plain(id: str) -> str:
    return id.partition("!")[0]


class Renaming:
    """A store whose ids are changed on their way in and out, so that each lies in the partition that the suite says."""

    def __init__(self, store: RedisStore) -> None:
        self.store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def create(self, execution: Execution, work: Sequence[AnyWork], *, epoch: int | None = None) -> Created:
        made = await self.store.create(Execution(inward(execution.head), execution.frames), work, epoch=epoch)
        return Created(head=outward(made.head), is_new=made.is_new)

    async def load(self, execution_id: str) -> Execution | None:
        found = await self.store.load(renamed(execution_id))
        return Execution(outward(found.head), found.frames) if found else None

    async def commit(self, step: Step, *, epoch: int) -> None:
        await self.store.commit(msgspec.structs.replace(step, head=inward(step.head)), epoch=epoch)

    async def post(self, execution_id: str, partition: int, work: Sequence[AnyWork]) -> bool:
        return await self.store.post(renamed(execution_id), partition, work)

    async def describe(self, execution_id: str) -> Head | None:
        found = await self.store.describe(renamed(execution_id))
        return outward(found) if found else None

    async def list(self, query: Query) -> Page:
        page = await self.store.list(query)
        return Page(heads=[outward(head) for head in page.heads], cursor=page.cursor)

    async def delete(self, execution_id: str) -> bool:
        return await self.store.delete(renamed(execution_id))

    async def claim(self, partition: int, epoch: int, now: datetime, limit: int) -> Claimed:
        claimed = await self.store.claim(partition, epoch, now, limit)
        return Claimed(work=[(plain(id), work) for id, work in claimed.work], next_due_at=claimed.next_due_at)

    async def suspend(self, execution_id: str, epoch: int, reason: str) -> None:
        await self.store.suspend(renamed(execution_id), epoch, reason)

    async def events(self, execution_id: str, after: int, limit: int) -> Sequence[AnyEvent]:
        return await self.store.events(renamed(execution_id), after, limit)

    async def outbox(self, partition: int, cursor: int, limit: int) -> Sequence[Published]:
        shown = await self.store.outbox(partition, cursor, limit)
        return [msgspec.structs.replace(each, execution_id=plain(each.execution_id)) for each in shown]


def inward(head: Head) -> Head:
    return msgspec.structs.replace(head, id=renamed(head.id, head.partition))


def outward(head: Head) -> Head:
    return msgspec.structs.replace(head, id=plain(head.id))
