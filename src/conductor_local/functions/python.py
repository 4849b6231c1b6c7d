"""Runs Python functions: the runner for resources of kind "function".

Rules: an async function runs on the loop and must not block it; any other runs in a thread; whatever user code does ends as a
`Succeeded` or a `Failed`. Payloads are never logged.
"""

import asyncio
import inspect
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from conductor_local.functions.captured import SAID, Said, listen, stop_listening
from conductor_local.functions.context import Context
from conductor_local.functions.failures import failure_of
from conductor_local.functions.figures import CallFigures
from conductor_local.functions.guard import Raised, attempt_async
from conductor_local.functions.payloads import mismatch
from conductor_local.functions.registry import Function, Registry
from conductor_local.functions.results import payload_of
from conductor_local.functions.threads import Threads
from conductor_local.payload import Payload
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.clock import SystemClock
from conductor_local.runtime.ports import Failed, Succeeded, TaskCall

FUNCTION_NOT_FOUND = "FunctionNotFound"
THREADS = 32
"""Calls of functions that are not async at once: they mostly wait for something outside, and each thread costs little."""
NAMES_MAX = 10
"""Names listed in the message about an unknown function."""


class PythonRunner:
    """A `FunctionRunner` over a registry that may be swapped between calls: `registry` is asked for each call.

    `threads` is how many sync functions run at once; `default_timeout_s` bounds a call of a function that has no limit of its own,
    None: no limit; `now` gives the times of what functions say.
    """

    def __init__(
        self,
        registry: Callable[[], Registry],
        *,
        threads: int = THREADS,
        default_timeout_s: float | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self._registry = registry
        self._default_timeout_s = default_timeout_s
        self._threads = Threads(threads)
        self._late: set[asyncio.Task[Any]] = set()
        self._now = now or SystemClock().now
        self.figures = CallFigures()

    async def run(self, call: TaskCall) -> Succeeded | Failed:
        """Make one call. A function that outlives its limit is given up: an async one is cancelled, a thread goes on unheard."""
        name = call.invoke.resource.name
        function = self._registry().find(name)
        if function is None:
            return Failed(_not_found(name, self._registry()))
        listen()
        said = Said(self._now)
        before, began = SAID.set(said), self.figures.begin(name)
        outcome: Succeeded | Failed | None = None
        try:
            outcome = await self._outcome(function, call)
        finally:
            SAID.reset(before)
            self.figures.end(name, began, has_failed=isinstance(outcome, Failed))
        logs = said.payload()
        return outcome if logs is None else msgspec.structs.replace(outcome, logs=logs)

    async def _outcome(self, function: Function, call: TaskCall) -> Succeeded | Failed:
        limit_s = function.timeout_s if function.timeout_s is not None else self._default_timeout_s
        if not function.is_async:
            answer = await self._in_thread(function, call, limit_s)
        elif limit_s is None:
            answer = await attempt_async(_answer_async(function, call))
        else:
            answer = await self._within(_answer_async(function, call), limit_s)
        if answer is None:
            return Failed(_timeout(function.name, limit_s))
        return Failed(failure_of(answer.error)) if type(answer) is Raised else Succeeded(answer)

    @property
    def stuck_threads(self) -> int:
        """How many threads are in calls that were given up."""
        return self._threads.stuck

    async def close(self) -> None:
        """Let go of the threads; calls under way are not waited for."""
        self._threads.close()
        stop_listening()

    async def _in_thread(self, function: Function, call: TaskCall, limit_s: float | None) -> Any:
        """Return the payload, `Raised`, or None when the limit passed."""
        job = self._threads.submit(function.name, partial(_answer, function, call))
        try:
            while not job.answer.done():
                remaining_s = None if limit_s is None else job.remaining_s(limit_s)
                if remaining_s is not None and remaining_s <= 0:
                    return None
                await asyncio.wait((job.answer,), timeout=remaining_s)
            answer = job.answer.result()
        finally:
            if not job.answer.done():
                self._threads.abandon(job)
        if not inspect.isawaitable(answer):
            return answer
        pending = _finish(function, answer)
        return await (attempt_async(pending) if limit_s is None else self._within(pending, limit_s))

    async def _within(self, answer: Any, limit_s: float) -> Any:
        """Return the payload, `Raised`, or None when the limit passed; the limit holds even if cancelling does not help."""
        task = asyncio.ensure_future(attempt_async(answer))
        try:
            done, _ = await asyncio.wait((task,), timeout=limit_s)
        finally:
            if not task.done():
                self._late.add(task)
                task.add_done_callback(self._late.discard)
                task.cancel()
        return _result(task) if done else None


def _result(task: asyncio.Task[Any]) -> Any:
    # Something else than us may have cancelled the task: the function reached for all tasks of the loop, say.
    return Raised(asyncio.CancelledError()) if task.cancelled() else task.result()


def _answer(function: Function, call: TaskCall) -> Any:
    """Call a sync function: its payload, or an awaitable when it turns out to give one."""
    result = function.signature.call(*_arguments(function, call))
    return result if inspect.isawaitable(result) else payload_of(function.name, result)


async def _answer_async(function: Function, call: TaskCall) -> Payload:
    return payload_of(function.name, await function.signature.call(*_arguments(function, call)))


async def _finish(function: Function, result: Any) -> Payload:
    return payload_of(function.name, await result)


def _arguments(function: Function, call: TaskCall) -> tuple[Any, Context | None]:
    """Decode the payload anew, so that the function has its own copy; raises `Refused` when it is not of the annotated type."""
    signature = function.signature
    context = _context(function, call) if signature.wants_context else None
    if signature.decode is None:
        return None, context
    try:
        return signature.decode(call.invoke.arguments.encoded), context
    except msgspec.ValidationError as error:
        raise mismatch(function.name, error) from None


def _context(function: Function, call: TaskCall) -> Context:
    return Context(
        instance_id=call.execution_id,
        workflow=call.definition_name,
        step=call.invoke.node,
        function=function.name,
        attempt=call.invoke.attempt,
        idempotency_key=call.idempotency_key,
    )


def _timeout(name: str, limit_s: float | None) -> Failure:
    return Failure(error=ErrorName.TIMEOUT, cause=f"'{name}' did not answer within its limit of {limit_s:g} s.")


def _not_found(name: str, registry: Registry) -> Failure:
    near, names = registry.near(name), registry.names
    if near:
        hint = f" Did you mean {' or '.join(repr(one) for one in near)}?"
    elif names:
        more = f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
        hint = f" There are: {', '.join(names[:NAMES_MAX])}{more}."
    else:
        hint = " None is registered."
    cause = (
        f"There is no function '{name}'.{hint} Write it in functions.py, "
        f'or mark a Python function with @function(name="{name}") in a place that conductor loads.'
    )
    return Failure(error=FUNCTION_NOT_FOUND, cause=cause)
