"""What the runtime's tests stand on: the production worker and service over a store, with functions and faults as a test says."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from conductor_local.buses.local import LocalBus
from conductor_local.errors import ConductorError
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure, Limits
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.clock import VirtualClock
from conductor_local.runtime.owner import Owner, Tools
from conductor_local.runtime.ports import Clock, Failed, Store, Succeeded, TaskCall
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.service import Service
from conductor_local.runtime.views import FunctionView, Instance
from conductor_local.runtime.worker import Worker
from conductor_local.stores.memory import MemoryStore
from conductor_local.testing.interception import Call, Forward, InterceptedStore

T0 = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
PATIENCE_S = 10.0  # a test that waits longer than this has failed
LIMITS = Limits(payload_bytes=1_000)


async def until(holds: Callable[[], Any]) -> None:
    """Return once `holds` gives something true."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.001)


class HandClock:
    """Implements `Clock`: time passes when the test says so."""

    def __init__(self) -> None:
        self._now = T0
        self._moved = asyncio.Condition()

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, at: datetime) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= at)

    async def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        async with self._moved:
            self._now += timedelta(seconds=seconds)
            self._moved.notify_all()


class Functions:
    """Implements `FunctionRunner`: what is not scripted gives `{"<name>": True}`. A script takes the call; it may wait, and raise
    `Broken` for a fault of the runner itself."""

    def __init__(self, scripts: dict[str, Callable[[TaskCall], Any]] | None = None) -> None:
        self.scripts = scripts or {}
        self.calls: list[TaskCall] = []
        self.cancelled: list[str] = []

    async def run(self, call: TaskCall) -> Succeeded | Failed:
        name = call.invoke.resource.name
        self.calls.append(call)
        script = self.scripts.get(name, lambda call: {name: True})
        try:
            outcome = script(call)
            if isinstance(outcome, Awaitable):
                outcome = await outcome
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        return Failed(outcome) if isinstance(outcome, Failure) else Succeeded(Payload(outcome))

    @property
    def names(self) -> list[str]:
        """What was called, in order."""
        return [call.invoke.resource.name for call in self.calls]


