"""What a store on Redis keeps besides executions: definitions, pinned documents and records, whole in their sheets, in one slot."""

import sys
from collections.abc import Callable, Sequence

from conductor_local.errors import Conflict
from conductor_local.payload import Payload
from conductor_local.runtime.records import Definition, Pinned, Record
from conductor_local.stores.codec import Decoder, Encoder, Storable
from conductor_local.stores.instants import to_microseconds
from conductor_local.stores.redis_keys import Keys
from conductor_local.stores.redis_pipe import Pipe


class Definitions:
    """`token` names a request, so that one whose answer was lost is found out."""

    def __init__(self, writes: Pipe, reads: Pipe, keys: Keys, token: Callable[[], str]) -> None:
        self._writes = writes
        self._reads = reads
        self._base = keys.shared
        self._token = token
        self._encoder = Encoder(inline_bytes_max=sys.maxsize)
        self._decoder = Decoder()

    async def put(self, definition: Definition, replaces: int | None) -> None:
        id, name = definition.id, definition.name
        keys = [*self._keys_of(id), f"{self._base}document:{definition.digest}", self._answer()]
        created_at = to_microseconds(definition.created_at)
        sheets = self._sheet(definition), self._sheet(definition.pinned)
        arguments = [id, name, "" if replaces is None else replaces, definition.revision, created_at, *sheets]
        match await self._writes.run("put_definition", keys, arguments):
            case 0:
                raise Conflict(f"a definition with the id {id} exists")
            case -1:
                raise Conflict(f"the definition {id} has changed meanwhile")
            case -2:
                raise Conflict(f"a definition named {name} exists")

    async def get(self, id_or_name: str) -> Definition | None:
        """Find by id, else by name."""
        commands = ("HGET", self._key(id_or_name), "sheet"), ("HGET", f"{self._base}names", id_or_name)
        text, id = await self._reads.ask_all(commands)
        if text is None and id is not None:
            text = await self._reads.ask("HGET", self._key(id.decode()), "sheet")
        return None if text is None else self._definition(text)

    async def all(self) -> Sequence[Definition]:
        """Return all, oldest first; Redis sorts equally old ones by id."""
        ids = await self._reads.ask("ZRANGE", f"{self._base}definitions", 0, -1)
        texts = await self._reads.ask_all([("HGET", self._key(id.decode()), "sheet") for id in ids])
        return [self._definition(text) for text in texts if text is not None]

    async def delete(self, id: str) -> bool:
        return bool(await self._writes.run("delete_definition", [*self._keys_of(id), self._answer()], [id]))

    async def document(self, digest: str) -> Pinned | None:
        text = await self._reads.ask("GET", f"{self._base}document:{digest}")
        return None if text is None else self._decoder.pinned(self._decoder.sheet(text))

    async def put_record(self, record: Record, replaces: int | None) -> None:
        arguments = [record.key, "" if replaces is None else replaces, record.revision, self._sheet(record)]
        if not await self._writes.run("put_record", [*self._keys_of_kind(record.kind), self._answer()], arguments):
            raise Conflict(f"the {record.kind} {record.key} is not at revision {replaces}")

    async def record(self, kind: str, key: str) -> Record | None:
        text = await self._reads.ask("HGET", self._keys_of_kind(kind)[0], key)
        return None if text is None else self._record(text)

    async def records(self, kind: str) -> Sequence[Record]:
        texts = await self._reads.ask("HVALS", self._keys_of_kind(kind)[0])
        return sorted(map(self._record, texts), key=lambda record: record.key)

    async def delete_record(self, kind: str, key: str) -> bool:
        return bool(await self._writes.run("delete_record", [*self._keys_of_kind(kind), self._answer()], [key]))

    def _key(self, id: str) -> str:
        return f"{self._base}definition:{id}"

    def _keys_of(self, id: str) -> Sequence[str]:
        return self._key(id), f"{self._base}definitions", f"{self._base}names"

    def _keys_of_kind(self, kind: str) -> Sequence[str]:
        return f"{self._base}records:{kind}", f"{self._base}revisions:{kind}"

    def _answer(self) -> str:
        return f"{self._base}answer:{self._token()}"

    def _sheet(self, record: Storable) -> bytes:
        stored: dict[str, Payload] = {}
        return self._encoder.encode(record, stored)

    def _definition(self, text: bytes) -> Definition:
        return self._decoder.definition(self._decoder.sheet(text))

    def _record(self, text: bytes) -> Record:
        return self._decoder.record(self._decoder.sheet(text))
