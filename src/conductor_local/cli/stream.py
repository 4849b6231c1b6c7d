"""Server-sent events: the lines of a stream as events, and a stream that comes back after the connection broke.

Rules: an event is delivered once, whatever breaks: the server is asked for what follows the last id seen.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from conductor_local.cli.client import Client, Parameters, problem_fault
from conductor_local.errors import Unavailable
from conductor_local.payload import Json

_RECONNECT_S = 0.5
_RECONNECTS_MAX = 20
_FAULT = "error"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: the server's id for it, its type, and its JSON object."""

    id: str
    type: str
    body: dict[str, Json]


def parse_events(lines: Iterable[str]) -> Iterator[ServerEvent]:
    """Read events off lines (WHATWG HTML, "Interpreting an event stream"); comments and unfinished events are skipped."""
    fields: dict[str, list[str]] = {}
    last_id = ""
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
            continue
        last_id = fields.get("id", [last_id])[-1]
        if "data" in fields and isinstance(body := msgspec.json.decode("\n".join(fields["data"])), dict):
            yield ServerEvent(last_id, fields.get("event", [""])[-1] or str(body.get("type", "")), body)
        fields = {}


def follow(
    client: Client, path: str, parameters: Parameters | None = None, *, is_over: Callable[[], bool] = lambda: False
) -> Iterator[ServerEvent]:
    """Yield events until the server has ended the stream and `is_over`; without that, until the reader stops.

    Raises `Unavailable` when the server is not there, or went away and stays away.
    """
    place, failures = _Place(), 0
    while True:
        headers: Mapping[str, str] = {"last-event-id": place.id} if place.id else {}
        try:
            with client.stream(path, parameters, headers) as lines:
                for event in parse_events(lines):
                    failures = 0
                    if place.advance(event):
                        yield event
            if is_over():
                return
        except Unavailable:
            if not place.has_begun:
                raise
        failures += 1
        if failures > _RECONNECTS_MAX:
            raise Unavailable(f"The server at {client.url} ended the stream and did not come back.")
        time.sleep(_RECONNECT_S)


class _Place:
    """Where a reader is: the last id, and what came behind it and will come again after a break."""

    def __init__(self) -> None:
        self.id = ""
        self.has_begun = False
        self._told: set[str] = set()

    def advance(self, event: ServerEvent) -> bool:
        """Move behind the event and say whether it is new. Raises what a message of type `error` tells."""
        if event.type == _FAULT:
            raise problem_fault(event.body)
        self.has_begun = True
        name = str(event.body.get("id", ""))
        is_new = not name or name not in self._told
        if event.id == self.id:
            self._told.add(name)
        else:
            self.id, self._told = event.id, set()
        return is_new
