"""The cursors of a listing, newest start first: where a page ends is said by its last head, so that later starts move nothing.

Every store gives and takes these, so that whoever shows only some of a page's heads can say himself how far it got.
"""

from datetime import UTC, datetime, timedelta

from conductor_local.engine.state import Head

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def cursor_behind(head: Head) -> str:
    """Return the `Query.cursor` of the page that begins behind `head`."""
    return f"{(head.started_at - _EPOCH) // _MICROSECOND}:{head.id}"
