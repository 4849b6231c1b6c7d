"""The executions of one run: so many at once, each watched until it ends.

Rules: the names of executions follow from the run, so whoever performs a run again meets those that are there. They are started in
order; one that ended counts as it ended, whoever started it. When the run was redriven, those that had not succeeded take part once
more: each bears the number of the redrive that it last took part in. When more failed than may, no more are started and the others
stopped. The limits are those that the order has now: they are read again whenever the parent has changed.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from conductor_local.engine.messages import WorkId
from conductor_local.engine.state import ENDED, Head, Status
from conductor_local.errors import EvaluationError, InvalidRequest
from conductor_local.functions.executions_patience import patiently
from conductor_local.functions.map_run.batches import Part
from conductor_local.functions.map_run.order import Order, RunFailed
from conductor_local.language.asl import Identity
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.ports import ItemExecutions

POLL_S = 1.0  # how long an end that nobody told us of can go unseen
STOPPED = Failure(None, "The map run that started this execution has ended.")
OVER = RunFailed("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


@dataclass(slots=True, eq=False)
class Children:
    """The executions of the run that `work_id` asked for. `ended` holds how each that has ended stands, by index; None: deleted.

    `home` and `item_home` are what the ARNs of the parent and of the executions are made of.
    """

    executions: ItemExecutions
    parent: Head
    processor: str
    work_id: WorkId
    order: Order
    total: int
    home: Identity
    item_home: Identity
    ended: dict[int, tuple[Part, Head | None]] = field(default_factory=dict)
    failed: int = 0
    failure: Failure | None = None
    _open: set[str] = field(default_factory=set)
    _working: int = 0
    _tasks: int = 0
    _resting: set[asyncio.Event] = field(default_factory=set)
    _room: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_idle(self) -> bool:
        """Whether all that this run does is to wait for executions."""
        return self._tasks > 0 and sum(not changed.is_set() for changed in self._resting) == self._tasks

    async def run(self, parts: Iterator[Part]) -> None:
        """Run an execution for each part; afterwards `failure` says why the run failed, if it did."""
        self._tasks += 1
        heeding = asyncio.create_task(self._heed())
        try:
            async with asyncio.TaskGroup() as group:
                await self._start_all(parts, group)
        finally:
            heeding.cancel()
            self._tasks -= 1

    async def _start_all(self, parts: Iterator[Part], group: asyncio.TaskGroup) -> None:
        self._tasks += 1
        try:
            while (part := await self._next(parts)) is not None:
                self._working += 1
                self._tasks += 1
                group.create_task(self._work(part))
        finally:
            self._tasks -= 1

    async def _next(self, parts: Iterator[Part]) -> Part | None:
        """Return the next part once there is room for it; None when there is none, or the run has failed."""
        while self.failure is None and self._working >= self.order.window:
            await self._rest(self._room)
            self._room.clear()
        if self.failure is not None:
            return None
        try:
            return next(parts, None)
        except EvaluationError as error:
            await self._fail(Failure(error.error, error.message))
        return None

    async def _work(self, part: Part) -> None:
        try:
            await self._see_through(part)
        except InvalidRequest as error:
            await self._fail(Failure(ErrorName.DATA_LIMIT, str(error)))
        finally:
            self._working -= 1
            self._tasks -= 1
            self._room.set()

    async def _see_through(self, part: Part) -> None:
        child = await _to_the_end(patiently(partial(self._start, part)))
        self._open.add(child.id)
        if self.failure is not None:  # meanwhile the run has failed
            await self._stop(child.id)
        ended = await self._end_of(child)
        self._open.discard(child.id)
        self.ended[part.index] = (part, ended)
        if ended is None or ended.status is not Status.SUCCEEDED:
            self.failed += part.items
            await self._judge()

    async def _start(self, part: Part) -> Head:
        order = self.order
        return await self.executions.start_item(
            self.parent, self.processor, order.label, part.input,
            run=order.run, name=order.name_of(part.index), round=order.redrives,
        )  # fmt: skip

    async def _end_of(self, child: Head) -> Head | None:
        if self._is_over(child):
            return child
        with self.executions.watch(child.id) as changed:
            while True:
                changed.clear()
                head = await patiently(partial(self.executions.head, child.id))
                if head is None or self._is_over(head):
                    return head
                if head.status in ENDED:
                    await patiently(partial(self.executions.redrive_item, head, round=self.order.redrives))
                await self._rest(changed)

    def _is_over(self, head: Head) -> bool:
        """Whether an execution has ended for this run: one that failed before the latest redrive has yet to take part in it."""
        takes_part = head.status is Status.SUCCEEDED or head.round >= self.order.redrives or self.failure is not None
        return head.status in ENDED and takes_part

    async def _rest(self, changed: asyncio.Event) -> None:
        self._resting.add(changed)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await changed.wait()
        finally:
            self._resting.discard(changed)

    async def _heed(self) -> None:
        """Take over new limits."""
        version = self.parent.version
        with self.executions.watch(self.parent.id) as changed:
            while True:
                changed.clear()
                head = await patiently(partial(self.executions.head, self.parent.id))
                if head is not None and head.version != version:
                    version = head.version
                    await self._take_over(await patiently(partial(self.executions.order, self.parent, self.work_id)))
                await self._rest(changed)

    async def _take_over(self, order: dict[str, Any] | None) -> None:
        if order is not None:
            self.order = msgspec.convert(order, Order)
            self._room.set()
            await self._judge()

    async def _judge(self) -> None:
        if not self.order.tolerates(self.failed, self.total):
            await self._fail(OVER.failure)

    async def _fail(self, failure: Failure) -> None:
        if self.failure is None:
            self.failure = failure
            self._room.set()
            for id in list(self._open):
                await self._stop(id)

    async def _stop(self, id: str) -> None:
        await patiently(partial(self.executions.stop_item, id, STOPPED, round=self.order.redrives))


async def _to_the_end(starting: Coroutine[Any, Any, Head]) -> Head:
    """Wait for a start; when cancelled, not before it is known to have been done or not: who stops the run must find it."""
    task = asyncio.ensure_future(starting)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):
            await task
        raise