class Faults:
    """Stands in front of a store. `say` makes calls of an operation fail; `hold` makes them wait for `release`."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._before: dict[str, list[ConductorError | Exception]] = {}
        self._after: dict[str, list[ConductorError | Exception]] = {}
        self._held: dict[str, asyncio.Event] = {}
        self.reached: dict[str, asyncio.Event] = {}

    def say(self, operation: str, *errors: Exception) -> None:
        """Let the next calls raise, nothing having happened."""
        self._before.setdefault(operation, []).extend(errors)

    def lose(self, operation: str, *errors: Exception) -> None:
        """Let the next calls raise although the store did what was asked."""
        self._after.setdefault(operation, []).extend(errors)

    def hold(self, operation: str) -> None:
        """Let calls do their work and keep the answers."""
        self._held[operation] = asyncio.Event()
        self.reached[operation] = asyncio.Event()

    def release(self, operation: str) -> None:
        """Hand the answers out."""
        self._held.pop(operation).set()

    async def intercept(self, call: Call, forward: Forward) -> Any:
        self.counts[call.operation] += 1
        if errors := self._before.get(call.operation):
            raise errors.pop(0)
        answer = await forward()
        if errors := self._after.get(call.operation):
            raise errors.pop(0)
        if held := self._held.get(call.operation):
            self.reached[call.operation].set()
            await held.wait()
        return answer


@dataclass
class Process:
    """One process: everything a test may want to look at."""

    service: Service
    worker: Worker
    functions: Functions
    clock: Clock
    store: Store
    faults: Faults
    bus: LocalBus
    task: asyncio.Task[None]

    @property
    def owner(self) -> Owner:
        """The owner of the only partition."""
        return self.worker.owners[0]

    async def stop(self) -> None:
        """End as a process that was asked to."""
        await self.bus.close()
        await self.task

    async def run(self, definition: dict[str, Json], payload: Json = None) -> Instance:
        """Run a workflow to its end."""
        started = await self.start(definition, payload)
        return await self.wait(started.instance_id)

    async def start(self, definition: dict[str, Json], payload: Json = None, *, key: str | None = None) -> Instance:
        """Start an instance of a definition."""
        defined = await self.service.publish(definition)
        return await self.service.start(defined.definition.id, {} if payload is None else payload, name=key)

    async def wait(self, instance_id: str) -> Instance:
        """Return an instance once it has ended, its payloads decoded."""
        async with asyncio.timeout(PATIENCE_S):
            return plain(await self.service.wait(instance_id))

    async def types(self, instance_id: str) -> list[str]:
        """The kinds of all events of an instance."""
        return [type(event).__name__ for event in await self.service.events(instance_id)]

    async def work(self, instance_id: str) -> list[str]:
        """The ids of the rows of work that an instance has in the store; only for a process that has stopped."""
        epoch = await self.store.acquire(0)
        claimed = await self.store.claim(0, epoch, T0 + timedelta(days=10_000), 1_000)
        await self.store.acquire(0)
        return [work.id for id, work in claimed.work if id == instance_id]


@asynccontextmanager
async def process(
    store: Store | None = None,
    functions: dict[str, Callable[[TaskCall], Any]] | None = None,
    *,
    clock: Clock | None = None,
    lost_tasks: Literal["rerun", "fail"] = "rerun",
    invocations_max: int = 1_000,
    faults: Faults | None = None,
) -> AsyncIterator[Process]:
    """Start a process on a store and wait until it owns the partition. Its clock skips waits unless another is given."""
    store, faults = store or MemoryStore(), faults or Faults()
    seen = InterceptedStore(store, faults.intercept)
    clock = clock or VirtualClock(T0, is_idle=lambda: worker.is_idle)
    runner, bus, changes, programs = Functions(functions), LocalBus(), Changes(), Programs(seen, LIMITS)
    tools = Tools(
        seen, runner, clock, programs, lambda step, seconds: changes.changed(step.head.id),
        lost_tasks=lost_tasks, invocations_max=invocations_max,
    )  # fmt: skip
    worker = Worker(bus, tools)
    service = Service(
        seen, bus, clock, worker, programs, changes,
        functions=lambda: [FunctionView(name=name) for name in ("a", "b", "c", "pay", "send")], limits=LIMITS,
    )  # fmt: skip
    running = Process(service, worker, runner, clock, store, faults, bus, asyncio.create_task(worker.run()))
    try:
        await until(lambda: worker.owner(0))
        yield running
    finally:
        await running.stop()


def plain(instance: Instance) -> Instance:
    """Decode the payloads of an instance."""
    return msgspec.json.decode(msgspec.json.encode(instance), type=Instance)


def workflow(*steps: dict[str, Json], name: str = "flow", **more: Json) -> dict[str, Json]:
    """Make a definition of steps that follow each other; a step's id is its `name` in lower case."""
    ids = [step["name"].lower() for step in steps]
    following = dict(zip(ids, [*ids[1:], None], strict=True))
    placed = {id: {"nextStepId": following[id], **step} for id, step in zip(ids, steps, strict=True)}
    for step in placed.values():
        if step["type"] in {"choice", "fail", "succeed"} or step["nextStepId"] is None:
            del step["nextStepId"]
    return {"name": name, "startAt": ids[0], "steps": placed, **more}


def call(function: str, *, name: str | None = None, **more: Json) -> dict[str, Json]:
    """Make a function step."""
    return {"name": name or function.title(), "type": "function", "functionName": function, **more}


def wait(seconds: float, name: str = "Wait") -> dict[str, Json]:
    """Make a wait step."""
    return {"name": name, "type": "wait", "seconds": seconds}
