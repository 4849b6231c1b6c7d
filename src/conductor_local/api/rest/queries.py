"""What query strings may say. Each kind of parameter once, with its bounds and its words for the OpenAPI document."""

import re
from datetime import datetime
from typing import Annotated

from litestar.params import QueryParameter

from conductor_local.api.deps import HttpRequest
from conductor_local.engine.state import Status
from conductor_local.errors import InvalidRequest
from conductor_local.runtime.views import STATUS_NAMES

POSITION_MAX = 2**53 - 1
"""The largest whole number every JSON reader keeps exactly."""
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)
_WORDS = ", ".join(dict.fromkeys(STATUS_NAMES.values()))

StatusFilter = Annotated[
    list[str] | None, QueryParameter(name="status", description=f"Only these statuses, separated by commas: {_WORDS}.")
]
DefinitionFilter = Annotated[
    str | None, QueryParameter(name="definition", max_length=255, description="Only this definition, by id or name.")
]
TextFilter = Annotated[
    str | None,
    QueryParameter(
        name="text", max_length=200,
        description="Only those with this text, in any case, in id, name, workflow name, error or payload; pages may be short.",
    ),
]  # fmt: skip
ParentFilter = Annotated[
    str | None, QueryParameter(name="of", max_length=255, description="With `mapRun`: the instance whose map run is meant.")
]
RunFilter = Annotated[
    str | None,
    QueryParameter(name="mapRun", max_length=255, description="With `of`: only this map run's executions, in item order."),
]
FromFilter = Annotated[
    str | None,
    QueryParameter(name="startedFrom", max_length=40, description="Only those started at this time or later (RFC 3339)."),
]
BeforeFilter = Annotated[
    str | None, QueryParameter(name="startedBefore", max_length=40, description="Only those started before this time (RFC 3339).")
]
PageSize = Annotated[int, QueryParameter(name="limit", ge=1, le=200, description="How many to answer at most.")]
PageCursor = Annotated[str | None, QueryParameter(name="cursor", max_length=512, description="The `cursor` of the page before.")]
EntryEvent = Annotated[
    int, QueryParameter(name="event", ge=1, le=POSITION_MAX, description="The `seq` of the NodeEntered event of the visit.")
]
After = Annotated[int, QueryParameter(name="after", ge=0, le=POSITION_MAX, description="Only events behind this `seq`.")]
FeedCursor = Annotated[
    str | None, QueryParameter(name="cursor", max_length=2_000, description="Only commits behind this place, as a page gave it.")
]
EventLimit = Annotated[
    int, QueryParameter(name="limit", ge=1, le=1_000, description="How many events (or commits) to read at most.")
]
Follow = Annotated[
    str | None,
    QueryParameter(name="follow", max_length=5, description="`true`: answer a live `text/event-stream`, as `Accept` also asks."),
]
ViewName = Annotated[
    str,
    QueryParameter(name="view", max_length=20, description="`lifecycle` (the published events) or `engine` (all internal ones)."),
]


def refuse_unknown(request: HttpRequest, *known: str) -> None:
    """Raise `InvalidRequest` for a parameter that would be ignored; a misspelt filter must not answer everything."""
    for name in request.query_params:
        if name not in known:
            there_is = ", ".join(known) or "none"
            raise InvalidRequest(
                f"There is no query parameter {name[:80]!r} here; there is: {there_is}.",
                pointer=f"query/{name[:80]}",
                code="UNKNOWN_PARAMETER",
            )


def statuses_of(words: list[str] | None) -> frozenset[Status]:
    """Read the contract's words, given repeatedly or separated by commas. RUNNING includes what is suspended."""
    wanted = {word.strip() for text in words or () for word in text.split(",") if word.strip()}
    if unknown := sorted(wanted - set(STATUS_NAMES.values())):
        raise _wrong("status", f"{unknown[0][:80]!r} is not a status; there are: {_WORDS}")
    return frozenset(status for status, word in STATUS_NAMES.items() if word in wanted)


def instant(name: str, text: str | None) -> datetime | None:
    """Read an RFC 3339 time with its offset."""
    if text is None:
        return None
    # In a query a bare + means a space; nothing else in a time does.
    written = text.replace(" ", "+")
    if not _RFC3339.fullmatch(written):
        raise _wrong(name, f"{text!r} is not an RFC 3339 time such as 2026-01-31T12:00:00Z")
    try:
        return datetime.fromisoformat(written.upper())
    except ValueError as error:
        raise _wrong(name, f"{text!r} is not a time: {error}") from None


def switch(name: str, text: str | None) -> bool:
    """Read a yes-or-no parameter; naming it without a value means yes."""
    if text is None or text.lower() in ("false", "0"):
        return False
    if text.lower() in ("", "true", "1"):
        return True
    raise _wrong(name, f"{text!r} is neither true nor false")


def _wrong(name: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"{name}: {message}.", pointer=f"query/{name}", code="INVALID_PARAMETER")
