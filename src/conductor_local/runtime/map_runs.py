"""The executions of map runs, for their runner: `ports.ItemExecutions` over the store and the service."""

import asyncio
from contextlib import AbstractContextManager, suppress

from conductor_local.engine.effects import Deliver
from conductor_local.engine.items import Select, item_values
from conductor_local.engine.messages import AnyMessage, Redrive, RunCounted, Stop, WorkId
from conductor_local.engine.state import ENDED, Execution, Head, MapRunMemo
from conductor_local.errors import Conflict
from conductor_local.language.asl import Identity
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.ids import item_id
from conductor_local.runtime.map_run_views import RUN_RECORD
from conductor_local.runtime.ports import Bus, Clock, Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.records import Record
from conductor_local.runtime.service import Service


class Items:
    """What `ports.ItemExecutions` says."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, programs: Programs, changes: Changes, service: Service) -> None:
        self._store, self._bus, self._clock = store, bus, clock
        self._programs, self._changes, self._service = programs, changes, service

    async def head(self, id: str) -> Head | None:
        """Return an execution as of its latest commit."""
        return await self._store.describe(id)

    async def values(self, parent: Head, work_id: WorkId) -> Select | None:
        """Return what makes an item's value."""
        execution = await self._store.load(parent.id)
        if execution is None:
            return None
        return item_values(await self._programs.get(execution.head.definition), execution, work_id)

    async def order(self, parent: Head, work_id: WorkId) -> dict[str, Json] | None:
        """Return the order of a run as it stands now."""
        execution = await self._store.load(parent.id)
        memo = None if execution is None else memo_of(execution, work_id)
        return None if memo is None else memo.order.value

    async def identity(self, definition: str) -> Identity:
        """Return what ARNs are made of."""
        return await self._programs.identity_at(definition)

    async def note_run(self, parent: Head, run: str) -> None:
        """Remember whose a run is."""
        with suppress(Conflict):  # it is remembered already
            await self._store.put_record(Record(kind=RUN_RECORD, key=run, value=Payload(parent.id)), replaces=None)

    async def count_items(self, parent: Head, work_id: WorkId, items: int) -> None:
        """Tell how many items a reader has found."""
        await self._post(parent, RunCounted(at=self._clock.now(), work_id=work_id, items=items), f"in-count-{work_id}")

    async def start_item(
        self, parent: Head, processor: str, label: str, payload: Json, *, run: str, name: str, round: int = 0
    ) -> Head:
        """Start an execution for an item, or meet it."""
        return await self._service.runs.start_item(parent, processor, label, payload, run=run, name=name, round=round)

    async def redrive_item(self, item: Head, *, round: int) -> None:
        """Ask for an ended execution to run again."""
        is_express = (await self._programs.identity_at(item.definition)).is_express
        message = Redrive(at=self._clock.now(), round=round, is_anew=is_express)
        await self._post(item, message, f"in-redrive-{round}")

    async def _post(self, head: Head, message: AnyMessage, row: WorkId) -> None:
        """Post a message under a name of its own, so that it is there once however often it is posted."""
        await self._store.post(head.id, head.partition, [Deliver(id=row, due_at=message.at, message=message)])
        await self._bus.nudge(head.partition)

    def id_of(self, parent: Head, label: str, name: str) -> str:
        """Return the id of an item's execution."""
        return item_id(parent, label, name)

    def watch(self, id: str) -> AbstractContextManager[asyncio.Event]:
        """Give an event that is set after every commit of an execution."""
        return self._changes.watch(id)

    async def stop_item(self, id: str, failure: Failure, *, round: int) -> None:
        """Ask for the end of an execution."""
        head = await self._store.describe(id)
        if head is not None and head.status not in ENDED:
            await self._post(head, Stop(at=self._clock.now(), failure=failure, round=round), f"in-stop-{round}")


def memo_of(execution: Execution, work_id: WorkId) -> MapRunMemo | None:
    """Return what is known of the run that `work_id` asked for; None when no node waits for it any more."""
    memos = (frame.memo for frame in execution.frames.values())
    return next((memo for memo in memos if isinstance(memo, MapRunMemo) and memo.work_id == work_id), None)
