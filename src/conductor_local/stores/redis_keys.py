"""Names of keys, and of what lies in sorted sets. `docs/redis.md` shows them all.

Every key of a partition has the tag `{p<partition>}`, so that all of them lie in one slot of a cluster and one script can change
them together; what belongs to no partition has `{defs}`. Rules: an entry of an index sorts as the listing does, by start and then
id; a number in a name is padded, so that names sort as numbers do.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property

from conductor_local.engine.state import Head, Status
from conductor_local.errors import SettingsError
from conductor_local.stores.instants import from_microseconds, to_microseconds

_DIGITS = 18  # of microseconds since 1970, to the end of the year 9999
_LAST = datetime.max.replace(tzinfo=UTC)
_PARTS = ("state", "due", "taken", "outbox", "counts", "ended", "cursors")


class Keys:
    """The names under one prefix."""

    def __init__(self, prefix: str) -> None:
        if not prefix or any(each in "{}" or each.isspace() for each in prefix):
            raise SettingsError(f"{prefix!r} cannot be the prefix of Redis keys: it must be a word without spaces and braces.")
        self._prefix = prefix
        self._of: dict[int, tuple[str, ...]] = {}

    def base(self, partition: int) -> str:
        """Return how every key of a partition begins."""
        return f"{self._prefix}:{{p{partition}}}:"

    def of_partition(self, partition: int) -> tuple[str, ...]:
        """Return the keys that scripts of a partition take, in their order."""
        keys = self._of.get(partition)
        if keys is None:
            base = self.base(partition)
            keys = self._of[partition] = tuple(base + part for part in _PARTS)
        return keys

    def of_run(self, partition: int, id: str) -> tuple[str, ...]:
        """Return these and the keys of one run."""
        base = self.base(partition)
        return (*self.of_partition(partition), f"{base}run:{id}", f"{base}events:{id}", f"{base}payloads:{id}")

    def run(self, partition: int, id: str) -> str:
        """Return where head, frames and work of a run lie."""
        return f"{self.base(partition)}run:{id}"

    def payloads(self, partition: int, id: str) -> str:
        """Return where a run's large payloads lie, by digest."""
        return f"{self.base(partition)}payloads:{id}"

    def indexes(self, partition: int, definition_id: str | None, statuses: Sequence[Status]) -> tuple[str, ...]:
        """Return the indexes to list from."""
        middle = f"{definition_id}:" if definition_id else ""
        return tuple(f"{self.base(partition)}runs:{middle}{status.value}" for status in statuses)

    def answer(self, partition: int, token: str) -> str:
        """Return where an answer is kept for a minute."""
        return f"{self.base(partition)}answer:{token}"

    @cached_property
    def shared(self) -> str:
        """How every key that belongs to no partition begins."""
        return f"{self._prefix}:{{defs}}:"


def entry_of(head: Head) -> str:
    """Return a run's entry in the indexes."""
    return f"{padded(head.started_at)}:{head.id}"


def padded(at: datetime) -> str:
    """Return an instant as text that sorts."""
    return f"{to_microseconds(at):0{_DIGITS}d}"


def instant_of(score: bytes) -> datetime:
    """Return the instant of a sorted set's score. Beyond the year 2255 scores are exact to 32 microseconds only."""
    number = int(score) if score.isdigit() else int(float(score))
    return from_microseconds(min(number, to_microseconds(_LAST)))
