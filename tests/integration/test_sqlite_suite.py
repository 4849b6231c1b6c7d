"""The SQLite store passes the store suite, at both durabilities."""

from pathlib import Path

from conductor_local.runtime.ports import Store
from conductor_local.stores.sqlite import SqliteStore
from conductor_local.testing.store_suite import StoreSuite


class TestSqliteStore(StoreSuite):
    durable = True

    async def open_store(self, place: Path) -> Store:
        store = SqliteStore(place / "conductor.db")
        await store.open()
        return store


class TestSqliteStoreAtNormalDurability(StoreSuite):
    durable = True

    async def open_store(self, place: Path) -> Store:
        store = SqliteStore(place / "conductor.db", durability="normal")
        await store.open()
        return store
