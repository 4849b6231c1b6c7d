"""Events as they go over the wire, in two views.

`lifecycle` (the default) is the contract's: the shapes that also go to the topic `workflow_events`, and only events that have a
`lifecycle_id`. `engine` shows every internal event as it is stored. Both carry `id` (stable: `<instance id>:<number>`) and `seq`,
which is what `after` and `Last-Event-ID` take. Secrets are masked in both.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from conductor_local.engine.events import AnyEvent
from conductor_local.masking import mask, mask_text
from conductor_local.payload import Json, Payload
from conductor_local.runtime.lifecycle import lifecycle_event
from conductor_local.runtime.ports import Published
from conductor_local.runtime.views import timestamp

Document = dict[str, Json]
View = Callable[[Published, AnyEvent], Document | None]


class EventPage(msgspec.Struct, kw_only=True):
    """Events of one instance. Passing `after` on gives what came later."""

    items: list[Document]
    after: int


class FeedPage(msgspec.Struct, kw_only=True):
    """Events of all instances. Passing `cursor` on gives what came later."""

    items: list[Document]
    cursor: str


def lifecycle_view(commit: Published, event: AnyEvent) -> Document | None:
    """The contract's shape, None for what is internal."""
    document = lifecycle_event(commit, event)
    return None if document is None else {**document, "seq": event.seq}


def engine_view(commit: Published, event: AnyEvent) -> Document:
    """The internal event."""
    document = msgspec.to_builtins(event, enc_hook=_plain, builtin_types=())
    for line in document.get("logs") or ():
        line["message"] = mask_text(line["message"])
    return {
        "id": f"{commit.execution_id}:{event.seq}",
        "instanceId": commit.execution_id,
        **mask(document),
        "at": timestamp(event.at),
        "seq": event.seq,
    }


def documents(commit: Published, events: Iterable[AnyEvent], view: View) -> list[Document]:
    """Show those that the view shows."""
    return [document for event in events if (document := view(commit, event)) is not None]


def _plain(value: Any) -> Json:
    if isinstance(value, Payload):
        return value.value
    raise NotImplementedError(type(value).__name__)
