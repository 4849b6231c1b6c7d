"""The machine's clock never goes back; the virtual one moves only when nothing else does."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from conductor_local.runtime import clock as clock_module
from conductor_local.runtime.clock import SystemClock, VirtualClock

from .rig import T0, until


def test_the_system_clock_is_in_whole_milliseconds_of_utc() -> None:
    now = SystemClock().now()
    assert (now.tzinfo, now.microsecond % 1000) == (UTC, 0)


def test_the_system_clock_never_goes_back() -> None:
    readings = iter([1_000_000_000, 2_000_000_000, 1_000_000_000, 2_001_999_999])
    clock = SystemClock(lambda: next(readings))
    start = datetime(1970, 1, 1, tzinfo=UTC)
    assert [(clock.now() - start) / timedelta(milliseconds=1) for _ in range(4)] == [1000, 2000, 2000, 2001]


async def test_the_system_clock_sleeps_until_it_is_time() -> None:
    clock = SystemClock()
    at = clock.now() + timedelta(milliseconds=20)
    await clock.sleep_until(at)
    assert clock.now() >= at
    await clock.sleep_until(T0 - timedelta(days=365))


async def test_the_system_clock_notices_that_it_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_module, "_SLEEP_S_MAX", 0.001)
    readings = iter([0, 0, 86_400 * 10**9])
    await SystemClock(lambda: next(readings, 86_400 * 10**9)).sleep_until(datetime(1970, 1, 1, 1, tzinfo=UTC))


async def test_the_virtual_clock_jumps_when_idle() -> None:
    clock = VirtualClock(T0, is_idle=lambda: True)
    await clock.sleep_until(T0 + timedelta(days=1000))
    assert clock.now() == T0 + timedelta(days=1000)


async def test_the_virtual_clock_stands_still_while_anything_runs() -> None:
    idle = False
    looked = 0

    def is_idle() -> bool:
        nonlocal looked
        looked += 1
        return idle

    clock = VirtualClock(T0, is_idle)
    sleeping = asyncio.create_task(clock.sleep_until(T0 + timedelta(hours=1)))
    await until(lambda: looked > 3)
    assert clock.now() == T0
    idle = True
    await sleeping
    assert clock.now() == T0 + timedelta(hours=1)


async def test_the_virtual_clock_stops_at_every_instant_that_is_waited_for() -> None:
    clock = VirtualClock(T0, is_idle=lambda: started == 4)
    started = 0
    woken: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal started
        started += 1
        await clock.sleep_until(T0 + timedelta(seconds=seconds))
        woken.append((clock.now() - T0).total_seconds())

    await asyncio.gather(*map(sleep, (30, 10, 20, 10)))
    assert woken == [10, 10, 20, 30]


async def test_who_stops_waiting_holds_nobody_up() -> None:
    clock = VirtualClock(T0, is_idle=lambda: clock_is_idle)
    clock_is_idle = False
    first = asyncio.create_task(clock.sleep_until(T0 + timedelta(seconds=1)))
    second = asyncio.create_task(clock.sleep_until(T0 + timedelta(seconds=2)))
    await asyncio.sleep(0)
    first.cancel()
    clock_is_idle = True
    await second
    assert clock.now() == T0 + timedelta(seconds=2)
