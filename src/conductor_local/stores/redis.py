"""A store on Redis, for several processes: a commit is one script in one partition, and one round trip shared with its neighbours.

Writes go through one connection in the order of asking, reads through two others, so that a long listing keeps nobody waiting who
wants one head. Rows are JSON that a person can read with `redis-cli`; `docs/redis.md` shows them, and says what each setting of
Redis can lose.

Rules. Whatever is one transaction is one script, and touches one partition. That a request was carried out while its answer was
lost is found out: a commit's by its version and token, others' by an answer that is kept for a minute. A claim alone is never
sent again; its owner acquires anew. Nothing takes longer because more executions sleep.
"""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

import msgspec

from conductor_local.engine.effects import AnyWork
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Execution, Head, Status, Step
from conductor_local.errors import Bug, Conflict, Fenced, NotFound
from conductor_local.runtime.ids import partition_of
from conductor_local.runtime.ports import Claimed, Created, Definition, Page, Pinned, Published, Query, Record
from conductor_local.stores.instants import to_microseconds
from conductor_local.stores.redis_client import client
from conductor_local.stores.redis_definitions import Definitions
from conductor_local.stores.redis_keys import Keys, entry_of, instant_of
from conductor_local.stores.redis_link import Argument, Identity, Link
from conductor_local.stores.redis_listing import count_all, list_page
from conductor_local.stores.redis_opening import prepare
from conductor_local.stores.redis_pipe import Pipe
from conductor_local.stores.redis_reader import Reader
from conductor_local.stores.redis_rows import Rows

PATIENCE_S = 10.0  # how long a request is tried while Redis is away
ANSWER_TIMEOUT_S = 5.0  # how long Redis may take over one batch


