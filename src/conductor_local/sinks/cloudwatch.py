"""Log records of executions to CloudWatch Logs: into the group that the machine's configuration names, streams as AWS names them.

Rules: streams are made when they are needed, groups never (AWS makes none either): a record whose group is not there, or that the
service refuses, is dropped with a warning, for publishing must not wait for what may never be; `conductor logs` has it. When the
service cannot answer, everything waits. A batch is in the order of time and within the service's quotas.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from operator import itemgetter

import msgspec

from conductor_local.errors import InvalidRequest
from conductor_local.payload import Json
from conductor_local.runtime.logged import LogRecord
from conductor_local.runtime.news import News, Send
from conductor_local.runtime.ports import Published

BATCH_EVENTS_MAX, BATCH_BYTES_MAX, BATCH_SPAN_MS = 10_000, 1_048_576, 24 * 3_600_000
EVENT_BYTES_MORE = 26  # what the service counts for each event besides its text
_MISSING, _EXISTS = "ResourceNotFoundException", "ResourceAlreadyExistsException"
_encode = msgspec.json.Encoder().encode

log = logging.getLogger("conductor.cloudwatch")
Place = tuple[str, str, str]
"""The region, the name of the group, and the machine."""
Event = dict[str, Json]


class CloudWatchSink:
    """Puts the records of commits. `send` calls the service `logs`."""

    name = "cloudwatch-logs"

    def __init__(self, news: News, send: Send) -> None:
        self._records, self._send = news.records, send
        self._streams: dict[Place, str] = {}
        self._refused: set[tuple[str, str]] = set()

    async def publish(self, commits: Sequence[Published]) -> None:
        """Put what is logged of the commits."""
        found = [(_place(record), record) for commit in commits for record in await self._records(commit)]
        for place, records in groupby(sorted(found, key=itemgetter(0)), itemgetter(0)):
            events = sorted((_event(record) for _, record in records), key=itemgetter("timestamp"))
            for batch in _batches(events):
                await self._put(place, batch)

    async def close(self) -> None:
        """Nothing is kept back."""

    async def _put(self, place: Place, batch: list[Event]) -> None:
        region, group, _ = place
        try:
            stream = self._streams.get(place) or await self._make_stream(place, batch[0])
            try:
                await self._put_into(stream, place, batch)
            except InvalidRequest as error:
                if error.code != _MISSING:
                    raise
                await self._put_into(await self._make_stream(place, batch[0]), place, batch)
        except InvalidRequest as error:
            self._streams.pop(place, None)
            self._warn(f"{region}/{group}", error, len(batch))
        else:
            self._refused = {each for each in self._refused if each[0] != f"{region}/{group}"}

    async def _put_into(self, stream: str, place: Place, batch: list[Event]) -> None:
        region, group, _ = place
        await self._send("PutLogEvents", {"logGroupName": group, "logStreamName": stream, "logEvents": batch}, region=region)

    async def _make_stream(self, place: Place, first: Event) -> str:
        """Make the stream that begins with an event; that it is there already is no mistake."""
        region, group, machine = place
        stream = _stream(machine, first)
        try:
            await self._send("CreateLogStream", {"logGroupName": group, "logStreamName": stream}, region=region)
        except InvalidRequest as error:
            if error.code != _EXISTS:
                raise
        self._streams[place] = stream
        return stream

    def _warn(self, group: str, error: InvalidRequest, count: int) -> None:
        """Say once, for each group and reason, until something arrives there."""
        if (group, error.code) not in self._refused:
            self._refused.add((group, error.code))
            advice = "; create it: aws logs create-log-group" if error.code == _MISSING else ""
            log.warning(
                "%d log records for the log group %s were not taken (%s: %s)%s. 'conductor logs' has them.",
                count, group, error.code, error, advice,
            )  # fmt: skip


def _place(record: LogRecord) -> Place:
    """Return where a record goes: the group's own region, for a group is in one."""
    parts = record.order.group.split(":", 6)
    region, group = (parts[3], parts[6]) if len(parts) == 7 else (record.region, record.order.group)
    return region, group, record.machine


def _event(record: LogRecord) -> Event:
    return {"timestamp": int(record.fields["event_timestamp"]), "message": _encode(record.fields).decode()}


def _stream(machine: str, first: Event) -> str:
    """Name a stream by the machine, the minute of its first event and eight digits."""
    at = datetime.fromtimestamp(first["timestamp"] / 1000, UTC)
    digits = sha256(first["message"].encode()).hexdigest()[:8]
    return f"states/{machine}/{at:%Y-%m-%d-%H-%M}/{digits}"


def _batches(events: Sequence[Event]) -> Iterator[list[Event]]:
    batch: list[Event] = []
    size = 0
    for event in events:
        more = len(event["message"].encode()) + EVENT_BYTES_MORE
        is_full = len(batch) == BATCH_EVENTS_MAX or size + more > BATCH_BYTES_MAX
        if batch and (is_full or event["timestamp"] - batch[0]["timestamp"] >= BATCH_SPAN_MS):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += more
    if batch:
        yield batch
