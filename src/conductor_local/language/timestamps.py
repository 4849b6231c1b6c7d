"""RFC 3339 date-times as workflows write them: capital `T`, seconds, and `Z` or a numeric offset.

Rules: anything else is not a timestamp (also lower case letters, leap seconds and days that do not exist); fractions may have any
number of digits and are compared exactly, since two instants that differ must not compare as equal.
"""

import re
from datetime import UTC, datetime, timedelta

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)  # fmt: skip

Instant = tuple[int, str]
"""Whole seconds since year 1 in UTC, then the digits of the fraction without trailing zeros: ordered as the instants are."""


def instant(text: str) -> Instant | None:
    """Return a value that orders timestamps by the instant they mean; None when `text` is not a timestamp."""
    if (found := _RFC3339.fullmatch(text)) is None:
        return None
    try:
        local = datetime(*(int(part) for part in found.groups()[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    since = local - datetime.min  # noqa: DTZ901
    seconds = since.days * 86_400 + since.seconds - _offset_s(found)
    return seconds, (found[7] or "").rstrip("0")


def moment(text: str) -> datetime | None:
    """Return an aware UTC datetime, cut to microseconds; None when `text` is not a timestamp a datetime can hold."""
    if (found := instant(text)) is None:
        return None
    seconds, fraction = found
    microseconds = int(fraction[:6].ljust(6, "0"))
    try:
        return datetime.min.replace(tzinfo=UTC) + timedelta(seconds=seconds, microseconds=microseconds)
    except OverflowError:
        return None


def _offset_s(found: re.Match[str]) -> int:
    if found[8] is None:
        return 0
    offset = int(found[9]) * 3600 + int(found[10]) * 60
    return offset if found[8] == "+" else -offset
