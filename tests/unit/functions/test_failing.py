"""Exceptions of user code become failures, whatever they are."""

import asyncio
from typing import Any

import pytest

from .calls import failure, result


class PaymentDeclinedError(Exception):
    """Defined by the user."""


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class FinalError(BaseException):
    """Not even an Exception."""


def raising(error: BaseException) -> Any:
    def target(payload: Any) -> Any:
        raise error

    return target


def raising_async(error: BaseException) -> Any:
    async def target(payload: Any) -> Any:
        raise error

    return target


ERRORS: list[BaseException] = [
    SystemExit(3),
    KeyboardInterrupt(),
    FinalError("x"),
    GeneratorExit(),
    asyncio.CancelledError(),
    StopAsyncIteration(),
]


@pytest.mark.parametrize("error", [*ERRORS, StopIteration(1)], ids=lambda error: type(error).__name__)
async def test_no_exception_of_a_sync_function_ends_the_loop(error: BaseException) -> None:
    assert (await failure(raising(error))).error == type(error).__name__


@pytest.mark.parametrize("timeout_s", [None, 5.0])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
async def test_no_exception_of_an_async_function_ends_the_loop(error: BaseException, timeout_s: float | None) -> None:
    assert (await failure(raising_async(error), timeout_s=timeout_s)).error == type(error).__name__


async def test_error_and_cause_are_name_and_text_of_the_exception() -> None:
    failed = await failure(raising(PaymentDeclinedError("card expired")))
    assert (failed.error, failed.cause) == ("PaymentDeclinedError", "card expired")


async def test_an_exception_without_text_is_told_by_its_name() -> None:
    assert (await failure(raising(ValueError()))).cause == "ValueError"


async def test_a_missing_key_is_told_as_such() -> None:
    assert (await failure(lambda payload: payload["email"], {})).cause == "there is no key 'email'"


async def test_an_exception_that_cannot_be_printed_is_told_by_its_name() -> None:
    assert (await failure(raising(UnprintableError()))).cause == "UnprintableError"


async def test_a_text_that_cannot_be_stored_is_made_storable() -> None:
    assert (await failure(raising(ValueError("a\ud800")))).cause == "a?"


async def test_a_very_long_text_is_cut() -> None:
    assert len((await failure(raising(ValueError("x" * 100_000)))).cause or "") == 32_768


async def test_the_details_name_the_type_and_the_lines_of_user_code_alone() -> None:
    failed = await failure(raising(PaymentDeclinedError("no")))
    assert failed.details is not None
    assert failed.details["type"].endswith("test_failing.PaymentDeclinedError")
    (line,) = failed.details["traceback"]
    assert "test_failing.py:" in line
    assert line.endswith("in raising.<locals>.target: raise error")


async def test_frames_of_the_standard_library_are_left_out() -> None:
    import json

    failed = await failure(lambda: json.loads("{"))
    assert failed.error == "JSONDecodeError"
    assert failed.details is not None
    assert len(failed.details["traceback"]) == 1


async def test_a_deep_recursion_keeps_the_innermost_frames() -> None:
    def endless(payload: Any) -> Any:
        return endless(payload)

    failed = await failure(endless)
    assert failed.error == "RecursionError"
    assert failed.details is not None
    assert len(failed.details["traceback"]) == 20


async def test_the_exception_behind_an_exception_is_named_with_its_place() -> None:
    def target() -> None:
        try:
            raise KeyError("a")
        except KeyError as error:
            raise ValueError("outer") from error

    failed = await failure(target)
    assert failed.details is not None
    (cause,) = failed.details["causes"]
    assert cause.startswith("KeyError: there is no key 'a' (at ")


async def test_a_suppressed_context_is_not_named() -> None:
    def target() -> None:
        try:
            raise KeyError("a")
        except KeyError:
            raise ValueError("outer") from None

    failed = await failure(target)
    assert failed.details is not None
    assert "causes" not in failed.details


async def test_the_members_of_a_group_are_named() -> None:
    failed = await failure(raising(ExceptionGroup("two", [ValueError("a"), TypeError("b")])))
    assert failed.details is not None
    assert failed.details["causes"] == ["ValueError: a", "TypeError: b"]


async def test_a_cycle_of_causes_comes_to_an_end() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    failed = await failure(raising(first))
    assert failed.details is not None
    assert failed.details["causes"] == ["ValueError: second"]


async def test_cancelling_the_call_cancels_the_function_and_goes_through() -> None:
    seen: list[str] = []
    begun = asyncio.Event()

    async def target() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            seen.append("cancelled")

    task = asyncio.ensure_future(result(target))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["cancelled"]


async def test_cancelling_a_call_with_a_limit_cancels_the_function() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def target() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.ensure_future(result(target, timeout_s=30))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(ended.wait(), 1)


async def test_an_exception_raised_while_being_cancelled_does_not_hide_the_cancellation() -> None:
    begun = asyncio.Event()

    async def target() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("cleaning up failed")

    task = asyncio.ensure_future(result(target))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
