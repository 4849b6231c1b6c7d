"""The `wait` step: for a number of `seconds`, or `until` an RFC 3339 time; each may be a path instead."""

from collections.abc import Callable
from datetime import datetime, timedelta

from conductor_local.errors import EvaluationError
from conductor_local.language.steps.fields import Fields, Range
from conductor_local.language.steps.step import Step
from conductor_local.language.steps.values import SECONDS_MAX, seconds_slot, unsuitable
from conductor_local.language.timestamps import moment
from conductor_local.program import ErrorName, Expr, Scope, Wait

Until = Callable[[Scope], datetime]

_SECONDS = Range(f"a number of seconds from 0 to {SECONDS_MAX}", lambda value: 0 <= value <= SECONDS_MAX)
_DELAY_S_MAX = 2**31 - 1  # observed on AWS: further ahead fails with this text
_A_TIME = "an RFC 3339 time such as '2030-01-31T12:00:00Z'"


def read_wait(step: Step) -> Wait:
    """Read a `wait` step."""
    fields = step.fields
    if ("seconds" in fields) == ("until" in fields):
        fields.error_here("WAIT", "needs exactly one of 'seconds' and 'until'")
    until = _until(step.id, fields) if "until" in fields else _for_seconds(seconds_slot(step.id, fields, "seconds", _SECONDS))
    return Wait(name=step.id, title=step.title, next=step.next, until=until)


def _for_seconds(seconds: Expr | None) -> Until:
    if seconds is None:
        return _unread()
    return lambda scope: scope.entered_at + timedelta(seconds=seconds(scope))


def _unread() -> Until:
    """Return a stand-in for a time that could not be read; the problem has been noted, so nothing ever waits for it."""
    return lambda scope: scope.entered_at


def _until(step: str, fields: Fields) -> Until:
    text = fields.word("until")
    if text is None:
        return _unread()
    if text[0].isdecimal():
        return _until_literal(step, fields, text)
    find = fields.lookup("until")
    if find is None:
        return _unread()

    def read(scope: Scope) -> datetime:
        value = find(scope.input, scope)
        at = moment(value) if isinstance(value, str) else None
        if at is None:
            raise unsuitable(step, "until", text, _A_TIME, value)
        return _not_too_far(step, scope, at)

    return read


def _until_literal(step: str, fields: Fields, text: str) -> Until:
    at = moment(text)
    if at is None:
        fields.error("until", "TIMESTAMP", f"must be {_A_TIME}, or a path to one")
        return _unread()
    return lambda scope: _not_too_far(step, scope, at)


def _not_too_far(step: str, scope: Scope, at: datetime) -> datetime:
    if (at - scope.entered_at).total_seconds() > _DELAY_S_MAX:
        raise EvaluationError(ErrorName.RUNTIME, f"step '{step}': until '{at.isoformat()}': Wait state delay is too long.")
    return at
