"""A call that outlives its limit is given up, and stuck threads stop nobody."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from conductor_local.functions.python import PythonRunner
from conductor_local.functions.registry import Registry, describe
from conductor_local.functions.threads import STUCK_WARNING
from conductor_local.payload import Payload
from conductor_local.runtime.ports import Failed, Succeeded

from .calls import call_of, failure, result


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Holds threads back until the test is over."""
    event = threading.Event()
    yield event
    event.set()


async def test_a_slow_async_function_times_out() -> None:
    async def target() -> None:
        await asyncio.Event().wait()

    failed = await failure(target, timeout_s=0.01)
    assert (failed.error, failed.cause) == ("States.Timeout", "'target' did not answer within its limit of 0.01 s.")


async def test_an_async_function_that_ignores_cancellation_times_out_all_the_same() -> None:
    release = asyncio.Event()

    async def target() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    assert (await failure(target, timeout_s=0.01)).error == "States.Timeout"
    release.set()
    await asyncio.sleep(0)


async def test_a_slow_sync_function_times_out(gate: threading.Event) -> None:
    assert (await failure(gate.wait, timeout_s=0.01)).error == "States.Timeout"


async def test_a_slow_awaitable_of_a_sync_function_times_out() -> None:
    assert (await failure(lambda: asyncio.sleep(30), timeout_s=0.01)).error == "States.Timeout"


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_function_within_its_limit_answers(is_async: bool) -> None:
    async def target() -> int:
        return 1

    assert await result(target if is_async else lambda: 1, timeout_s=5) == 1


async def test_a_functions_own_timeout_error_is_its_own() -> None:
    async def target() -> None:
        raise TimeoutError("upstream")

    assert (await failure(target, timeout_s=5)).error == "TimeoutError"


async def test_the_runners_default_limit_is_for_functions_without_their_own(gate: threading.Event) -> None:
    registry = Registry([describe(gate.wait, name="own", timeout_s=30), describe(lambda: gate.wait(30), name="default")])
    runner = PythonRunner(lambda: registry, default_timeout_s=0.01)
    own = asyncio.ensure_future(runner.run(call_of("own")))
    outcome = await runner.run(call_of("default"))
    assert isinstance(outcome, Failed)
    assert not own.done()
    gate.set()
    assert await own == Succeeded(Payload(True))


async def test_a_stuck_thread_gives_its_place_to_others(gate: threading.Event) -> None:
    registry = Registry([describe(lambda: gate.wait(30), name="stuck", timeout_s=0.01), describe(lambda: "well", name="well")])
    runner = PythonRunner(lambda: registry, threads=1)
    assert isinstance(await runner.run(call_of("stuck")), Failed)
    assert await asyncio.wait_for(runner.run(call_of("well")), 5) == Succeeded(Payload("well"))


async def test_time_in_the_queue_does_not_count(gate: threading.Event) -> None:
    registry = Registry([describe(lambda: gate.wait(30), name="first"), describe(lambda: "second", name="second", timeout_s=0.01)])
    runner = PythonRunner(lambda: registry, threads=1)
    first = asyncio.ensure_future(runner.run(call_of("first")))
    second = asyncio.ensure_future(runner.run(call_of("second")))
    await asyncio.wait((second,), timeout=0.05)
    gate.set()
    assert await second == Succeeded(Payload("second"))
    await first


async def test_a_cancelled_call_that_has_not_begun_is_never_made(gate: threading.Event) -> None:
    made: list[int] = []
    registry = Registry([describe(lambda: gate.wait(30), name="first"), describe(lambda: made.append(1), name="second")])
    runner = PythonRunner(lambda: registry, threads=1)
    first = asyncio.ensure_future(runner.run(call_of("first")))
    second = asyncio.ensure_future(runner.run(call_of("second")))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait((second,))
    gate.set()
    await first
    await runner.run(call_of("first"))
    assert made == []


async def test_many_stuck_threads_are_worth_a_warning(gate: threading.Event, caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry([describe(lambda: gate.wait(30), name="stuck", timeout_s=0.01)])
    runner = PythonRunner(lambda: registry, threads=2)
    with caplog.at_level(logging.WARNING):
        await asyncio.gather(*(runner.run(call_of("stuck")) for _ in range(STUCK_WARNING)))
    assert [record.getMessage() for record in caplog.records] == [
        f"{STUCK_WARNING} threads are stuck in calls that were given up, the latest in function 'stuck'"
    ]


async def test_stuck_threads_that_end_are_counted_no_more(gate: threading.Event) -> None:
    registry = Registry([describe(lambda: gate.wait(30), name="stuck", timeout_s=0.01), describe(lambda: 1, name="well")])
    runner = PythonRunner(lambda: registry, threads=1)
    await runner.run(call_of("stuck"))
    assert runner.stuck_threads == 1
    gate.set()
    for _ in range(100):
        await runner.run(call_of("well"))
        if runner.stuck_threads == 0:
            break
    assert runner.stuck_threads == 0


EXIT = """
import asyncio, time
from conductor_local.functions.registry import Registry, describe
from conductor_local.functions.threads import Threads

async def main():
    threads = Threads(1)
    job = threads.submit("stuck", lambda: time.sleep(60))
    await asyncio.wait((job.answer,), timeout=0.05)
    threads.abandon(job)
    print("bye")

asyncio.run(main())
"""


def test_a_stuck_thread_does_not_keep_the_process_from_ending() -> None:
    done = subprocess.run([sys.executable, "-c", EXIT], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "bye\n"
    assert done.stderr == ""
