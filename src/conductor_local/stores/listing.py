"""Cursors of a listing: the start and id of the last head shown, so that later inserts cannot shift the next page."""

from datetime import datetime

from conductor_local.errors import InvalidRequest
from conductor_local.runtime.cursors import cursor_behind as cursor_of
from conductor_local.stores.instants import from_microseconds

__all__ = ["after_cursor", "cursor_of"]


def after_cursor(cursor: str) -> tuple[datetime, str]:
    """Return start and id that all further heads lie below; raises `InvalidRequest` for text that is no cursor of ours."""
    started, _, execution_id = cursor.partition(":")
    try:
        return from_microseconds(int(started)), execution_id
    except (OverflowError, ValueError):
        raise InvalidRequest("this is not a cursor that a listing gave", code="INVALID_CURSOR") from None
