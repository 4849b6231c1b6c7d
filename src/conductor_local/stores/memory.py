"""A store in plain dicts: the contract of `Store` at its simplest, for tests, for simulation and for runs that need not last.

Heads, frames, events and work are shared with the caller, who never changes them after the commit; lists and dicts are copied.
Every method runs without giving way, which makes it atomic: all checks come before the first change.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import msgspec

from conductor_local.engine.effects import AnyWork, Timer
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import WorkId
from conductor_local.engine.state import ENDED, Execution, Head, Status, Step
from conductor_local.errors import Conflict, Fenced, NotFound
from conductor_local.runtime.ports import Claimed, Created, Definition, Page, Pinned, Published, Query, Record
from conductor_local.stores.listing import after_cursor, cursor_of

UNCLAIMED = 0  # epochs begin at 1


@dataclass(slots=True)
class Row:
    """One row of work; `order` tells rows that are due at one instant apart, `claimed` is the epoch that has it."""

    work: AnyWork
    order: int
    claimed: int


@dataclass(slots=True)
class Kept:
    """All of one execution. `suspended` is the epoch that parked it: rows that come in under the same epoch are parked too."""

    execution: Execution
    events: list[AnyEvent] = field(default_factory=list)
    work: dict[WorkId, Row] = field(default_factory=dict)
    suspended: int = UNCLAIMED


class MemoryStore:
    """Implements `Store`; nothing survives the object."""

    def __init__(self) -> None:
        self._definitions: dict[str, Definition] = {}
        self._documents: dict[str, Pinned] = {}
        self._small: dict[tuple[str, str], Record] = {}
        self._records: dict[str, Kept] = {}
        self._epochs: dict[int, int] = {}
        self._due: dict[int, list[tuple[datetime, int, str, WorkId]]] = {}
        self._order = count(1)
        self._segments: dict[int, list[Published]] = {}
        self._positions = count(1)
        self._cursors: dict[tuple[int, str], int] = {}

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to let go."""

    # definitions

    async def put_definition(self, definition: Definition, *, replaces: int | None) -> None:
        stored = self._definitions.get(definition.id)
        if replaces is None and stored is not None:
            raise Conflict(f"a definition with the id {definition.id} exists")
        if replaces is not None and (stored is None or stored.revision != replaces):
            raise Conflict(f"the definition {definition.id} has changed meanwhile")
        if any(other.name == definition.name and other.id != definition.id for other in self._definitions.values()):
            raise Conflict(f"a definition named {definition.name} exists")
        self._definitions[definition.id] = definition
        self._documents.setdefault(definition.digest, definition.pinned)

    async def definition(self, id_or_name: str) -> Definition | None:
        if found := self._definitions.get(id_or_name):
            return found
        return next((each for each in self._definitions.values() if each.name == id_or_name), None)

    async def definitions(self) -> Sequence[Definition]:
        return sorted(self._definitions.values(), key=lambda each: (each.created_at, each.id))

    async def delete_definition(self, id: str) -> bool:
        return self._definitions.pop(id, None) is not None

    async def document(self, digest: str) -> Pinned | None:
        return self._documents.get(digest)

    # records

    async def put_record(self, record: Record, *, replaces: int | None) -> None:
        stored = self._small.get((record.kind, record.key))
        if (stored.revision if stored else None) != replaces:
            raise Conflict(f"the {record.kind} {record.key} is not at revision {replaces}")
        self._small[record.kind, record.key] = record

    async def record(self, kind: str, key: str) -> Record | None:
        return self._small.get((kind, key))

    async def records(self, kind: str) -> Sequence[Record]:
        return [self._small[each] for each in sorted(self._small) if each[0] == kind]

    async def delete_record(self, kind: str, key: str) -> bool:
        return self._small.pop((kind, key), None) is not None

    # executions

    async def create(self, execution: Execution, work: Sequence[AnyWork], *, epoch: int | None = None) -> Created:
        head = execution.head
        if stored := self._records.get(head.id):
            return Created(head=stored.execution.head, is_new=False)
        record = self._records[head.id] = Kept(Execution(head, dict(execution.frames)))
        current = self._epochs.get(head.partition)
        for each in work:
            self._add(record, each, current if epoch is not None and epoch == current else UNCLAIMED)
        return Created(head=head, is_new=True)

    async def load(self, execution_id: str) -> Execution | None:
        record = self._records.get(execution_id)
        return Execution(record.execution.head, dict(record.execution.frames)) if record else None

    async def commit(self, step: Step, *, epoch: int) -> None:
        head = step.head
        self._check_owner(head.partition, epoch)
        record = self._records.get(head.id)
        if record is None or record.execution.head.version != head.version - 1:
            raise Conflict(f"the execution {head.id} is no longer at version {head.version - 1}")
        record.execution.apply(step)
        record.suspended = UNCLAIMED
        for work_id in (*step.consumed, *step.cancelled):
            record.work.pop(work_id, None)
        for each in step.work:
            born_claimed = not isinstance(each, Timer) and each.due_at <= head.at
            self._add(record, each, epoch if born_claimed else UNCLAIMED)
        if step.events:
            self._append(record, step.events)

    async def post(self, execution_id: str, partition: int, work: Sequence[AnyWork]) -> bool:
        record = self._records.get(execution_id)
        if record is None:
            return False
        parked = record.suspended == self._epochs.get(partition, UNCLAIMED)
        for each in work:
            if each.id not in record.work:
                self._add(record, each, record.suspended if parked else UNCLAIMED)
        return True

    async def describe(self, execution_id: str) -> Head | None:
        record = self._records.get(execution_id)
        return record.execution.head if record else None

    async def list(self, query: Query) -> Page:
        heads = [head for head in self._heads() if _matches(query, head)]
        heads.sort(key=lambda head: (head.started_at, head.id), reverse=True)
        if query.cursor is not None:
            last = after_cursor(query.cursor)
            heads = [head for head in heads if (head.started_at, head.id) < last]
        more = len(heads) > query.limit
        heads = heads[: query.limit]
        return Page(heads=heads, cursor=cursor_of(heads[-1]) if more and heads else None)

    async def counts(self) -> dict[Status, int]:
        counts: dict[Status, int] = {}
        for head in self._heads():
            counts[head.status] = counts.get(head.status, 0) + 1
        return counts

    async def delete(self, execution_id: str) -> bool:
        record = self._records.get(execution_id)
        if record is None or record.execution.head.status not in ENDED:
            return False
        del self._records[execution_id]
        partition = record.execution.head.partition
        self._segments[partition] = [each for each in self._segments.get(partition, []) if each.execution_id != execution_id]
        return True

    # work

    async def acquire(self, partition: int) -> int:
        epoch = self._epochs[partition] = self._epochs.get(partition, UNCLAIMED) + 1
        for record in self._records.values():
            if record.execution.head.partition == partition:
                for row in record.work.values():
                    if row.claimed != UNCLAIMED:
                        self._free(record, row)
        return epoch

    async def claim(self, partition: int, epoch: int, now: datetime, limit: int) -> Claimed:
        self._check_owner(partition, epoch)
        claimed: list[tuple[str, AnyWork]] = []
        while (found := self._earliest(partition)) and found[1].work.due_at <= now and len(claimed) < limit:
            execution_id, row = found
            row.claimed = epoch
            claimed.append((execution_id, row.work))
        return Claimed(work=claimed, next_due_at=found[1].work.due_at if found else None)

    async def suspend(self, execution_id: str, epoch: int, reason: str) -> None:
        record = self._records.get(execution_id)
        if record is None:
            raise NotFound(f"there is no execution {execution_id}")
        head = record.execution.head
        self._check_owner(head.partition, epoch)
        version = head.version + 1
        record.execution.head = msgspec.structs.replace(head, version=version, status=Status.SUSPENDED, suspension=reason)
        record.suspended = epoch
        for row in record.work.values():
            row.claimed = epoch

    # events

    async def events(self, execution_id: str, after: int, limit: int) -> Sequence[AnyEvent]:
        record = self._records.get(execution_id)
        return record.events[after : after + max(limit, 0)] if record else []

    async def outbox(self, partition: int, cursor: int, limit: int) -> Sequence[Published]:
        segments = self._segments.get(partition, [])
        first = _first_behind(segments, cursor)
        return segments[first : first + max(limit, 0)]

    async def outbox_end(self, partition: int) -> int:
        segments = self._segments.get(partition)
        return segments[-1].cursor if segments else 0

    async def cursor(self, partition: int, sink: str) -> int:
        return self._cursors.get((partition, sink), 0)

    async def save_cursor(self, partition: int, sink: str, cursor: int) -> None:
        self._cursors[partition, sink] = cursor

    # parts

    def _heads(self) -> Iterable[Head]:
        return (record.execution.head for record in self._records.values())

    def _check_owner(self, partition: int, epoch: int) -> None:
        if self._epochs.get(partition, UNCLAIMED) != epoch:
            raise Fenced(f"another owner has acquired partition {partition} since epoch {epoch}")

    def _add(self, record: Kept, work: AnyWork, claimed: int) -> None:
        row = record.work[work.id] = Row(work, next(self._order), claimed)
        if claimed == UNCLAIMED:
            self._free(record, row)

    def _free(self, record: Kept, row: Row) -> None:
        """Put a row among those that wait to be claimed. A second entry for it does no harm: claiming voids both."""
        head = record.execution.head
        row.claimed = UNCLAIMED
        heapq.heappush(self._due.setdefault(head.partition, []), (row.work.due_at, row.order, head.id, row.work.id))

    def _earliest(self, partition: int) -> tuple[str, Row] | None:
        """Return the unclaimed row that is due first, dropping entries whose row is gone or taken."""
        due = self._due.get(partition, [])
        while due:
            _, order, execution_id, work_id = due[0]
            record = self._records.get(execution_id)
            row = record.work.get(work_id) if record else None
            if row is not None and row.order == order and row.claimed == UNCLAIMED:
                return execution_id, row
            heapq.heappop(due)
        return None

    def _append(self, record: Kept, events: Sequence[AnyEvent]) -> None:
        head = record.execution.head
        record.events.extend(events)
        segment = Published(
            cursor=next(self._positions), execution_id=head.id, definition_id=head.definition_id,
            definition_name=head.definition_name, events=tuple(events),
        )  # fmt: skip
        self._segments.setdefault(head.partition, []).append(segment)


def _matches(query: Query, head: Head) -> bool:
    return (
        (not query.statuses or head.status in query.statuses)
        and (head.definition_id == query.definition_id if query.definition_id else "/" not in head.definition_id)
        and (query.started_from is None or head.started_at >= query.started_from)
        and (query.started_before is None or head.started_at < query.started_before)
    )


def _first_behind(segments: Sequence[Published], cursor: int) -> int:
    """Find the first segment behind `cursor` by halving; positions only grow."""
    low, high = 0, len(segments)
    while low < high:
        middle = (low + high) // 2
        if segments[middle].cursor <= cursor:
            low = middle + 1
        else:
            high = middle
    return low
