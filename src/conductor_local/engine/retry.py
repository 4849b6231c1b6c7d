"""When to try again (ASL spec, "Retrying after error")."""

from datetime import timedelta

from conductor_local.engine.entropy import fraction
from conductor_local.engine.limits import RETRY_DELAY_S_MAX
from conductor_local.program import Failure, Retrier


def choose_retrier(retriers: tuple[Retrier, ...], retries: list[int], failure: Failure) -> int | None:
    """Return the index of the first Retrier that matches, or None when it has no attempts left or none matches.

    `retries` counts per Retrier; once the first match is exhausted no other Retrier is tried for the same failure.
    """
    for index, retrier in enumerate(retriers):
        if retrier.matches(failure):
            used = retries[index] if index < len(retries) else 0
            return index if used < retrier.attempts_max else None
    return None


def backoff(retrier: Retrier, retry: int, bits: int) -> timedelta:
    """Return the delay before retry number `retry` (from 1), in whole milliseconds; `bits` are 64 random bits for the jitter."""
    cap = RETRY_DELAY_S_MAX if retrier.delay_max_s is None else min(retrier.delay_max_s, RETRY_DELAY_S_MAX)
    try:
        delay_s = min(retrier.interval_s * float(retrier.backoff_rate) ** (retry - 1), cap)
    except OverflowError:
        delay_s = cap
    if retrier.jitter:
        delay_s *= fraction(bits)
    return timedelta(milliseconds=round(delay_s * 1000))
