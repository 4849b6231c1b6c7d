"""Listing over all partitions: a stretch of each partition's indexes, merged when it is read."""

from conductor_local.engine.state import Head, Status
from conductor_local.runtime.ports import Page, Query
from conductor_local.stores.listing import after_cursor
from conductor_local.stores.redis_keys import Keys, padded
from conductor_local.stores.redis_link import Argument
from conductor_local.stores.redis_pipe import Pipe
from conductor_local.stores.redis_reader import Reader


async def list_page(pipe: Pipe, reader: Reader, keys: Keys, partitions: int, query: Query) -> Page:
    """Return one page. Within a partition it shows one moment; a run that ends while its page is read may be left out of it."""
    statuses = sorted(query.statuses or Status)
    bounds: list[Argument] = [_highest(query), f"[{padded(query.started_from)}" if query.started_from else "-", query.limit + 1]
    calls = [(keys.indexes(partition, query.definition_id, statuses), bounds) for partition in range(partitions)]
    found = await pipe.run_all("list", calls)
    entries = [(entry.decode(), partition) for partition, part in enumerate(found) for entry in part]
    entries.sort(reverse=True)
    shown = entries[: query.limit]
    heads = await reader.heads([(partition, _id(entry)) for entry, partition in shown])
    cursor = _cursor(shown[-1][0]) if len(entries) > query.limit and shown else None
    return Page(heads=[head for head in heads if head is not None and _is_meant(query, head)], cursor=cursor)


async def count_all(pipe: Pipe, keys: Keys, partitions: int) -> dict[Status, int]:
    """Return how many runs stand at each status."""
    counts: dict[Status, int] = {}
    for flat in await pipe.ask_all([("HGETALL", f"{keys.base(partition)}counts") for partition in range(partitions)]):
        for status, number in zip(flat[::2], flat[1::2], strict=True):
            counts[Status(status.decode())] = counts.get(Status(status.decode()), 0) + int(number)
    return {status: number for status, number in counts.items() if number}


def _highest(query: Query) -> str:
    """Return what all entries lie below, as Redis writes bounds."""
    bounds = [padded(query.started_before)] if query.started_before else []
    if query.cursor is not None:
        started_at, id = after_cursor(query.cursor)
        bounds.append(f"{padded(started_at)}:{id}")
    return f"({min(bounds)}" if bounds else "+"


def _cursor(entry: str) -> str:
    """Return the cursor that stands behind an entry."""
    started_at, _, id = entry.partition(":")
    return f"{int(started_at)}:{id}"


def _id(entry: str) -> str:
    return entry.partition(":")[2]


def _is_meant(query: Query, head: Head) -> bool:
    """Whether a head still is what was asked for; its status may have changed since the indexes were read."""
    return not query.statuses or head.status in query.statuses
