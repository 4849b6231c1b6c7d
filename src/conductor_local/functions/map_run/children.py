"""The executions of one run: so many at once, each watched until it ends.

Rules: the names of executions follow from the run, so whoever performs a run again meets those that are there. They are started in
order; one that ended counts as it ended, whoever started it. When more failed than may, no more are started and the others stopped.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from conductor_local.engine.state import ENDED, Head, Status
from conductor_local.errors import EvaluationError, InvalidRequest
from conductor_local.functions.executions_patience import patiently
from conductor_local.functions.map_run.batches import Part
from conductor_local.functions.map_run.order import Order, RunFailed
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.ports import ItemExecutions

POLL_S = 1.0  # how long an end that nobody told us of can go unseen
STOPPED = Failure(None, "The map run that started this execution has ended.")
OVER = RunFailed("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


@dataclass(slots=True, eq=False)
class Children:
    """The executions of one run. `ended` holds how each that has ended stands, by index; None: it was deleted."""

    executions: ItemExecutions
    parent: Head
    processor: str
    order: Order
    total: int
    ended: dict[int, tuple[Part, Head | None]] = field(default_factory=dict)
    failed: int = 0
    failure: Failure | None = None
    _open: set[str] = field(default_factory=set)
    _workers: int = 0
    _resting: set[asyncio.Event] = field(default_factory=set)

    @property
    def is_idle(self) -> bool:
        """Whether all that this run does is to wait for executions."""
        return self._workers > 0 and sum(not changed.is_set() for changed in self._resting) == self._workers

    async def run(self, parts: Iterator[Part]) -> None:
        """Run an execution for each part; afterwards `failure` says why the run failed, if it did."""
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.order.window, self.total)):
                self._workers += 1
                group.create_task(self._work(parts))

    async def _work(self, parts: Iterator[Part]) -> None:
        try:
            while self.failure is None:
                part = next(parts, None)
                if part is None:
                    return
                await self._see_through(part)
        except EvaluationError as error:
            await self._fail(Failure(error.error, error.message))
        except RunFailed as error:
            await self._fail(error.failure)
        except InvalidRequest as error:
            await self._fail(Failure(ErrorName.DATA_LIMIT, str(error)))
        finally:
            self._workers -= 1

    async def _see_through(self, part: Part) -> None:
        child = await _to_the_end(patiently(partial(self._start, part)))
        self._open.add(child.id)
        if self.failure is not None:  # meanwhile the run has failed
            await self.executions.stop(child.id, STOPPED)
        ended = await self._end_of(child)
        self._open.discard(child.id)
        self.ended[part.index] = (part, ended)
        if ended is None or ended.status is not Status.SUCCEEDED:
            self.failed += part.items
            if not self.order.tolerates(self.failed, self.total):
                await self._fail(OVER.failure)

    async def _start(self, part: Part) -> Head:
        name = self.order.name_of(part.index)
        return await self.executions.start_item(self.parent, self.processor, self.order.label, part.input, name=name)

    async def _end_of(self, child: Head) -> Head | None:
        if child.status in ENDED:
            return child
        with self.executions.watch(child.id) as changed:
            while True:
                changed.clear()
                head = await patiently(partial(self.executions.head, child.id))
                if head is None or head.status in ENDED:
                    return head
                await self._rest(changed)

    async def _rest(self, changed: asyncio.Event) -> None:
        self._resting.add(changed)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await changed.wait()
        finally:
            self._resting.discard(changed)

    async def _fail(self, failure: Failure) -> None:
        if self.failure is None:
            self.failure = failure
            for id in list(self._open):
                await patiently(partial(self.executions.stop, id, STOPPED))


async def _to_the_end(starting: Coroutine[Any, Any, Head]) -> Head:
    """Wait for a start; when cancelled, not before it is known to have been done or not: who stops the run must find it."""
    task = asyncio.ensure_future(starting)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):
            await task
        raise
