"""Instants as whole microseconds since 1970, UTC: what a `datetime` holds, so comparing the numbers compares the instants."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(at: datetime) -> int:
    """Return the number for an aware instant."""
    return (at - _EPOCH) // _MICROSECOND


def from_microseconds(number: int) -> datetime:
    """Return the instant, in UTC."""
    return _EPOCH + number * _MICROSECOND
