"""The two clocks: the machine's, and one that jumps to the next timer as soon as nothing else is going on."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import time_ns

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SLEEP_S_MAX = 60.0  # a machine that was suspended, or whose clock was set, is noticed after at most this


class SystemClock:
    """The machine's clock in whole milliseconds; it never goes backwards. `read_ns` gives nanoseconds since 1970."""

    def __init__(self, read_ns: Callable[[], int] = time_ns) -> None:
        self._read_ns = read_ns
        self._milliseconds = 0
        self._latest = _EPOCH

    def now(self) -> datetime:
        milliseconds = self._read_ns() // 1_000_000
        if milliseconds > self._milliseconds:
            self._milliseconds = milliseconds
            self._latest = _EPOCH + timedelta(milliseconds=milliseconds)
        return self._latest

    async def sleep_until(self, at: datetime) -> None:
        while (left := (at - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - the machine's clock sets no event
            await asyncio.sleep(min(left, _SLEEP_S_MAX))


class VirtualClock:
    """A clock that stands still while anything runs and jumps to the earliest instant waited for when everything waits.

    `is_idle` tells whether nothing but time can bring the process on; the runtime's wiring supplies it.
    """

    def __init__(self, start: datetime, is_idle: Callable[[], bool]) -> None:
        self._now = start
        self._is_idle = is_idle
        self._waited_for: list[datetime] = []

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, at: datetime) -> None:
        self._waited_for.append(at)
        try:
            while at > self._now:
                if at == min(self._waited_for) and self._is_idle():
                    self._now = at
                else:
                    await asyncio.sleep(0.001)
        finally:
            self._waited_for.remove(at)
