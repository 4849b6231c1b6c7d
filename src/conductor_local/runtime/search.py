"""Finding executions by more than an index tells: by a text, or as the executions of a map run. One page at a time.

Rules: a page looks at `LOOKED_MAX` executions at most, so it may hold fewer than were asked for, or none; there are more as long as
it has a cursor. A text is looked for in the id, the name, the workflow's name, the error and the payloads, whatever its case;
payloads are searched as the JSON text they are kept as.
"""

from collections.abc import Callable, Sequence

import msgspec

from conductor_local.engine.nodes.map_run import item_name
from conductor_local.engine.state import Head
from conductor_local.errors import InvalidRequest
from conductor_local.runtime.instances import error_text
from conductor_local.runtime.map_run_views import Find, MapRunView
from conductor_local.runtime.ports import Page, Query, Store

LOOKED_MAX = 5_000
_LISTED = 200  # heads listed at once


async def search(store: Store, query: Query, text: str) -> Page:
    """Return up to `query.limit` executions in which `text` stands, newest first."""
    matches = matcher(text)
    found: list[Head] = []
    page, looked = await store.list(query), query.limit  # the first stretch cannot hold more than the page
    found += filter(matches, page.heads)
    while page.cursor is not None and len(found) < query.limit and looked < LOOKED_MAX:
        further = await store.list(msgspec.structs.replace(query, cursor=page.cursor, limit=_LISTED))
        more = [head for head in further.heads if matches(head)]
        if len(found) + len(more) > query.limit:
            break  # the next page begins here
        found += more
        page, looked = further, looked + _LISTED
    return Page(heads=found, cursor=page.cursor)


def matcher(text: str) -> Callable[[Head], bool]:
    """Return what tells whether `text` stands somewhere in an execution."""
    wanted = text.lower()
    written = {wanted, msgspec.json.encode(text).decode()[1:-1].lower()}  # a piece of JSON, or of a text inside it

    def matches(head: Head) -> bool:
        if any(wanted in name.lower() for name in (head.id, head.name, head.definition_name, error_text(head) or "")):
            return True
        payloads = (head.input, head.output)
        texts = [payload.encoded.decode().lower() for payload in payloads if payload is not None]
        return any(one in text for text in texts for one in written)

    return matches


async def items_page(run: MapRunView, find: Find, query: Query, text: str | None) -> Page:
    """Return executions of a map run in the order of their items; the cursor is the index of the next item."""
    matches = matcher(text or "")
    found: list[Head] = []
    first, missing = _index(query.cursor), 0
    last = _end(run)
    for index in range(first, min(last, first + LOOKED_MAX)):
        child = await find(item_name(run.run, index))
        missing = missing + 1 if child is None else 0
        if missing > run.window_max:
            return Page(heads=found)
        if child is not None and _is_meant(child, query) and matches(child):
            found.append(child)
        if len(found) == query.limit:
            return Page(heads=found, cursor=str(index + 1) if index + 1 < last else None)
    return Page(heads=found, cursor=str(first + LOOKED_MAX) if first + LOOKED_MAX < last else None)


def run_of(runs: Sequence[MapRunView], run: str) -> MapRunView | None:
    """Return the run of that name."""
    return next((view for view in runs if view.run == run), None)


def _end(run: MapRunView) -> int:
    """Return the index behind the last item; batches are never more than the items."""
    return 2**53 if run.item_count is None else run.item_count


def _is_meant(head: Head, query: Query) -> bool:
    starts = query.started_from, query.started_before
    return (
        (not query.statuses or head.status in query.statuses)
        and (starts[0] is None or head.started_at >= starts[0])
        and (starts[1] is None or head.started_at < starts[1])
    )


def _index(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 15):
        raise InvalidRequest("cursor: this is not a cursor that a page gave.", pointer="query/cursor", code="INVALID_CURSOR")
    return int(cursor)