class RedisStore:
    """Implements `Store`. `partitions` is fixed when a store is made; `expire` forgets what ended before `retention_s`."""

    def __init__(
        self,
        url: str,
        *,
        partitions: int = 1,
        prefix: str = "conductor",
        retention_s: float | None = None,
        patience_s: float = PATIENCE_S,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        self._partitions = partitions
        self._retention_s = retention_s
        self._keys = Keys(prefix)
        ghosts: set[Identity] = set()
        reached = client(url)
        self._link = Link(reached, ghosts, answer_timeout_s=answer_timeout_s)
        self._writes = Pipe(self._link, patience_s=patience_s)
        self._point, self._long = (
            Pipe(Link(reached, ghosts, answer_timeout_s=answer_timeout_s), patience_s=patience_s) for _ in range(2)
        )
        self._reader = Reader(self._point, self._keys)
        self._long_reader = Reader(self._long, self._keys)
        self._rows = Rows()
        self._writer = secrets.token_hex(6)
        self._numbers = count(1)
        self._definitions = Definitions(self._writes, self._point, self._keys, self._token)

    async def open(self) -> None:
        await prepare(self._link, self._writes, self._keys, self._partitions)

    async def close(self) -> None:
        for pipe in (self._writes, self._point, self._long):
            await pipe.close()

    # definitions

    async def put_definition(self, definition: Definition, *, replaces: int | None) -> None:
        await self._definitions.put(definition, replaces)

    async def definition(self, id_or_name: str) -> Definition | None:
        return await self._definitions.get(id_or_name)

    async def definitions(self) -> Sequence[Definition]:
        return await self._definitions.all()

    async def delete_definition(self, id: str) -> bool:
        return await self._definitions.delete(id)

    async def document(self, digest: str) -> Pinned | None:
        return await self._definitions.document(digest)

    # records

    async def put_record(self, record: Record, *, replaces: int | None) -> None:
        await self._definitions.put_record(record, replaces)

    async def record(self, kind: str, key: str) -> Record | None:
        return await self._definitions.record(kind, key)

    async def records(self, kind: str) -> Sequence[Record]:
        return await self._definitions.records(kind)

    async def delete_record(self, kind: str, key: str) -> bool:
        return await self._definitions.delete_record(kind, key)

    # executions

    async def create(self, execution: Execution, work: Sequence[AnyWork], *, epoch: int | None = None) -> Created:
        head = execution.head
        partition = self._check_place(head)
        arguments = self._rows.creation(self._keys.base(partition), execution, work, epoch, self._token())
        while True:
            if await self._writes.run("create", self._keys.of_run(partition, head.id), arguments):
                return Created(head=head, is_new=True)
            if stored := await self.describe(head.id):  # else it was deleted just now
                return Created(head=stored, is_new=False)

    async def load(self, execution_id: str) -> Execution | None:
        return await self._reader.execution(self._partition_of(execution_id), execution_id)

    async def commit(self, step: Step, *, epoch: int) -> None:
        head = step.head
        partition = self._check_place(head)
        arguments = self._rows.change(self._keys.base(partition), step, epoch, self._token())
        match await self._writes.run("commit", self._keys.of_run(partition, head.id), arguments):
            case 0:
                raise Conflict(f"the execution {head.id} is no longer at version {head.version - 1}")
            case -1:
                raise _fenced(partition, epoch)

    async def post(self, execution_id: str, partition: int, work: Sequence[AnyWork]) -> bool:
        arguments = self._rows.posting(self._keys.base(partition), execution_id, work)
        return bool(await self._writes.run("post", self._keys_with_answer(partition, execution_id), arguments))

    async def describe(self, execution_id: str) -> Head | None:
        return await self._reader.head(self._partition_of(execution_id), execution_id)

    async def list(self, query: Query) -> Page:
        return await list_page(self._long, self._long_reader, self._keys, self._partitions, query)

    async def counts(self) -> dict[Status, int]:
        return await count_all(self._long, self._keys, self._partitions)

    async def delete(self, execution_id: str) -> bool:
        return await self._delete(execution_id, must_be_read=False)

    # work

    async def acquire(self, partition: int) -> int:
        arguments = [self._keys.base(partition), self._token()]
        return int(await self._writes.run("acquire", self._keys.of_partition(partition), arguments))

    async def claim(self, partition: int, epoch: int, now: datetime, limit: int) -> Claimed:
        arguments: list[Argument] = [self._keys.base(partition), epoch, to_microseconds(now), max(limit, 0)]
        code, *found = await self._writes.run("claim", self._keys.of_partition(partition), arguments, once=True)
        if code == -1:
            raise _fenced(partition, epoch)
        next_due, *rows = found
        return Claimed(work=await self._reader.work(partition, rows), next_due_at=instant_of(next_due) if next_due else None)

    async def suspend(self, execution_id: str, epoch: int, reason: str) -> None:
        while True:
            head = await self.describe(execution_id)
            if head is None:
                raise NotFound(f"there is no execution {execution_id}")
            parked = msgspec.structs.replace(head, version=head.version + 1, status=Status.SUSPENDED, suspension=reason)
            arguments = self._rows.parking(self._keys.base(head.partition), parked, epoch)
            match await self._writes.run("suspend", self._keys_with_answer(head.partition, execution_id), arguments):
                case 1:
                    return
                case -1:
                    raise _fenced(head.partition, epoch)

    # events

    async def events(self, execution_id: str, after: int, limit: int) -> Sequence[AnyEvent]:
        return await self._long_reader.events(self._partition_of(execution_id), execution_id, after, limit)

    async def outbox(self, partition: int, cursor: int, limit: int) -> Sequence[Published]:
        arguments: list[Argument] = [self._keys.base(partition), cursor, max(limit, 0)]
        return await self._long_reader.published(
            partition, await self._long.run("outbox", self._keys.of_partition(partition), arguments)
        )

    async def outbox_end(self, partition: int) -> int:
        return int(await self._point.ask("HGET", f"{self._keys.base(partition)}state", "position") or 0)

    async def cursor(self, partition: int, sink: str) -> int:
        """Who asks for a cursor is a sink from then on: what it has not read stays, whatever the retention."""
        key = f"{self._keys.base(partition)}cursors"
        cursor = await self._point.ask("HGET", key, sink)
        if cursor is None:
            await self._writes.ask("HSETNX", key, sink, 0)
        return int(cursor or 0)

    async def save_cursor(self, partition: int, sink: str, cursor: int) -> None:
        await self._writes.ask("HSET", f"{self._keys.base(partition)}cursors", sink, cursor)

    # retention

    async def expire(self, partition: int, now: datetime, limit: int) -> int:
        """Forget up to `limit` executions that ended before the retention and whose events all sinks have read; return how many.

        Also drops up to `limit` places of the outbox that all sinks have read. For the partition's owner to call now and then.
        """
        base, keys = self._keys.base(partition), self._keys.of_partition(partition)
        await self._writes.run("trim", keys, [base, limit])
        if self._retention_s is None:
            return 0
        before = to_microseconds(now - timedelta(seconds=self._retention_s))
        ids = await self._long.ask("ZRANGEBYSCORE", f"{base}ended", "-inf", before, "LIMIT", 0, limit)
        return sum(await asyncio.gather(*(self._delete(id.decode(), must_be_read=True) for id in ids)))

    # parts

    async def _delete(self, execution_id: str, *, must_be_read: bool) -> bool:
        while True:
            head = await self.describe(execution_id)
            if head is None:
                return False
            arguments: list[Argument] = [
                self._keys.base(head.partition), execution_id, head.version, entry_of(head), head.definition_id, int(must_be_read)
            ]  # fmt: skip
            code = await self._writes.run("delete", self._keys_with_answer(head.partition, execution_id), arguments)
            if code != -1:
                return bool(code == 1)

    def _token(self) -> str:
        """Return a name for one request that no other has."""
        return f"{self._writer}.{next(self._numbers)}"

    def _keys_with_answer(self, partition: int, execution_id: str) -> Sequence[str]:
        return *self._keys.of_run(partition, execution_id), self._keys.answer(partition, self._token())

    def _partition_of(self, execution_id: str) -> int:
        return partition_of(execution_id, self._partitions)

    def _check_place(self, head: Head) -> int:
        """Return the partition of a head. Elsewhere it would never be found again by its id."""
        if head.partition != self._partition_of(head.id):
            raise Bug(f"the execution {head.id} is not of partition {head.partition} when there are {self._partitions}")
        return head.partition


def _fenced(partition: int, epoch: int) -> Fenced:
    return Fenced(f"another owner has acquired partition {partition} since epoch {epoch}")
