"""The executions of map runs, for their runner: `ports.ItemExecutions` over the store and the service."""

import asyncio
from contextlib import AbstractContextManager

from conductor_local.engine.items import Select, item_values
from conductor_local.engine.messages import WorkId
from conductor_local.engine.state import Head
from conductor_local.payload import Json
from conductor_local.program import Failure
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.ids import item_id
from conductor_local.runtime.ports import Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.service import Service


class Items:
    """What `ports.ItemExecutions` says."""

    def __init__(self, store: Store, programs: Programs, changes: Changes, service: Service) -> None:
        self._store, self._programs, self._changes, self._service = store, programs, changes, service

    async def head(self, id: str) -> Head | None:
        """Return an execution as of its latest commit."""
        return await self._store.describe(id)

    async def values(self, parent: Head, work_id: WorkId) -> Select | None:
        """Return what makes an item's value."""
        execution = await self._store.load(parent.id)
        if execution is None:
            return None
        return item_values(await self._programs.get(execution.head.definition), execution, work_id)

    async def start_item(self, parent: Head, processor: str, label: str, payload: Json, *, name: str) -> Head:
        """Start an execution for an item, or meet it."""
        return await self._service.start_item(parent, processor, label, payload, name=name)

    def id_of(self, parent: Head, label: str, name: str) -> str:
        """Return the id of an item's execution."""
        return item_id(parent, label, name)

    def watch(self, id: str) -> AbstractContextManager[asyncio.Event]:
        """Give an event that is set after every commit of an execution."""
        return self._changes.watch(id)

    async def stop(self, id: str, failure: Failure) -> None:
        """Ask for the end of an execution."""
        await self._service.stop(id, failure)
