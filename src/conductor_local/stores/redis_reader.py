"""Reading from Redis: sheets, the large payloads they name, and what both make.

A run's payloads go only with the run itself. So when one is missing that a sheet names, the run was deleted in between: what is
read is read again, and is not there then.
"""

from collections.abc import Iterable, Sequence

import msgspec

from conductor_local.engine.effects import AnyWork
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Execution, Frame, Head
from conductor_local.errors import Bug
from conductor_local.payload import Payload
from conductor_local.runtime.ports import Published
from conductor_local.stores.codec import Decoder, Sheet
from conductor_local.stores.redis_keys import Keys
from conductor_local.stores.redis_pipe import Pipe

Stored = dict[str, dict[str, Payload]]  # large payloads by execution and digest
TURNS_MAX = 3


class Missing(Exception):
    """A payload is not there."""


class Named(msgspec.Struct):
    """As much of a head as the outbox tells."""

    definition_id: str
    definition_name: str


class Reader:
    """Reads through one pipe."""

    def __init__(self, pipe: Pipe, keys: Keys) -> None:
        self._pipe = pipe
        self._keys = keys
        self._decoder = Decoder()
        self._named = msgspec.json.Decoder(Named).decode

    async def execution(self, partition: int, id: str) -> Execution | None:
        """Return head and frames."""
        for _ in range(TURNS_MAX):
            flat = await self._pipe.ask("HGETALL", self._keys.run(partition, id))
            if not flat:
                return None
            fields = {name: self._decoder.sheet(text) for name, text in zip(flat[::2], flat[1::2], strict=True) if _is_state(name)}
            try:
                stored = (await self.payloads(partition, ((id, sheet) for sheet in fields.values()))).get(id, {})
            except Missing:
                continue
            head = self._decoder.head(fields.pop(b"head"), stored)
            frames = [self._decoder.frame(sheet, stored) for sheet in fields.values()]
            return Execution(head, {frame.id: frame for frame in sorted(frames, key=_id_of)})
        raise Bug(f"the store has lost a payload of the execution {id}")

    async def head(self, partition: int, id: str) -> Head | None:
        """Return a head alone."""
        return (await self.heads([(partition, id)]))[0]

    async def heads(self, runs: Sequence[tuple[int, str]]) -> list[Head | None]:
        """Return heads in the order of `runs`, None for those that are not there."""
        texts = await self._pipe.ask_all([("HGET", self._keys.run(partition, id), "head") for partition, id in runs])
        return [await self._head(partition, id, text) for (partition, id), text in zip(runs, texts, strict=True)]

    async def _head(self, partition: int, id: str, text: bytes | None) -> Head | None:
        for _ in range(TURNS_MAX):
            if text is None:
                return None
            sheet = self._decoder.sheet(text)
            try:
                return self._decoder.head(sheet, (await self.payloads(partition, [(id, sheet)])).get(id, {}))
            except Missing:
                text = await self._pipe.ask("HGET", self._keys.run(partition, id), "head")
        raise Bug(f"the store has lost a payload of the execution {id}")

    async def events(self, partition: int, id: str, after: int, limit: int) -> Sequence[AnyEvent]:
        """Return events by their seq. A sheet has those of one commit and stands at the last one's."""
        texts = await self._pipe.ask(
            "ZRANGEBYSCORE", f"{self._keys.base(partition)}events:{id}", after + 1, "+inf", "LIMIT", 0, max(limit, 0)
        )
        sheets = [self._decoder.sheet(text) for text in texts]
        try:
            stored = (await self.payloads(partition, ((id, sheet) for sheet in sheets))).get(id, {})
        except Missing:
            return []
        events = (event for sheet in sheets for event in self._decoder.events(sheet, stored))
        return [event for event in events if after < event.seq <= after + limit]

    async def published(self, partition: int, rows: Sequence[bytes]) -> Sequence[Published]:
        """Read what the script `outbox` found; commits of runs that are deleted by now are left out."""
        quads = list(zip(rows[::4], rows[1::4], rows[2::4], rows[3::4], strict=True))
        names: dict[bytes, Named] = {}
        sheets: list[tuple[str, Sheet]] = []
        for _, id, text, head in quads:
            sheets.append((id.decode(), self._decoder.sheet(text)))
            if head:
                names[id] = self._named(self._decoder.sheet(head).record)
        stored = await self.payloads(partition, sheets, lenient=True)
        return [
            Published(
                cursor=int(position), execution_id=id, definition_id=names[key].definition_id,
                definition_name=names[key].definition_name, events=self._decoder.events(sheet, stored.get(id, {})),
            )
            for (position, key, _, _), (id, sheet) in zip(quads, sheets, strict=True)
            if not sheet.stored or stored.get(id, {}).keys() >= set(sheet.stored)
        ]  # fmt: skip

    async def work(self, partition: int, rows: Sequence[bytes]) -> list[tuple[str, AnyWork]]:
        """Read what the script `claim` took: run and sheet in turn."""
        sheets = [(id.decode(), self._decoder.sheet(text)) for id, text in zip(rows[::2], rows[1::2], strict=True)]
        stored = await self.payloads(partition, sheets, lenient=True)
        return [(id, self._decoder.work(sheet, stored.get(id, {}))) for id, sheet in sheets]

    async def payloads(self, partition: int, sheets: Iterable[tuple[str, Sheet]], *, lenient: bool = False) -> Stored:
        """Return the large payloads that sheets name. Raises `Missing` when one is not there, unless `lenient`."""
        wanted: dict[str, set[str]] = {}
        for id, sheet in sheets:
            if sheet.stored:
                wanted.setdefault(id, set()).update(sheet.stored)
        if not wanted:
            return {}
        commands = [("HMGET", self._keys.payloads(partition, id), *sorted(digests)) for id, digests in wanted.items()]
        found: Stored = {}
        for (id, digests), texts in zip(wanted.items(), await self._pipe.ask_all(commands), strict=True):
            if None in texts and not lenient:
                raise Missing
            pairs = zip(sorted(digests), texts, strict=True)
            found[id] = {digest: Payload.from_encoded(text) for digest, text in pairs if text is not None}
        return found


def _is_state(field: bytes) -> bool:
    return field == b"head" or field.startswith(b"frame:")


def _id_of(frame: Frame) -> int:
    return frame.id
