"""The memory store passes the store suite."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("conductor_local.testing.store_suite")

from conductor_local.runtime.ports import Store  # noqa: E402
from conductor_local.stores.memory import MemoryStore  # noqa: E402
from conductor_local.testing.store_suite import StoreSuite  # noqa: E402


class TestMemoryStore(StoreSuite):
    async def open_store(self, place: Path) -> Store:
        store = MemoryStore()
        await store.open()
        return store
