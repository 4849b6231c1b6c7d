"""Changes of status of executions to EventBridge: onto the default event bus, as "Step Functions Execution Status Change".

Rules: in order; when the service cannot answer, or says that an entry failed on its side, everything waits and comes again; what it
refuses for good is dropped with a warning.
"""

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from conductor_local.errors import InvalidRequest, Unavailable
from conductor_local.payload import Json
from conductor_local.runtime.news import News, Send, StatusChange
from conductor_local.runtime.ports import Published

ENTRIES_MAX, BYTES_MAX = 10, 256 * 1024
_PASSING = frozenset({"InternalException", "InternalFailure", "ThrottlingException"})
_encode = msgspec.json.Encoder().encode
Entry = dict[str, Json]

log = logging.getLogger("conductor.eventbridge")


class EventBridgeSink:
    """Puts the changes of commits. `send` calls the service `events`."""

    name = "eventbridge"

    def __init__(self, news: News, send: Send) -> None:
        self._changes, self._send = news.changes, send
        self._refused: set[str] = set()

    async def publish(self, commits: Sequence[Published]) -> None:
        """Put what the commits changed."""
        found = [change for commit in commits for change in await self._changes(commit)]
        for region, changes in groupby(found, lambda change: change.region):
            for batch in _batches(changes):
                await self._put(region, batch)

    async def close(self) -> None:
        """Nothing is kept back."""

    async def _put(self, region: str, batch: list[Entry]) -> None:
        try:
            answer = await self._send("PutEvents", {"Entries": batch}, region=region)
        except InvalidRequest as error:
            self._warn(error.code, str(error), len(batch))
            return
        failed = [each for each in answer.get("Entries") or () if each.get("ErrorCode")]
        if any(each["ErrorCode"] in _PASSING for each in failed):
            raise Unavailable(f"EventBridge could not take {len(failed)} events: {failed[0].get('ErrorMessage', '')}")
        for each in failed:
            self._warn(each["ErrorCode"], each.get("ErrorMessage", ""), 1)

    def _warn(self, code: str, message: str, count: int) -> None:
        """Say each reason once."""
        if code not in self._refused:
            self._refused.add(code)
            log.warning("%d status changes were not taken by EventBridge (%s: %s)", count, code, message)


def _batches(changes: Iterator[StatusChange]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for change in changes:
        entry = {**change.entry, "Detail": _encode(change.entry["Detail"]).decode()}
        more = sum(len(str(part).encode()) for part in entry.values())
        if batch and (len(batch) == ENTRIES_MAX or size + more > BYTES_MAX):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += more
    if batch:
        yield batch
