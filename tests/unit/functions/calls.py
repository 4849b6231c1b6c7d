"""Calls as the worker makes them, for the tests of functions."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from conductor_local.engine.effects import Invoke
from conductor_local.functions.python import PythonRunner
from conductor_local.functions.registry import Registry, describe
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure, Resource
from conductor_local.runtime.ports import Failed, Succeeded, TaskCall

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def call_of(name: str, payload: Json = None, *, attempt: int = 1) -> TaskCall:
    invoke = Invoke(
        id="f0.1", due_at=AT, node="stepOne", resource=Resource("function", name), arguments=Payload(payload), attempt=attempt
    )
    return TaskCall(execution_id="exec-1", execution_name="run", definition_name="flow", invoke=invoke)


async def run(target: Callable[..., Any], payload: Json = None, *, timeout_s: float | None = None) -> Succeeded | Failed:
    """Run one callable, registered as `target`, with a runner of its own."""
    registry = Registry([describe(target, name="target", timeout_s=timeout_s)])
    runner = PythonRunner(lambda: registry, threads=2)
    try:
        return await runner.run(call_of("target", payload))
    finally:
        await runner.close()


async def result(target: Callable[..., Any], payload: Json = None, *, timeout_s: float | None = None) -> Json:
    outcome = await run(target, payload, timeout_s=timeout_s)
    assert isinstance(outcome, Succeeded), outcome
    return outcome.result.value


async def failure(target: Callable[..., Any], payload: Json = None, *, timeout_s: float | None = None) -> Failure:
    outcome = await run(target, payload, timeout_s=timeout_s)
    assert isinstance(outcome, Failed), outcome
    return outcome.failure
