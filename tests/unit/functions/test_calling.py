"""How a function is called: shapes, its own copy of the payload, its context, threads and loop."""

import asyncio
import contextvars
import functools
import logging
import threading
from typing import Any

import pytest

from conductor_local.errors import SettingsError
from conductor_local.functions import Context
from conductor_local.functions.python import PythonRunner
from conductor_local.functions.registry import Registry, describe
from conductor_local.payload import Payload
from conductor_local.runtime.ports import Failed, Succeeded

from .calls import call_of, failure, result


async def test_a_function_gets_the_payload() -> None:
    assert await result(lambda payload: payload["a"], {"a": 1}) == 1


async def test_an_async_function_is_awaited() -> None:
    async def target(payload: Any) -> Any:
        await asyncio.sleep(0)
        return payload

    assert await result(target, [1, 2]) == [1, 2]


async def test_a_function_without_parameters_is_called_without_payload() -> None:
    assert await result(lambda: "pong", {"ignored": 1}) == "pong"


async def test_a_parameter_named_context_gets_the_context() -> None:
    assert await result(lambda payload, context: [payload, context.step], 1) == [1, "stepOne"]


async def test_a_parameter_named_ctx_gets_the_context() -> None:
    assert await result(lambda payload, ctx: ctx.attempt) == 1


async def test_a_parameter_annotated_context_gets_the_context_whatever_its_name() -> None:
    def target(payload: Any, call: Context) -> Any:
        return call.workflow

    assert await result(target) == "flow"


async def test_an_optional_context_annotation_is_recognised() -> None:
    def target(payload: Any, call: Context | None = None) -> Any:
        return call is not None

    assert await result(target) is True


async def test_the_context_may_be_the_only_parameter() -> None:
    def target(context: Context) -> Any:
        return context.instance_id

    assert await result(target) == "exec-1"


async def test_the_context_may_come_first() -> None:
    def target(context: Context, payload: Any) -> Any:
        return [context.function, payload]

    assert await result(target, 7) == ["target", 7]


async def test_the_context_may_be_keyword_only() -> None:
    def target(payload: Any, *, context: Context) -> Any:
        return [payload, context.idempotency_key]

    assert await result(target, 7) == [7, "exec-1:f0.1"]


async def test_a_positional_only_context_is_passed_by_position() -> None:
    def target(context: Context, /) -> Any:
        return context.step

    assert await result(target) == "stepOne"


async def test_a_context_annotation_that_cannot_be_evaluated_is_read_as_text() -> None:
    def target(payload: "Missing", call: "functions.Context") -> Any:  # type: ignore[name-defined]  # noqa: F821
        return call.step

    assert await result(target, 1) == "stepOne"


async def test_a_parameter_named_context_with_another_type_is_the_payload() -> None:
    def target(context: dict[str, Any]) -> Any:
        return context

    assert await result(target, {"a": 1}) == {"a": 1}


async def test_a_variadic_function_gets_the_payload() -> None:
    assert await result(lambda *arguments, **options: list(arguments), 1) == [1]


def test_a_required_parameter_that_nothing_fills_is_refused_with_its_place() -> None:
    def target(payload: Any, amount: int) -> Any:
        return amount

    with pytest.raises(SettingsError, match=r"test_calling\.py:\d+: function 'pay': nothing fills the parameter 'amount'"):
        describe(target, name="pay")


async def test_a_partial_of_an_async_function_is_awaited() -> None:
    async def target(factor: int, payload: int) -> int:
        return factor * payload

    assert await result(functools.partial(target, 3), 4) == 12


async def test_a_sync_function_that_returns_a_coroutine_is_awaited() -> None:
    async def inner() -> str:
        return "late"

    assert await result(lambda: inner()) == "late"


async def test_a_callable_object_with_an_async_call_is_awaited() -> None:
    class Target:
        async def __call__(self, payload: Any) -> Any:
            return payload

    assert await result(Target(), "x") == "x"


async def test_each_call_has_its_own_copy_of_the_payload() -> None:
    def target(payload: Any) -> Any:
        payload["list"].append(2)
        return payload

    registry = Registry([describe(target, name="target")])
    call = call_of("target", {"list": [1]})
    outcome = await PythonRunner(lambda: registry).run(call)
    assert outcome == Succeeded(Payload({"list": [1, 2]}))
    assert call.invoke.arguments.value == {"list": [1]}


