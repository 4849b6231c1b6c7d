"""`Retry` and `Catch` (ASL spec, "Errors"; reference sheet 12)."""

from collections.abc import Sequence

from conductor_local.language.asl.fields import SECONDS_MAX, Fields
from conductor_local.language.asl.modes import refuse_by_mode
from conductor_local.language.asl.state import State
from conductor_local.language.matching import Matcher, matcher
from conductor_local.program import Catcher, ErrorName, Retrier

RETRY_FIELDS = ("ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment")
CATCH_FIELDS = {"ErrorEquals": "B", "Next": "B", "Comment": "B", "Assign": "B", "ResultPath": "P", "Output": "A"}

_DELAY_S_MAX = 31_622_399
_RATE_MAX = 1e9


def read_retry(fields: Fields) -> tuple[Retrier, ...]:
    """Read the `Retry` of a state."""
    items = fields.objects("Retry", may_be_empty=True)
    _refuse_early_all(items)
    return tuple(_retrier(item) for item in items)


def read_catch(state: State) -> tuple[Catcher, ...]:
    """Read the `Catch` of a state."""
    items = state.fields.objects("Catch", may_be_empty=True)
    _refuse_early_all(items)
    return tuple(_catcher(state, item, f"Catch[{index}]") for index, item in enumerate(items))


def _retrier(fields: Fields) -> Retrier:
    fields.refuse_others(RETRY_FIELDS)
    fields.text("Comment")
    interval_s = fields.whole_number("IntervalSeconds", 1, SECONDS_MAX)
    attempts_max = fields.whole_number("MaxAttempts", 0, SECONDS_MAX)
    rate = fields.number("BackoffRate", 1.0, _RATE_MAX)
    delay_max_s = fields.whole_number("MaxDelaySeconds", 1, _DELAY_S_MAX)
    if delay_max_s is not None and delay_max_s <= (interval_s or 1):
        fields.error("MaxDelaySeconds", "MaxDelaySeconds must be greater than IntervalSeconds")
    strategy = fields.one_of("JitterStrategy", ("FULL", "NONE"))
    return Retrier(
        matches=_matches(fields),
        interval_s=1.0 if interval_s is None else float(interval_s),
        attempts_max=3 if attempts_max is None else attempts_max,
        backoff_rate=2.0 if rate is None else float(rate),
        delay_max_s=None if delay_max_s is None else float(delay_max_s),
        jitter=strategy == "FULL",
    )


def _catcher(state: State, fields: Fields, path: str) -> Catcher:
    refuse_by_mode(fields, CATCH_FIELDS, state.language)
    fields.text("Comment")
    matches = _matches(fields, "Next")
    slots = state.slots
    output = slots.caught_output(fields, path)
    return Catcher(matches=matches, next=fields.text("Next") or "", output=output, assign=slots.caught_assign(fields, path))


def _matches(fields: Fields, *others: str) -> Matcher:
    fields.require("ErrorEquals", *others)
    names = []
    for place, name in fields.items("ErrorEquals"):
        if isinstance(name, str):
            names.append(name)
        else:
            fields.reading.diagnostics.error(place, "Expected value of type String")
    if ErrorName.ALL in names and len(names) > 1:
        fields.error("ErrorEquals", f"{ErrorName.ALL} must appear alone")
    return matcher(names)


def _refuse_early_all(items: Sequence[Fields]) -> None:
    for item in items[:-1]:
        names = item.value.get("ErrorEquals")
        if isinstance(names, list) and ErrorName.ALL in names:
            item.error("ErrorEquals", f"{ErrorName.ALL} must appear in the last item", "nothing after it could match")
