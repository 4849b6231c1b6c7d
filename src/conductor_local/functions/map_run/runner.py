"""Performs map runs: the runner for resources of the kinds "map-run" and "map-run-stop".

Rules: a run takes no place among the running calls while it waits. When the process ends, its executions go on, and the next
process that performs the same call goes on with them; what ends them when the run is no longer wanted is the second kind of call.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import msgspec

from conductor_local.engine.nodes.map_run import MAP_RUN
from conductor_local.engine.state import ENDED, Head, Status
from conductor_local.engine.subtree import STOP_MAP_RUN
from conductor_local.errors import EvaluationError
from conductor_local.functions.executions_patience import patiently
from conductor_local.functions.map_run.batches import parts_of
from conductor_local.functions.map_run.buckets import Buckets
from conductor_local.functions.map_run.children import POLL_S, STOPPED, Children
from conductor_local.functions.map_run.given import given_items
from conductor_local.functions.map_run.order import Order, RunFailed
from conductor_local.functions.map_run.readers import read_items
from conductor_local.functions.map_run.results import result_of
from conductor_local.payload import NULL
from conductor_local.program import Failure, Item, items_in
from conductor_local.runtime.ports import MAP_ITEMS, Deferred, Failed, FunctionRunner, ItemExecutions, Later, Succeeded, TaskCall

NOT_WANTED = Failed(Failure(None, "Nobody waits for this map run any more."))


class MapRuns:
    """A `FunctionRunner` for map runs."""

    def __init__(self, executions: ItemExecutions, buckets: Buckets) -> None:
        self._executions = executions
        self._buckets = buckets
        self._running: dict[str, Children | None] = {}
        self._ends: dict[str, asyncio.Event] = {}
        self._stops: dict[str, asyncio.Event] = {}

    @property
    def is_idle(self) -> bool:
        """Whether all runs of this process do nothing but wait for their executions."""
        return not self._stops and all(children is not None and children.is_idle for children in self._running.values())

    async def run(self, call: TaskCall) -> Later:
        """Perform a run, or end what one has started."""
        order = msgspec.convert(call.invoke.arguments.value, Order)
        if call.invoke.resource.kind == MAP_RUN:
            return Later(partial(self._perform, call, order.run))
        stopped = self._stops[order.run] = asyncio.Event()
        return Later(partial(self._stop, call, order, stopped))

    async def _perform(self, call: TaskCall, run: str) -> Succeeded | Failed:
        """Perform a run; when it was redriven, not before what the earlier one started has been stopped."""
        while stopped := self._stops.get(run):
            await stopped.wait()
        ended = self._ends[run] = asyncio.Event()
        self._running[run] = None
        try:
            return await self._outcome(call)
        except RunFailed as error:
            return Failed(error.failure)
        except EvaluationError as error:
            return Failed(Failure(error.error, error.message))
        finally:
            self._running.pop(run, None)
            ended.set()
            self._ends.pop(run, None)

    async def _outcome(self, call: TaskCall) -> Succeeded | Failed:
        work_id = call.invoke.id
        parent = await patiently(partial(self._executions.head, call.execution_id))
        if parent is None:
            return NOT_WANTED
        value_of = await patiently(partial(self._executions.values, parent, work_id))
        told = await patiently(partial(self._executions.order, parent, work_id))
        if value_of is None or told is None:
            return NOT_WANTED
        order = msgspec.convert(told, Order)
        await patiently(partial(self._executions.note_run, parent, order.run))
        items = await self._items(order)
        if order.reader is not None:
            await patiently(partial(self._executions.count_items, parent, work_id, len(items)))
        processor = call.invoke.resource.name
        home = await patiently(partial(self._executions.identity, parent.definition))
        item_home = await patiently(partial(self._executions.identity, f"{parent.definition}{processor}"))
        children = Children(self._executions, parent, processor, work_id, order, len(items), home, item_home)
        self._running[order.run] = children
        await children.run(parts_of(items, value_of, order.batcher))
        self._running[order.run] = None
        return await self._answer(children)

    async def _items(self, order: Order) -> list[Item]:
        if order.reader is None:
            return [] if order.items is msgspec.UNSET else list(items_in(order.items))
        return await asyncio.to_thread(read_items, order.reader, self._buckets)

    async def _answer(self, children: Children) -> Succeeded | Failed:
        """Give the results; those of a failed run are written too, where they are to be written, which takes its time."""
        if children.order.writer is None:
            result = result_of(children, self._buckets)
        else:
            result = await asyncio.to_thread(result_of, children, self._buckets)
        return Succeeded(result) if children.failure is None else Failed(children.failure)

    async def _stop(self, call: TaskCall, order: Order, stopped: asyncio.Event) -> Succeeded:
        """End all executions of a run and see them ended: when the run is redriven, none of them may still be about to stop."""
        try:
            if running := self._ends.get(order.run):
                await running.wait()
            async with asyncio.TaskGroup() as group:
                async for child in self._unfinished(call.execution_id, order):
                    group.create_task(self._end(child, order.redrives))
            return Succeeded(NULL)
        finally:
            if self._stops.get(order.run) is stopped:
                del self._stops[order.run]
            stopped.set()

    async def _unfinished(self, parent_id: str, order: Order) -> AsyncIterator[Head]:
        parent = await patiently(partial(self._executions.head, parent_id))
        index = missing = 0
        while parent is not None and missing <= order.gap_max and index < order.parts_max:
            id = self._executions.id_of(parent, order.label, order.name_of(index))
            child = await patiently(partial(self._executions.head, id))
            missing = missing + 1 if child is None else 0
            if child is not None and child.status not in ENDED:
                yield child
            index += 1

    async def _end(self, child: Head, round: int) -> None:
        """Stop one execution. One that is parked can only be asked to end: the next process does it."""
        await patiently(partial(self._executions.stop_item, child.id, STOPPED, round=round))
        with self._executions.watch(child.id) as changed:
            while True:
                changed.clear()
                head = await patiently(partial(self._executions.head, child.id))
                if head is None or head.status in (*ENDED, Status.SUSPENDED) or head.round > round:
                    return
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await changed.wait()


class WithMapRuns:
    """A `FunctionRunner` that leaves all other kinds to `others`."""

    def __init__(self, map_runs: MapRuns, others: FunctionRunner) -> None:
        self._map_runs, self._others = map_runs, others

    async def run(self, call: TaskCall) -> Succeeded | Failed | Deferred | Later:
        """Make one call."""
        if call.invoke.resource.kind == MAP_ITEMS:
            return given_items(call)
        is_map_run = call.invoke.resource.kind in (MAP_RUN, STOP_MAP_RUN)
        return await (self._map_runs if is_map_run else self._others).run(call)
