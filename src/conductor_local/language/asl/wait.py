"""The Wait state: for Seconds, or until a Timestamp, each also by a path or an expression (reference sheet 13)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from conductor_local.language.asl.dataflow import PathSlots
from conductor_local.language.asl.fields import SECONDS_MAX, Fields
from conductor_local.language.asl.state import State
from conductor_local.language.expr import Path, failure
from conductor_local.language.expr.fields import seconds_path, timestamp_path
from conductor_local.language.timestamps import moment
from conductor_local.program import Scope, Wait

Until = Callable[[Scope], datetime]

NOT_A_TIMESTAMP = "String does not match RFC3339 timestamp"
_DELAY_S_MAX = 2**31 - 1  # observed on AWS: further ahead fails
_BY_PATH = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")


def read_wait(state: State) -> Wait:
    """Read a Wait state."""
    slots = state.slots
    if isinstance(slots, PathSlots):
        state.fields.exactly_one(*_BY_PATH)
        until = _until(slots)
    else:
        state.fields.exactly_one("Seconds", "Timestamp")
        until = slots.until()
    return Wait(
        name=state.name, title=state.name, next=state.next,
        arguments=slots.arguments(), output=slots.output(), assign=slots.assign(), until=_not_too_far(until),
    )  # fmt: skip


def _until(slots: PathSlots) -> Until:
    fields = slots.fields
    seconds, at = fields.whole_number("Seconds", 0, SECONDS_MAX), _timestamp(fields)
    seconds_from, timestamp_from = slots.path("SecondsPath"), slots.path("TimestampPath")
    if seconds is not None:
        return lambda scope: scope.entered_at + timedelta(seconds=seconds)
    if at is not None:
        return lambda scope: at
    if seconds_from is not None:
        return _for_seconds(slots, seconds_from)
    if timestamp_from is not None:
        read, effective = timestamp_path(timestamp_from, slots.context), slots.effective_input
        return lambda scope: read(effective(scope), scope)
    return lambda scope: scope.entered_at  # a problem has been noted: nothing ever waits for this


def _for_seconds(slots: PathSlots, path: Path) -> Until:
    read, effective = seconds_path(path, slots.context), slots.effective_input

    def until(scope: Scope) -> datetime:
        seconds = read(effective(scope), scope)
        return scope.entered_at + timedelta(seconds=min(seconds, _DELAY_S_MAX + 1))

    return until


def _timestamp(fields: Fields) -> datetime | None:
    text = fields.text("Timestamp")
    if text is None:
        return None
    at = moment(text)
    if at is None:
        fields.error("Timestamp", NOT_A_TIMESTAMP)
    return at


def _not_too_far(until: Until) -> Until:
    def limited(scope: Scope) -> datetime:
        at = until(scope)
        if (at - scope.entered_at).total_seconds() > _DELAY_S_MAX:
            raise failure(scope, "Wait state delay is too long.")
        return at

    return limited
