"""A store in one SQLite file: write-ahead log, one writer, group commit.

Writes are encoded where they are asked for, so a value that cannot be encoded fails its own caller only, and go to the `Writer`.
Reads that find one execution or definition by key run on the event loop itself: they take tens of microseconds, less than the way
to another thread and back. Reads that may see many rows (listings, counts, events, outbox) run in a second thread, on a connection
of their own. What they find is decoded on the loop, payloads not at all.

Durable means `synchronous=FULL`: a commit returns when the disk has it. With `durability="normal"` a power cut may lose the last
moments, a crash of the process nothing. Two processes may open one file: epochs decide which of them owns a partition.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar, cast

import msgspec

from conductor_local.engine.effects import AnyWork, Timer
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Execution, Frame, Head, Status, Step
from conductor_local.errors import NotFound
from conductor_local.payload import Payload
from conductor_local.runtime.ports import Claimed, Created, Definition, Page, Pinned, Published, Query, Record
from conductor_local.runtime.records import Machine
from conductor_local.stores import sqlite_calls as calls
from conductor_local.stores.codec import Decoder, Encoder
from conductor_local.stores.instants import from_microseconds, to_microseconds
from conductor_local.stores.listing import after_cursor, cursor_of
from conductor_local.stores.sql import migrations
from conductor_local.stores.sqlite_batch import UNCLAIMED, Call, Change, Row
from conductor_local.stores.sqlite_file import Durability, open_reader, open_writer
from conductor_local.stores.sqlite_reader import Reader, Sheets
from conductor_local.stores.sqlite_writer import Writer

Answer = TypeVar("Answer")
_LAST = 2**63 - 1  # above every instant
_ALL_STATUSES = frozenset(Status)
_machine = msgspec.json.Decoder(Machine).decode


class SqliteStore:
    """Implements `Store` on the file at `path`, which is made when it is not there."""

    _writer: Writer
    _point: Reader
    _long: Reader

    def __init__(self, path: Path, *, durability: Durability = "full", busy_timeout_s: float = 5.0) -> None:
        self._path = Path(path)
        self._durability: Durability = durability
        self._busy_timeout_s = busy_timeout_s
        self._encoder = Encoder()
        self._decoder = Decoder()
        self._write_thread = ThreadPoolExecutor(1, "sqlite-write")
        self._read_thread = ThreadPoolExecutor(1, "sqlite-read")

    async def open(self) -> None:
        connect = partial(open_writer, self._path, self._durability, self._busy_timeout_s, migrations())
        connection = await asyncio.get_running_loop().run_in_executor(self._write_thread, connect)
        self._writer = Writer(connection, self._path, self._write_thread)
        self._point = Reader(open_reader(self._path, self._busy_timeout_s), self._path)
        self._long = Reader(open_reader(self._path, self._busy_timeout_s), self._path)

    async def close(self) -> None:
        if hasattr(self, "_writer"):
            await self._writer.close()
            self._read_thread.shutdown()
            self._point.close()
            self._long.close()
        self._write_thread.shutdown()

    # definitions

    async def put_definition(self, definition: Definition, *, replaces: int | None) -> None:
        await self._call(lambda connection: calls.put_definition(connection, definition, replaces))

    async def definition(self, id_or_name: str) -> Definition | None:
        return next(map(_definition, self._point.rows("definition", (id_or_name,))), None)

    async def definitions(self) -> Sequence[Definition]:
        return [_definition(row) for row in await self._read(partial(self._long.rows, "definitions"))]

    async def delete_definition(self, id: str) -> bool:
        return await self._call(lambda connection: calls.delete_definition(connection, id))

    async def document(self, digest: str) -> Pinned | None:
        return next(map(_pinned, self._point.rows("document", (digest,))), None)

    # records

    async def put_record(self, record: Record, *, replaces: int | None) -> None:
        await self._call(lambda connection: calls.put_record(connection, record, replaces))

    async def record(self, kind: str, key: str) -> Record | None:
        return next(map(_record, self._point.rows("record", (kind, key))), None)

    async def records(self, kind: str) -> Sequence[Record]:
        return [_record(row) for row in await self._read(partial(self._long.rows, "records", (kind,)))]

    async def delete_record(self, kind: str, key: str) -> bool:
        return await self._call(lambda connection: calls.delete_record(connection, kind, key))

    # executions

    async def create(self, execution: Execution, work: Sequence[AnyWork], *, epoch: int | None = None) -> Created:
        change = self._creation(execution, work, epoch)
        while True:
            if await self._writer.submit(change):
                return Created(head=execution.head, is_new=True)
            if head := await self.describe(execution.head.id):  # else it was deleted just now
                return Created(head=head, is_new=False)

    async def load(self, execution_id: str) -> Execution | None:
        found = self._point.sheets("load", (execution_id,))
        if not found.rows:
            return None
        head: Head | None = None
        frames: dict[int, Frame] = {}
        for row, sheet in zip(found.rows, found.sheets, strict=True):
            if row[2] == 0:
                head = self._decoder.head(sheet, found.stored)
            else:
                frame = self._decoder.frame(sheet, found.stored)
                frames[frame.id] = frame
        assert head is not None, "a statement sees frames only together with their head"
        return Execution(head, frames)

    async def commit(self, step: Step, *, epoch: int) -> None:
        await self._writer.submit(self._change(step, epoch))

    async def post(self, execution_id: str, partition: int, work: Sequence[AnyWork]) -> bool:
        stored: dict[str, Payload] = {}
        rows = [(each.id, to_microseconds(each.due_at), self._encoder.encode(each, stored)) for each in work]
        payloads = _payload_rows(execution_id, stored)
        return await self._call(lambda connection: calls.post(connection, execution_id, rows, payloads))

    async def describe(self, execution_id: str) -> Head | None:
        return next(iter(self._heads(self._point.sheets("head", (execution_id,)))), None)

    async def list(self, query: Query) -> Page:
        last_start, last_id = after_cursor(query.cursor) if query.cursor is not None else (None, "")
        parameters = (
            msgspec.json.encode(sorted(query.statuses or _ALL_STATUSES)).decode(),
            query.definition_id,
            -_LAST if query.started_from is None else to_microseconds(query.started_from),
            _LAST if query.started_before is None else to_microseconds(query.started_before),
            _LAST if last_start is None else to_microseconds(last_start),
            last_id,
            query.limit + 1,
        )
        heads = self._heads(await self._read(partial(self._long.sheets, "list", parameters)))
        more = len(heads) > query.limit
        heads = heads[: query.limit]
        return Page(heads=heads, cursor=cursor_of(heads[-1]) if more and heads else None)

    async def counts(self) -> dict[Status, int]:
        rows = await self._read(partial(self._long.rows, "counts"))
        return {Status(cast("str", status)): cast("int", number) for status, number in rows}

    async def delete(self, execution_id: str) -> bool:
        return await self._call(lambda connection: calls.delete(connection, execution_id))

    # work

    async def acquire(self, partition: int) -> int:
        return await self._call(lambda connection: calls.acquire(connection, partition))

    async def claim(self, partition: int, epoch: int, now: datetime, limit: int) -> Claimed:
        rows, next_due_at = await self._call(lambda connection: calls.claim(connection, partition, epoch, now, limit))
        pairs = cast("list[tuple[str, bytes, int]]", rows)
        sheets = [self._decoder.sheet(body) for _, body, _ in pairs]
        wanted = {(row[0], digest) for row, sheet in zip(pairs, sheets, strict=True) for digest in sheet.stored}
        stored = self._point.payloads(wanted)
        work = [(row[0], self._decoder.work(sheet, stored)) for row, sheet in zip(pairs, sheets, strict=True)]
        return Claimed(work=work, next_due_at=next_due_at)

    async def suspend(self, execution_id: str, epoch: int, reason: str) -> None:
        while True:
            head = await self.describe(execution_id)
            if head is None:
                raise NotFound(f"there is no execution {execution_id}")
            parked = msgspec.structs.replace(head, version=head.version + 1, status=Status.SUSPENDED, suspension=reason)
            if await self._call(partial(calls.suspend, head=parked, body=self._encoder.encode(parked, {}), epoch=epoch)):
                return

    # events

    async def events(self, execution_id: str, after: int, limit: int) -> Sequence[AnyEvent]:
        found = await self._read(partial(self._long.sheets, "events", (execution_id, after, after + limit)))
        events = (event for sheet in found.sheets for event in self._decoder.events(sheet, found.stored))
        return [event for event in events if after < event.seq <= after + limit]

    async def outbox(self, partition: int, cursor: int, limit: int) -> Sequence[Published]:
        found = await self._read(partial(self._long.sheets, "outbox", (partition, cursor, max(limit, 0))))
        rows = cast("list[tuple[str, bytes, int, str, str]]", found.rows)
        return [
            Published(
                cursor=position, execution_id=execution_id, definition_id=definition_id, definition_name=definition_name,
                events=self._decoder.events(sheet, found.stored),
            )
            for (execution_id, _, position, definition_id, definition_name), sheet in zip(rows, found.sheets, strict=True)
        ]  # fmt: skip

    async def outbox_end(self, partition: int) -> int:
        return next((cast("int", position) for (position,) in self._point.rows("outbox_end", (partition,))), 0)

    async def cursor(self, partition: int, sink: str) -> int:
        rows = cast("list[tuple[int]]", self._point.rows("cursor", (partition, sink)))
        return rows[0][0] if rows else 0

    async def save_cursor(self, partition: int, sink: str, cursor: int) -> None:
        await self._call(lambda connection: calls.save_cursor(connection, partition, sink, cursor))

    # parts

    async def _call(self, run: Callable[[Connection], Answer]) -> Answer:
        return cast("Answer", await self._writer.submit(Call(run)))

    async def _read(self, run: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._read_thread, run)

    def _heads(self, found: Sheets) -> Sequence[Head]:
        return [self._decoder.head(sheet, found.stored) for sheet in found.sheets]

    def _creation(self, execution: Execution, work: Sequence[AnyWork], epoch: int | None) -> Change:
        head = execution.head
        stored: dict[str, Payload] = {}
        body = self._encoder.encode(head, stored)
        started_at = to_microseconds(head.started_at)
        return Change(
            execution_id=head.id, partition=head.partition, epoch=epoch, is_new=True,
            head=(
                head.id, head.partition, head.version, head.status.value, started_at, head.definition_id, head.definition_name, body
            ),
            frames=[(head.id, frame.id, self._encoder.encode(frame, stored)) for frame in execution.frames.values()],
            work=[self._work_row(head, each, UNCLAIMED if epoch is None else epoch, stored) for each in work],
            payloads=_payload_rows(head.id, stored),
        )  # fmt: skip

    def _change(self, step: Step, epoch: int) -> Change:
        head, encode = step.head, self._encoder.encode
        stored: dict[str, Payload] = {}
        body = encode(head, stored)
        events = step.events
        return Change(
            execution_id=head.id, partition=head.partition, epoch=epoch, is_new=False,
            head=(head.id, head.version - 1, head.version, head.status.value, body),
            frames=[(head.id, id, encode(frame, stored)) for id, frame in step.frames.items() if frame is not None],
            frames_gone=[(head.id, id) for id, frame in step.frames.items() if frame is None],
            work=[self._work_row(head, each, _claimed(head, each, epoch), stored) for each in step.work],
            work_gone=[(head.id, id) for ids in (step.consumed, step.cancelled) for id in ids],
            segments=[(head.partition, head.id, events[0].seq, events[-1].seq, encode(events, stored))] if events else [],
            payloads=_payload_rows(head.id, stored),
        )  # fmt: skip

    def _work_row(self, head: Head, work: AnyWork, claimed: int, stored: dict[str, Payload]) -> Row:
        return head.id, work.id, head.partition, to_microseconds(work.due_at), claimed, self._encoder.encode(work, stored)


def _claimed(head: Head, work: AnyWork, epoch: int) -> int:
    return UNCLAIMED if isinstance(work, Timer) or work.due_at > head.at else epoch


def _payload_rows(execution_id: str, stored: dict[str, Payload]) -> list[Row]:
    return [(execution_id, digest, payload.encoded) for digest, payload in stored.items()]


def _definition(row: Iterable[object]) -> Definition:
    columns = cast("tuple[str, str, str, str, int, int, bytes, int, bytes, bytes]", row)
    id, name, digest, dialect, created_at, updated_at, document, revision, identity, machine = columns
    return Definition(
        id=id, name=name, dialect=dialect, document=Payload.from_encoded(document), digest=digest,
        created_at=from_microseconds(created_at), updated_at=from_microseconds(updated_at),
        revision=revision, identity=msgspec.json.decode(identity), machine=_machine(machine),
    )  # fmt: skip


def _pinned(row: Iterable[object]) -> Pinned:
    dialect, document, identity = cast("tuple[str, bytes, bytes]", row)
    return Pinned(dialect=dialect, document=Payload.from_encoded(document), identity=msgspec.json.decode(identity))


def _record(row: Iterable[object]) -> Record:
    kind, key, revision, value = cast("tuple[str, str, int, bytes]", row)
    return Record(kind=kind, key=key, revision=revision, value=Payload.from_encoded(value))
