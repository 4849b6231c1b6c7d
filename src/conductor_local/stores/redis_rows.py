"""What the scripts of a partition are given: an execution, a step or posted work as a flat list of arguments.

The order is the one the scripts' headers state. Sheets are encoded here, where the caller is, so a value that cannot be encoded
fails its own caller only.
"""

from collections.abc import Sequence

from conductor_local.engine.effects import AnyWork, Timer
from conductor_local.engine.state import Execution, Frame, Head, Step
from conductor_local.payload import Payload
from conductor_local.stores.codec import Encoder
from conductor_local.stores.instants import to_microseconds
from conductor_local.stores.redis_keys import entry_of
from conductor_local.stores.redis_link import Argument

Arguments = list[Argument]


class Rows:
    """Makes arguments."""

    def __init__(self) -> None:
        self._encoder = Encoder()

    def creation(self, base: str, execution: Execution, work: Sequence[AnyWork], epoch: int | None, token: str) -> Arguments:
        """Return what `create` takes."""
        head = execution.head
        stored: dict[str, Payload] = {}
        fields = [*self._fields(head, list(execution.frames.values()), stored), "born", token]
        rows = self._work(work, [True] * len(work), stored)
        owner = "" if epoch is None else epoch
        return [
            base, head.id, token, owner, head.status.value, entry_of(head), head.definition_id,
            len(fields), *fields, *_payloads(stored), *rows,
        ]  # fmt: skip

    def change(self, base: str, step: Step, epoch: int, token: str) -> Arguments:
        """Return what `commit` takes."""
        head, events = step.head, step.events
        stored: dict[str, Payload] = {}
        frames = [frame for frame in step.frames.values() if frame is not None]
        fields = [*self._fields(head, frames, stored), "token", token]
        gone = [f"frame:{id}" for id, frame in step.frames.items() if frame is None]
        rows = self._work(step.work, [not isinstance(each, Timer) and each.due_at <= head.at for each in step.work], stored)
        sheet = self._encoder.encode(events, stored) if events else ""
        ended_at = to_microseconds(head.ended_at) if head.ended_at else ""
        return [
            base, head.id, epoch, token, head.version, head.status.value, entry_of(head), head.definition_id, ended_at,
            events[-1].seq if events else "", sheet,
            len(fields), *fields, len(gone), *gone, *_payloads(stored),
            len(step.consumed) + len(step.cancelled), *step.consumed, *step.cancelled, *rows,
        ]  # fmt: skip

    def posting(self, base: str, execution_id: str, work: Sequence[AnyWork]) -> Arguments:
        """Return what `post` takes."""
        stored: dict[str, Payload] = {}
        rows = self._work(work, [False] * len(work), stored)
        return [base, execution_id, *_payloads(stored), *rows]

    def parking(self, base: str, head: Head, epoch: int) -> Arguments:
        """Return what `suspend` takes; the payloads of `head` are stored already."""
        fields = self._fields(head, [], {})
        return [base, head.id, epoch, head.version, entry_of(head), head.definition_id, len(fields), *fields]

    def _fields(self, head: Head, frames: Sequence[Frame], stored: dict[str, Payload]) -> Arguments:
        encode = self._encoder.encode
        fields: Arguments = ["head", encode(head, stored), "version", head.version, "status", head.status.value]
        for frame in frames:
            fields += (f"frame:{frame.id}", encode(frame, stored))
        return fields

    def _work(self, work: Sequence[AnyWork], born_claimed: Sequence[bool], stored: dict[str, Payload]) -> Arguments:
        rows: Arguments = [len(work)]
        for each, is_claimed in zip(work, born_claimed, strict=True):
            rows += (each.id, to_microseconds(each.due_at), int(is_claimed), self._encoder.encode(each, stored))
        return rows


def _payloads(stored: dict[str, Payload]) -> Arguments:
    return [2 * len(stored), *(part for digest, payload in stored.items() for part in (digest, payload.encoded))]