async def test_a_result_that_the_function_keeps_and_changes_later_stays_as_it_was_returned() -> None:
    kept: dict[str, Any] = {"n": 1}
    registry = Registry([describe(lambda: kept, name="target")])
    outcome = await PythonRunner(lambda: registry).run(call_of("target"))
    kept["n"] = 2
    assert outcome == Succeeded(Payload({"n": 1}))


async def test_a_sync_function_runs_in_another_thread() -> None:
    assert await result(lambda: threading.current_thread() is threading.main_thread()) is False


async def test_an_async_function_runs_on_the_loop() -> None:
    async def target() -> bool:
        return threading.current_thread() is threading.main_thread()

    assert await result(target) is True


async def test_context_variables_reach_threads() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("seen")
    assert await result(lambda: variable.get()) == "seen"


async def test_sync_functions_run_side_by_side() -> None:
    barrier = threading.Barrier(2, timeout=5)
    registry = Registry([describe(lambda: barrier.wait() >= 0, name="target")])
    runner = PythonRunner(lambda: registry, threads=2)
    outcomes = await asyncio.gather(runner.run(call_of("target")), runner.run(call_of("target")))
    assert list(outcomes) == [Succeeded(Payload(True))] * 2


async def test_more_sync_calls_than_threads_all_get_their_turn() -> None:
    registry = Registry([describe(lambda payload: payload, name="target")])
    runner = PythonRunner(lambda: registry, threads=2)
    outcomes = await asyncio.gather(*(runner.run(call_of("target", n)) for n in range(50)))
    assert outcomes == [Succeeded(Payload(n)) for n in range(50)]


async def test_the_logger_adds_the_fields_of_the_call(caplog: pytest.LogCaptureFixture) -> None:
    def target(payload: Any, context: Context) -> None:
        context.logger.warning("careful", extra={"order": 7})

    with caplog.at_level(logging.WARNING):
        await result(target)
    record = vars(caplog.records[0])
    assert record["name"] == "conductor.functions.target"
    assert (record["instance_id"], record["step"], record["attempt"], record["order"]) == ("exec-1", "stepOne", 1, 7)


def test_a_context_can_be_made_for_a_unit_test_of_a_function() -> None:
    assert Context(attempt=3).attempt == 3


async def test_an_unknown_function_fails_with_the_nearest_names() -> None:
    registry = Registry([describe(lambda: 1, name="sendEmail"), describe(lambda: 1, name="pay")])
    outcome = await PythonRunner(lambda: registry).run(call_of("send_emial"))
    assert isinstance(outcome, Failed)
    assert outcome.failure.error == "FunctionNotFound"
    assert "no function 'send_emial'. Did you mean 'sendEmail'?" in str(outcome.failure.cause)


async def test_an_unknown_function_with_no_near_name_lists_what_there_is() -> None:
    registry = Registry([describe(lambda: 1, name=f"step{n:02}") for n in range(12)])
    outcome = await PythonRunner(lambda: registry).run(call_of("xyz"))
    assert isinstance(outcome, Failed)
    assert "There are: step00," in str(outcome.failure.cause)
    assert "and 2 more." in str(outcome.failure.cause)


async def test_an_unknown_function_in_an_empty_registry_says_how_to_register() -> None:
    outcome = await PythonRunner(Registry).run(call_of("xyz"))
    assert isinstance(outcome, Failed)
    assert 'None is registered. Write it in functions.py, or mark a Python function with @function(name="xyz")' in str(
        outcome.failure.cause
    )


async def test_a_swapped_registry_is_used_by_the_next_call() -> None:
    registry = Registry([describe(lambda: "old", name="target")])
    runner = PythonRunner(lambda: registry)
    first = await runner.run(call_of("target"))
    registry = Registry([describe(lambda: "new", name="target")])
    assert [first, await runner.run(call_of("target"))] == [Succeeded(Payload("old")), Succeeded(Payload("new"))]


async def test_a_failure_inside_a_function_is_not_a_failure_to_find_it() -> None:
    assert (await failure(lambda payload: payload["x"], {})).error == "KeyError"
