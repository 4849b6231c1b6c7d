"""The commits of all instances, read from the outboxes of all partitions. In order within a partition, hence within an instance.

A cursor is a text: the position in each partition's outbox, with dots between them.
"""

from collections.abc import AsyncIterator, Sequence

from conductor_local.errors import InvalidRequest
from conductor_local.runtime.changes import EVERYTHING, Changes
from conductor_local.runtime.ports import Published, Store

READ_MAX = 1_000  # commits read at once
POSITION_CHARS_MAX = 18


class Feed:
    """Reads one store."""

    def __init__(self, store: Store, changes: Changes, partitions: int) -> None:
        self._store, self._changes, self._partitions = store, changes, partitions

    async def page(self, cursor: str | None, limit: int) -> tuple[Sequence[Published], str]:
        """Return up to `limit` commits behind `cursor` (None: the beginning) and the cursor behind them."""
        positions = self._positions(cursor)
        commits: list[Published] = []
        for partition, position in enumerate(positions):
            found = await self._store.outbox(partition, position, limit - len(commits)) if len(commits) < limit else ()
            commits += found
            positions[partition] = found[-1].cursor if found else position
        return commits, _text(positions)

    async def follow(self, cursor: str | None) -> AsyncIterator[tuple[Published, str]]:
        """Yield commits as they happen, each with the cursor behind it; `cursor` None begins now."""
        positions = await self._ends() if cursor is None else self._positions(cursor)
        with self._changes.watch(EVERYTHING) as changed:
            while True:
                changed.clear()
                is_quiet = True
                for partition in range(self._partitions):
                    for commit in await self._store.outbox(partition, positions[partition], READ_MAX):
                        positions[partition], is_quiet = commit.cursor, False
                        yield commit, _text(positions)
                if is_quiet:
                    await self._changes.wait(changed)

    async def _ends(self) -> list[int]:
        return [await self._store.outbox_end(partition) for partition in range(self._partitions)]

    def _positions(self, cursor: str | None) -> list[int]:
        if cursor in (None, "0"):
            return [0] * self._partitions
        parts = str(cursor).split(".")
        if len(parts) != self._partitions or not all(map(_is_position, parts)):
            raise InvalidRequest("This is not a cursor that the feed gave.", pointer="query/cursor", code="INVALID_CURSOR")
        return [int(part) for part in parts]


def _is_position(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= POSITION_CHARS_MAX


def _text(positions: Sequence[int]) -> str:
    return ".".join(map(str, positions))
