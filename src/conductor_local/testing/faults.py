"""What goes wrong in a simulation, all of it drawn from one seed: processes die, answers get lost, nudges too, functions misbehave.

Rules: a fault is one that real systems have. What a store has done stays done; what a dead process asks for is never done; commits
reach the store in the order in which they were asked for, as its contract says; the same seed makes the same faults.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from contextvars import ContextVar, copy_context
from hashlib import blake2b
from random import Random
from typing import Any, TypeVar

import msgspec

from conductor_local.engine.state import Step
from conductor_local.errors import Fenced, Unavailable
from conductor_local.language.asl import function_name
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure
from conductor_local.runtime.ports import Deferred, Failed, Store, Succeeded, TaskCall
from conductor_local.testing.interception import Call, Forward, InterceptedStore
from conductor_local.testing.simloop import GATE, Gate, sim_loop

WRITES = frozenset({"create", "commit", "post", "suspend", "put_definition", "put_record", "acquire", "claim", "save_cursor"})
T = TypeVar("T")
FOUND_OUT_S_MAX = 5.0
ORDERED = frozenset({"create", "commit", "post", "suspend"})


class Crash(BaseException):
    """The process that ran this is dead. No `except Exception` may see it."""


class Rates(msgspec.Struct, kw_only=True):
    """Probabilities per call. `*_before`: the store has done nothing; `*_after`: it has, and the answer is lost.

    `sent_again`: a commit was done, and the store's client finds that out a while later by itself, as that of Redis does.
    """

    crash_before: float = 0.0
    crash_after: float = 0.0
    unavailable_before: float = 0.0
    unavailable_after: float = 0.0
    sent_again: float = 0.0
    slow: float = 0.0
    slow_s_max: float = 2.0
    nudge_lost: float = 0.0
    nudge_doubled: float = 0.0

    @classmethod
    def draw(cls, random: Random) -> "Rates":
        """Choose how rough one run is: most kinds of fault are left out of most runs, so that each is also seen alone."""

        def some(highest: float) -> float:
            return random.uniform(0, highest) if random.random() < 0.5 else 0.0

        return cls(
            crash_before=some(0.01), crash_after=some(0.01), unavailable_before=some(0.05), unavailable_after=some(0.05),
            sent_again=some(0.05), slow=some(0.05), nudge_lost=some(0.5), nudge_doubled=some(0.3),
        )  # fmt: skip


class Life:
    """Whether one simulated process is alive. Everything that belongs to the process holds it and asks it first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_alive = True
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gate = Gate()
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def check(self) -> None:
        """Raise `Crash` when the process is dead."""
        if not self.is_alive:
            raise Crash(self.name)

    def end(self) -> None:
        """Die now: nothing of this process reaches the outside any more; its tasks are swept away."""
        if self.is_alive:
            self.is_alive = False
            self.go_on()
            self.ended.set_result(None)
            asyncio.get_running_loop().call_soon(self._sweep)

    @property
    def stands_still(self) -> bool:
        """Whether it is stopped, as by SIGSTOP."""
        return not self._gate.is_open

    def stand_still(self) -> None:
        """Stop all tasks where they are: what was asked of others is done, and its answer waits."""
        self._gate.is_open = False

    def go_on(self) -> None:
        """Let the tasks run again; they do not know how long they stood."""
        sim_loop().open(self._gate)

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a coroutine as a task of this process; so are the tasks that it makes."""
        context = copy_context()
        context.run(_LIFE.set, self)
        context.run(GATE.set, self._gate)
        return asyncio.get_running_loop().create_task(coroutine, context=context)

    def own(self, task: asyncio.Task[Any]) -> None:
        """Note a task that dies with this process."""
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)
        if not self.is_alive:
            task.cancel()

    def _sweep(self) -> None:
        for task in list(self._tasks):
            task.cancel()


_LIFE: ContextVar[Life | None] = ContextVar("life", default=None)


def own_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """See to it that every task belongs to the process whose task made it."""

    def make(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coroutine, loop=loop, **options)
        context = options.get("context")
        if life := (_LIFE.get() if context is None else context.get(_LIFE)):
            life.own(task)
        return task

    loop.set_task_factory(make)  # type: ignore[arg-type]  # its type forgets the keyword arguments


class StoreFaults:
    """How the store looks to one process; `happened` counts the faults."""

    def __init__(self, store: Store, life: Life, random: Random, rates: Rates, happened: Counter[str]) -> None:
        self._store, self._life, self._random, self._rates, self._happened = store, life, random, rates, happened
        self._order = asyncio.Lock()

    async def intercept(self, call: Call, forward: Forward) -> Any:
        """Make one call, perhaps late, perhaps not, perhaps without an answer."""
        self._life.check()
        async with self._order if call.operation in ORDERED else nullcontext():
            await self._travel()
            self._perhaps("before", call)
            result = await forward()
            if call.operation == "commit" and self._random.random() < self._rates.sent_again:
                await self._find_out(call.arguments["step"])
        self._perhaps("after", call)
        await self._travel()
        return result

    async def _find_out(self, step: Step) -> None:
        """Answer for a commit that was done and not answered: it was, or others have gone on since and nobody can say."""
        self._happened["commit sent again"] += 1
        await sim_loop().pause(FOUND_OUT_S_MAX)
        self._life.check()
        head = await self._store.describe(step.head.id)
        if head is None or (head.version, head.next_seq, head.at) != (step.head.version, step.head.next_seq, step.head.at):
            raise Fenced("simulated: another owner has gone on from this commit")

    async def _travel(self) -> None:
        slow = self._random.random() < self._rates.slow
        await sim_loop().pause(self._rates.slow_s_max if slow else 0.002)
        self._life.check()

    def _perhaps(self, when: str, call: Call) -> None:
        crash, unavailable = getattr(self._rates, f"crash_{when}"), getattr(self._rates, f"unavailable_{when}")
        drawn = self._random.random()
        if drawn < crash and call.operation in WRITES:
            self._happened[f"crash {when} {call.operation}"] += 1
            self._life.end()
            raise Crash(self._life.name)
        if crash <= drawn < crash + unavailable:
            self._happened[f"unavailable {when} {call.operation}"] += 1
            raise Unavailable(f"simulated: no answer to {call.operation}")


def faulty_store(store: Store, life: Life, random: Random, rates: Rates, happened: Counter[str]) -> InterceptedStore:
    """Return `store` as the process of `life` sees it."""
    return InterceptedStore(store, StoreFaults(store, life, random, rates, happened).intercept)


class Called(msgspec.Struct, frozen=True):
    """One call that a scripted function received."""

    execution_id: str
    work_id: str
    function: str
    attempt: int
    process: str


class ScriptedFunctions:
    """Implements `FunctionRunner`: what a call gives depends on its arguments and its attempt, never on time or on how often
    it was repeated, so that any interleaving must give the same result. `called` hears of every call.
    """

    def __init__(self, life: Life, random: Random, called: Callable[[Called], None]) -> None:
        self._life, self._random, self._called = life, random, called

    async def run(self, call: TaskCall) -> Succeeded | Failed | Deferred:
        self._life.check()
        resource, attempt = call.invoke.resource.name, call.invoke.attempt
        name = function_name(resource) or resource
        self._called(Called(call.execution_id, call.invoke.id, name, attempt, self._life.name))
        if name == "hang":
            await asyncio.Event().wait()
        await sim_loop().pause(self._random.choice((0.0, 0.002, 0.05, 2.0 if name == "slow" else 0.2)))
        self._life.check()
        outcome = answer(name, attempt, call.invoke.arguments.value)
        return Failed(outcome) if isinstance(outcome, Failure) else Succeeded(Payload(outcome))


def answer(name: str, attempt: int, argument: Json) -> Any:
    """Say what a scripted function gives for an argument on an attempt (from 1)."""
    return FUNCTIONS[name](attempt, argument)


def score(argument: Json) -> int:
    """Return a number below 100 that depends on the whole argument."""
    return int.from_bytes(blake2b(msgspec.json.encode(argument, order="deterministic"), digest_size=4).digest()) % 100


def _flaky(failures: int) -> Callable[[int, Json], Json | Failure]:
    def run(attempt: int, argument: Json) -> Json | Failure:
        return Failure("Flaky", f"attempt {attempt} fails") if attempt <= failures else {"score": score(argument)}

    return run


FUNCTIONS: dict[str, Callable[[int, Json], Json | Failure]] = {
    "echo": lambda attempt, argument: argument,
    "score": lambda attempt, argument: {"score": score(argument)},
    "slow": lambda attempt, argument: {"slow": score(argument)},
    "flaky1": _flaky(1),
    "flaky2": _flaky(2),
    "broken": lambda attempt, argument: Failure("Broken", "it never works"),
    "picky": lambda attempt, argument: Failure("Picky", "not this one") if score(argument) % 7 == 0 else {"picked": True},
    "hang": lambda attempt, argument: None,
}
"""`hang` never answers; it is there for timeouts."""
