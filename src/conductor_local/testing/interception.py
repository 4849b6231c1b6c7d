"""A store in front of another: every call goes through one function that may look, wait, refuse, or do something else.

The simulator stacks them: what a process sees is faults in front of a ledger in front of the real store.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from conductor_local.engine.effects import AnyWork
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Execution, Head, Status, Step
from conductor_local.runtime.ports import Claimed, Created, Definition, Page, Pinned, Published, Query, Record, Store


class Call(msgspec.Struct, frozen=True):
    """One call of a store: the method's name and its arguments by name."""

    operation: str
    arguments: dict[str, Any]


Forward = Callable[..., Awaitable[Any]]
"""Makes the call; keyword arguments take the place of the caller's."""

Intercept = Callable[[Call, Forward], Awaitable[Any]]
"""Takes a call and how to make it; returns what the caller gets."""


class InterceptedStore:
    """Implements `Store`: hands every call to `intercept`."""

    def __init__(self, store: Store, intercept: Intercept) -> None:
        self._store = store
        self._intercept = intercept

    async def _call(self, operation: str, **arguments: Any) -> Any:
        method = getattr(self._store, operation)
        return await self._intercept(Call(operation, arguments), lambda **changes: method(**{**arguments, **changes}))

    async def open(self) -> None:
        await self._call("open")

    async def close(self) -> None:
        await self._call("close")

    async def put_definition(self, definition: Definition, *, replaces: int | None) -> None:
        await self._call("put_definition", definition=definition, replaces=replaces)

    async def definition(self, id_or_name: str) -> Definition | None:
        found: Definition | None = await self._call("definition", id_or_name=id_or_name)
        return found

    async def definitions(self) -> Sequence[Definition]:
        found: Sequence[Definition] = await self._call("definitions")
        return found

    async def delete_definition(self, id: str) -> bool:
        return bool(await self._call("delete_definition", id=id))

    async def document(self, digest: str) -> Pinned | None:
        found: Pinned | None = await self._call("document", digest=digest)
        return found

    async def put_record(self, record: Record, *, replaces: int | None) -> None:
        await self._call("put_record", record=record, replaces=replaces)

    async def record(self, kind: str, key: str) -> Record | None:
        found: Record | None = await self._call("record", kind=kind, key=key)
        return found

    async def records(self, kind: str) -> Sequence[Record]:
        found: Sequence[Record] = await self._call("records", kind=kind)
        return found

    async def delete_record(self, kind: str, key: str) -> bool:
        return bool(await self._call("delete_record", kind=kind, key=key))

    async def create(self, execution: Execution, work: Sequence[AnyWork], *, epoch: int | None = None) -> Created:
        created: Created = await self._call("create", execution=execution, work=work, epoch=epoch)
        return created

    async def load(self, execution_id: str) -> Execution | None:
        found: Execution | None = await self._call("load", execution_id=execution_id)
        return found

    async def commit(self, step: Step, *, epoch: int) -> None:
        await self._call("commit", step=step, epoch=epoch)

    async def post(self, execution_id: str, partition: int, work: Sequence[AnyWork]) -> bool:
        return bool(await self._call("post", execution_id=execution_id, partition=partition, work=work))

    async def describe(self, execution_id: str) -> Head | None:
        found: Head | None = await self._call("describe", execution_id=execution_id)
        return found

    async def list(self, query: Query) -> Page:
        page: Page = await self._call("list", query=query)
        return page

    async def counts(self) -> dict[Status, int]:
        found: dict[Status, int] = await self._call("counts")
        return found

    async def delete(self, execution_id: str) -> bool:
        return bool(await self._call("delete", execution_id=execution_id))

    async def acquire(self, partition: int) -> int:
        return int(await self._call("acquire", partition=partition))

    async def claim(self, partition: int, epoch: int, now: datetime, limit: int) -> Claimed:
        claimed: Claimed = await self._call("claim", partition=partition, epoch=epoch, now=now, limit=limit)
        return claimed

    async def suspend(self, execution_id: str, epoch: int, reason: str) -> None:
        await self._call("suspend", execution_id=execution_id, epoch=epoch, reason=reason)

    async def events(self, execution_id: str, after: int, limit: int) -> Sequence[AnyEvent]:
        found: Sequence[AnyEvent] = await self._call("events", execution_id=execution_id, after=after, limit=limit)
        return found

    async def outbox(self, partition: int, cursor: int, limit: int) -> Sequence[Published]:
        found: Sequence[Published] = await self._call("outbox", partition=partition, cursor=cursor, limit=limit)
        return found

    async def outbox_end(self, partition: int) -> int:
        return int(await self._call("outbox_end", partition=partition))

    async def cursor(self, partition: int, sink: str) -> int:
        return int(await self._call("cursor", partition=partition, sink=sink))

    async def save_cursor(self, partition: int, sink: str, cursor: int) -> None:
        await self._call("save_cursor", partition=partition, sink=sink, cursor=cursor)
