"""The memory store passes the store suite."""

from pathlib import Path

from conductor_local.runtime.ports import Store
from conductor_local.stores.memory import MemoryStore
from conductor_local.testing.store_suite import StoreSuite


class TestMemoryStore(StoreSuite):
    async def open_store(self, place: Path) -> Store:
        store = MemoryStore()
        await store.open()
        return store
