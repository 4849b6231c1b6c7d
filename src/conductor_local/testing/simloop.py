"""An asyncio event loop in virtual time: deterministic, without threads, sockets or waiting.

    run(main, seed=7)        # the same seed gives the same order of events, every time

Rules: `time()` stands still while callbacks are ready and jumps to the next timer when none is. With neither, every task waits
for something that cannot come: that is a `Deadlock`, which names them. Callbacks keep asyncio's order (first scheduled, first
run), because code may rely on it; interleavings are explored where real systems have them, at the borders: `pause()` and
`run_in_executor` take a small virtual time drawn from the seed. What starts threads of its own cannot live
here; what goes through the loop's executors can. Tasks behind a closed `Gate` stand still, as those of a stopped process do.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, ContextVar
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar, TypeVarTuple

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
PAUSE_S_MAX = 0.002
FLOAT_ERROR_MS = 0.001

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Deadlock(RuntimeError):
    """Nothing is ready, no timer is set, and tasks still wait."""


class Gate:
    """Holds back what the tasks behind it would do, while it is closed: those whose context has it in `GATE`."""

    def __init__(self) -> None:
        self.is_open = True
        self.held: list[asyncio.Handle] = []


GATE: ContextVar[Gate | None] = ContextVar("gate", default=None)


class SimLoop(asyncio.BaseEventLoop):
    """The loop. `random` is seeded and belongs to the simulation as a whole."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self.random = Random(seed)  # noqa: S311 - a simulation wants it predictable
        self._now = 0.0
        self._clock_resolution = 1e-9
        self._scheduled: list[asyncio.TimerHandle]
        self._ready: Any
        self._selector = _VirtualSelector(self)
        self._tasks: set[asyncio.Task[Any]] = set()

    def create_task(self, *args: Any, **kwargs: Any) -> asyncio.Task[Any]:
        """Make a task and hold it until it is done: asyncio itself does not, and a garbage collection must not change a run."""
        task = super().create_task(*args, **kwargs)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:  # fmt: skip
        """Call something next; or, behind a closed gate, as soon as that is opened."""
        gate = GATE.get() if context is None else context.get(GATE)
        if gate is None or gate.is_open:
            return super().call_soon(callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context)
        gate.held.append(handle)
        return handle

    def open(self, gate: Gate) -> None:
        """Let what stood still behind a gate go on, in its order."""
        gate.is_open = True
        self._ready.extend(gate.held)
        gate.held.clear()

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._now

    def pause_s(self, longest_s: float = PAUSE_S_MAX) -> float:
        """Draw a small duration, whole microseconds."""
        return self.random.randrange(int(longest_s * 1e6) + 1) / 1e6

    async def pause(self, longest_s: float = PAUSE_S_MAX) -> None:
        """Let a small random virtual time pass: a border of the system, where anything may overtake."""
        await asyncio.sleep(self.pause_s(longest_s))

    def run_in_executor(self, executor: object, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Call `func` in this thread, a small random virtual time later."""
        future: asyncio.Future[T] = self.create_future()
        self.call_later(self.pause_s(), _settle, future, func, *args)
        return future

    def advance_to_next(self, timeout: float | None) -> None:
        """Move time on, called when nothing is ready; `timeout` None means that no timer is set."""
        if timeout is not None and timeout <= 0:
            return
        if timeout is None:
            raise Deadlock(_describe(asyncio.all_tasks(self)))
        self._now = max(self._now, self._scheduled[0].when())

    def _write_to_self(self) -> None:
        """There is no other thread to wake the loop from."""

    def _process_events(self, event_list: object) -> None:
        """There are no file descriptors to watch."""


class _VirtualSelector:
    """What BaseEventLoop asks to wait: lets virtual time pass instead."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> tuple[()]:
        self._loop.advance_to_next(timeout)
        return ()


class SimClock:
    """`runtime.ports.Clock` over the running loop's virtual time, beginning at `EPOCH`."""

    def __init__(self, loop: SimLoop | None = None) -> None:
        self._loop = loop or asyncio.get_running_loop()

    def now(self) -> datetime:
        return EPOCH + timedelta(milliseconds=int(self._loop.time() * 1000 + FLOAT_ERROR_MS))

    async def sleep_until(self, at: datetime) -> None:
        await asyncio.sleep(max(0.0, (at - EPOCH).total_seconds() - self._loop.time()))


def run(main: Callable[[], Coroutine[Any, Any, T]], *, seed: int = 0) -> T:
    """Run `main()` to its end on a new loop; what it leaves running is cancelled. Raises `Deadlock` when all of it is stuck."""
    loop = SimLoop(seed)
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(_inside(main))
    finally:
        try:
            _cancel_rest(loop)
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def sim_loop() -> SimLoop:
    """Return the running loop, which must be a `SimLoop`."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, SimLoop):
        raise TypeError("this runs only on a SimLoop")
    return loop


def _settle(future: asyncio.Future[T], func: Callable[[*Ts], T], *args: *Ts) -> None:
    if future.cancelled():
        return
    try:
        result = func(*args)
    except Exception as error:  # noqa: BLE001 - an executor hands on whatever the callable raised
        future.set_exception(error)
    else:
        future.set_result(result)


def _cancel_rest(loop: SimLoop) -> None:
    """Cancel every task that is left; one that will not end stays behind rather than hide why the run ended."""
    rest = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    for task in rest:
        task.cancel()
    if rest:
        try:
            loop.run_until_complete(_gather(rest))
        except Deadlock:
            for task in rest:
                task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.run_until_complete(loop.shutdown_asyncgens())


async def _inside(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Make the coroutine where the loop is running already."""
    return await main()


async def _gather(tasks: list[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


def _describe(tasks: set[asyncio.Task[Any]]) -> str:
    """Say which tasks wait, and where each stands."""
    lines = sorted(f"  {task.get_name()}: {_place(task.get_coro())}" for task in tasks)
    return "\n".join([f"nothing is ready, no timer is set, and {len(lines)} tasks wait:", *lines])


def _place(waiting: Awaitable[Any] | object) -> str:
    """Follow a chain of awaits to its innermost frame."""
    place = "not started"
    while (frame := getattr(waiting, "cr_frame", None)) is not None:
        place = f"{frame.f_code.co_qualname} in {frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}"
        waiting = getattr(waiting, "cr_await", None)
    return place


__all__ = ["EPOCH", "Deadlock", "SimClock", "SimLoop", "run", "sim_loop"]
