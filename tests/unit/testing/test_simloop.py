"""The virtual-time loop: time jumps, order is asyncio's, the seed decides the rest."""

import asyncio
import gc
import threading
import time
from datetime import timedelta

import pytest

from conductor_local.testing.simloop import EPOCH, Deadlock, SimClock, run, sim_loop


def test_sleeping_for_a_day_takes_no_time() -> None:
    async def main() -> float:
        await asyncio.sleep(86_400)
        return asyncio.get_running_loop().time()

    began = time.perf_counter()
    assert run(main) == pytest.approx(86_400)
    assert time.perf_counter() - began < 1


def test_timers_fire_in_order_of_their_time() -> None:
    async def main() -> list[int]:
        fired: list[int] = []

        async def sleeper(seconds: int) -> None:
            await asyncio.sleep(seconds)
            fired.append(seconds)

        await asyncio.gather(*(sleeper(seconds) for seconds in (3, 1, 2)))
        return fired

    assert run(main) == [1, 2, 3]


def test_callbacks_keep_first_in_first_out() -> None:
    async def main() -> list[int]:
        seen: list[int] = []
        for number in range(50):
            asyncio.get_running_loop().call_soon(seen.append, number)
        await asyncio.sleep(0)
        return seen

    assert run(main, seed=9) == list(range(50))


def test_time_stands_still_while_callbacks_are_ready() -> None:
    async def main() -> float:
        asyncio.get_running_loop().call_later(1, lambda: None)
        for _ in range(100):
            await asyncio.sleep(0)
        return asyncio.get_running_loop().time()

    assert run(main) == 0


async def _race() -> list[int]:
    finished: list[int] = []

    async def racer(number: int) -> None:
        await sim_loop().pause()
        await asyncio.get_running_loop().run_in_executor(None, finished.append, number)

    await asyncio.gather(*(racer(number) for number in range(20)))
    return finished


def test_the_same_seed_gives_the_same_interleaving() -> None:
    assert run(_race, seed=4) == run(_race, seed=4)


def test_another_seed_gives_another_interleaving() -> None:
    assert run(_race, seed=4) != run(_race, seed=5)


def test_the_executor_runs_in_this_thread_later() -> None:
    async def main() -> tuple[bool, bool, bool]:
        done = asyncio.get_running_loop().run_in_executor(None, threading.current_thread)
        was_done = done.done()
        await asyncio.sleep(0)
        was_done_soon = done.done()
        return was_done, was_done_soon, await done is threading.current_thread()

    assert run(main, seed=1) == (False, False, True)


def test_the_executor_hands_on_what_the_callable_raised() -> None:
    async def main() -> None:
        await asyncio.to_thread(int, "x")

    with pytest.raises(ValueError, match="invalid literal"):
        run(main)


def test_a_cancelled_call_is_not_made() -> None:
    async def main() -> list[int]:
        made: list[int] = []
        asyncio.get_running_loop().run_in_executor(None, made.append, 1).cancel()
        await asyncio.sleep(1)
        return made

    assert run(main) == []


def test_a_deadlock_names_the_tasks_that_wait() -> None:
    async def waits_for_nothing() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        asyncio.create_task(waits_for_nothing(), name="the stuck one")  # noqa: RUF006
        await asyncio.sleep(0)
        gc.collect()
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match=r"(?s)2 tasks wait.*the stuck one.*Event.wait"):
        run(main)


def test_a_deadlock_is_told_even_when_a_task_refuses_to_be_cancelled() -> None:
    async def stubborn() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    with pytest.raises(Deadlock, match="1 tasks wait"):
        run(stubborn)


def test_what_is_left_running_is_cancelled() -> None:
    ended: list[str] = []

    async def background() -> None:
        try:
            await asyncio.sleep(1_000)
        finally:
            ended.append("background")

    async def main() -> None:
        asyncio.create_task(background())  # noqa: RUF006
        await asyncio.sleep(0)

    run(main)
    assert ended == ["background"]


def test_an_exception_ends_the_run() -> None:
    async def main() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        run(main)


def test_sim_loop_refuses_another_loop() -> None:
    async def main() -> None:
        sim_loop()

    with pytest.raises(TypeError):
        asyncio.run(main())


def test_the_clock_begins_at_the_epoch_and_counts_whole_milliseconds() -> None:
    async def main() -> None:
        clock = SimClock()
        assert clock.now() == EPOCH
        await asyncio.sleep(0.0015)
        assert clock.now() == EPOCH + timedelta(milliseconds=1)
        await asyncio.sleep(0.0005)
        assert clock.now() == EPOCH + timedelta(milliseconds=2)

    run(main)


def test_the_clock_sleeps_until_its_instant_and_not_beyond() -> None:
    async def main() -> None:
        clock = SimClock()
        for milliseconds in range(1, 2_000, 7):
            at = EPOCH + timedelta(milliseconds=milliseconds)
            await clock.sleep_until(at)
            assert clock.now() == at
        await clock.sleep_until(EPOCH)

    run(main)
