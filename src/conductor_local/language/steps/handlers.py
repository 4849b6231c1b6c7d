"""`retry` and `catch` of a step (ASL spec, "Errors"; ranges from the reference sheet, 12.3)."""

from collections.abc import Sequence

from conductor_local.language.matching import Matcher, matcher
from conductor_local.language.problems import quoted
from conductor_local.language.steps.fields import Fields, Range
from conductor_local.language.steps.values import SECONDS_MAX
from conductor_local.language.steps.writing import error_output
from conductor_local.program import Catcher, ErrorName, Retrier

RETRY_FIELDS = ("errorEquals", "maxAttempts", "intervalSeconds", "backoffRate", "maxDelaySeconds", "jitterStrategy")
CATCH_FIELDS = ("errorEquals", "nextStepId", "resultPath")

_DELAY_LIMIT_S = 31_622_400
_INTERVAL = Range(f"a number of seconds from 1 to {SECONDS_MAX}", lambda value: 1 <= value <= SECONDS_MAX)
_ATTEMPTS = Range(f"a whole number from 0 to {SECONDS_MAX}", lambda value: 0 <= value <= SECONDS_MAX)
_RATE = Range("a number of at least 1", lambda value: value >= 1)
_DELAY = Range(f"a number of seconds above 0 and below {_DELAY_LIMIT_S}", lambda value: 0 < value < _DELAY_LIMIT_S)


def read_retry(fields: Fields) -> tuple[Retrier, ...]:
    """Read the `retry` of a step."""
    items = fields.objects("retry", may_be_empty=True)
    _refuse_early_all(items)
    return tuple(_retrier(item) for item in items)


def read_catch(step: str, fields: Fields) -> tuple[Catcher, ...]:
    """Read the `catch` of a step."""
    items = fields.objects("catch", may_be_empty=True)
    _refuse_early_all(items)
    return tuple(_catcher(step, item) for item in items)


def _retrier(fields: Fields) -> Retrier:
    fields.refuse_others(RETRY_FIELDS)
    interval_s = fields.number("intervalSeconds", _INTERVAL)
    attempts_max = fields.whole_number("maxAttempts", _ATTEMPTS)
    rate = fields.number("backoffRate", _RATE)
    delay_max_s = fields.number("maxDelaySeconds", _DELAY)
    if delay_max_s is not None and delay_max_s <= (interval_s or 1):
        fields.error("maxDelaySeconds", "OUT_OF_RANGE", "must be more than 'intervalSeconds', which is 1 unless given")
    return Retrier(
        matches=_matches(fields),
        interval_s=1.0 if interval_s is None else float(interval_s),
        attempts_max=3 if attempts_max is None else attempts_max,
        backoff_rate=2.0 if rate is None else float(rate),
        delay_max_s=None if delay_max_s is None else float(delay_max_s),
        jitter=_has_jitter(fields),
    )


def _has_jitter(fields: Fields) -> bool:
    strategy = fields.text("jitterStrategy")
    if strategy not in (None, "FULL", "NONE"):
        fields.error("jitterStrategy", "WRONG_VALUE", "must be 'FULL' or 'NONE'")
    return strategy == "FULL"


def _catcher(step: str, fields: Fields) -> Catcher:
    fields.refuse_others(CATCH_FIELDS)
    fields.require("nextStepId")
    return Catcher(
        matches=_matches(fields),
        next=fields.word("nextStepId") or "",
        output=error_output(step, fields.target_path("resultPath")),
    )


def _matches(fields: Fields) -> Matcher:
    fields.require("errorEquals")
    names = []
    for index, (pointer, name) in enumerate(fields.items("errorEquals")):
        if not isinstance(name, str) or not name:
            fields.context.problems.error(
                pointer, "WRONG_TYPE", f"{fields.what}: 'errorEquals'[{index}] must be the name of an error"
            )
            continue
        names.append(name)
        if name == ErrorName.RUNTIME:
            message = f"{quoted(name)} is a mistake in the workflow itself and never handled"
            fields.context.problems.warning(pointer, "NEVER_MATCHES", message)
    if ErrorName.ALL in names and len(names) > 1:
        fields.error("errorEquals", "ALL_NOT_ALONE", "has 'States.ALL' beside other names; it must stand alone")
    return matcher(names)


def _refuse_early_all(items: Sequence[Fields]) -> None:
    for item in items[:-1]:
        names = item.value.get("errorEquals")
        if isinstance(names, list) and ErrorName.ALL in names:
            item.error("errorEquals", "ALL_NOT_LAST", "has 'States.ALL' before the last item; nothing after it could match")
