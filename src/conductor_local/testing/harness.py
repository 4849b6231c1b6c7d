"""Run workflows inside a test: nothing is kept, nothing is waited for, and functions do what the test says.

    async def test_an_order_is_paid_at_the_second_attempt():
        async with Harness(functions={"pay": [TimeoutError("the bank is slow"), {"paid": True}]}) as harness:
            instance = await harness.run(definition, {"amount": 5})
            assert instance.current_payload == {"amount": 5, "paid": True}
            assert instance.history[0].attempts == 2

Rules: everything but the functions is the runtime that a server has, on a store in memory and a clock that jumps over waits and
back-offs as soon as nothing else is going on. Each use is a world of its own.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeGuard

import msgspec

from conductor_local.errors import Bug
from conductor_local.functions.context import Context
from conductor_local.functions.registry import Function, describe
from conductor_local.payload import Json
from conductor_local.runtime.lifecycle import lifecycle_event
from conductor_local.runtime.ports import Clock, Published
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.views import Instance
from conductor_local.runtime.wiring import Runtime, open_runtime

Definition = dict[str, Json] | str
"""A document; or the id or name of a definition that is there already."""
Script = Callable[..., Any] | BaseException | type[BaseException] | Json
"""What a function does: a callable is called, an exception raised, any other value returned. Of a list, each attempt takes the next
one and the last stays. (To return a list, write a lambda.)"""

_LOOK_S = 0.1  # how often a waiting test looks whether Conductor itself failed


class Harness:
    """A whole Conductor for one test. `functions` says by name what each does; `places` are files or modules of real ones."""

    def __init__(self, functions: Mapping[str, Script] | None = None, *, places: Sequence[str] = ()) -> None:
        self._functions = [_function(name, script) for name, script in (functions or {}).items()]
        self._settings = Settings(data=Path(":memory:"), functions=tuple(places), sample=False, time_scale=0)
        self._open = AsyncExitStack()
        self._runtime: Runtime | None = None

    async def __aenter__(self) -> Self:
        runtime = open_runtime(self._settings, is_virtual=True, functions=self._functions)
        self._runtime = await self._open.enter_async_context(runtime)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._runtime = None
        await self._open.aclose()

    @property
    def service(self) -> Service:
        """Everything else that can be asked for: cancel, redrive, definitions, lists."""
        return self._opened.service

    @property
    def clock(self) -> Clock:
        """The clock of this world. It begins at the present instant; after that it moves only by jumps."""
        return self._opened.clock

    async def run(self, definition: Definition, payload: Json = None) -> Instance:
        """Run a workflow to its end, good or bad; return the instance with its history. Raises what `start` and `wait` raise."""
        started = await self.start(definition, payload)
        return await self.wait(started.instance_id)

    async def start(self, definition: Definition, payload: Json = None, *, key: str | None = None) -> Instance:
        """Start an instance; `payload` None means `{}`, `key` is an idempotency key.

        A document replaces an earlier one of its name. Raises `DefinitionError`, `NotFound`, `InvalidRequest`, `Conflict`.
        """
        if isinstance(definition, dict):
            definition = (await self.service.publish(definition)).definition.id
        return _plain(await self.service.start(definition, {} if payload is None else payload, name=key))

    async def wait(self, instance_id: str) -> Instance:
        """Return an instance once it has ended. Raises `Bug` when Conductor failed at it, which is not the workflow's fault."""
        ending = asyncio.ensure_future(self.service.wait(instance_id))
        try:
            while not ending.done():
                await asyncio.wait((ending,), timeout=_LOOK_S)
                if fault := (await self.service.instance(instance_id)).suspended:
                    raise Bug(f"Conductor could not go on with instance {instance_id}:\n{fault}")
            return _plain(ending.result())
        finally:
            ending.cancel()

    async def events(self, instance: Instance | str) -> list[dict[str, Json]]:
        """Return the lifecycle events of an instance so far, as consumers get them: in order, secrets masked."""
        shown = await self.service.instance(instance if isinstance(instance, str) else instance.instance_id)
        subject = Published(
            cursor=0, execution_id=shown.instance_id, definition_id=shown.workflow_definition_id,
            definition_name=shown.workflow_definition_name, events=(),
        )  # fmt: skip
        found: list[dict[str, Json]] = []
        after = 0
        while events := await self.service.events(shown.instance_id, after=after):
            found += [seen for event in events if (seen := lifecycle_event(subject, event)) is not None]
            after = events[-1].seq
        return found

    @property
    def _opened(self) -> Runtime:
        if self._runtime is None:
            raise RuntimeError("The harness is open only inside 'async with Harness(…) as harness:'.")
        return self._runtime


def _function(name: str, script: Script) -> Function:
    if callable(script) and not _is_exception(script):
        return describe(script, name=name)
    outcomes = script if isinstance(script, list) else [script]
    if not outcomes:
        raise ValueError(f"the list for the function {name!r} is empty: say what its first attempt does")

    async def scripted(payload: Json, context: Context) -> Json:
        """Do what the test says."""
        outcome = outcomes[min(context.attempt, len(outcomes)) - 1]
        if _is_exception(outcome):
            raise outcome
        return outcome

    return describe(scripted, name=name)


def _is_exception(outcome: object) -> TypeGuard[BaseException | type[BaseException]]:
    return isinstance(outcome, BaseException) or (isinstance(outcome, type) and issubclass(outcome, BaseException))


def _plain(instance: Instance) -> Instance:
    """Give the payloads as values; the runtime carries them encoded."""
    return msgspec.json.decode(msgspec.json.encode(instance), type=Instance)
