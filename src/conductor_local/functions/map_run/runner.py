"""Performs map runs: the runner for resources of the kinds "map-run" and "map-run-stop".

Rules: a run takes no place among the running calls while it waits. When the process ends, its executions go on, and the next
process that performs the same call goes on with them; what ends them when the run is no longer wanted is the second kind of call.
"""

import asyncio
from functools import partial

import msgspec

from conductor_local.engine.nodes.map_run import MAP_RUN
from conductor_local.engine.state import ENDED
from conductor_local.engine.subtree import STOP_MAP_RUN
from conductor_local.errors import EvaluationError
from conductor_local.functions.executions_patience import patiently
from conductor_local.functions.map_run.batches import parts_of
from conductor_local.functions.map_run.buckets import Buckets
from conductor_local.functions.map_run.children import STOPPED, Children
from conductor_local.functions.map_run.order import Order, RunFailed
from conductor_local.functions.map_run.readers import read_items
from conductor_local.functions.map_run.results import result_of
from conductor_local.payload import NULL, Json
from conductor_local.program import Failure
from conductor_local.runtime.ports import Deferred, Failed, FunctionRunner, ItemExecutions, Later, Succeeded, TaskCall

NOT_WANTED = Failed(Failure(None, "Nobody waits for this map run any more."))


class MapRuns:
    """A `FunctionRunner` for map runs."""

    def __init__(self, executions: ItemExecutions, buckets: Buckets) -> None:
        self._executions = executions
        self._buckets = buckets
        self._running: dict[str, Children | None] = {}
        self._ends: dict[str, asyncio.Event] = {}

    @property
    def is_idle(self) -> bool:
        """Whether all runs of this process do nothing but wait for their executions."""
        return all(children is not None and children.is_idle for children in self._running.values())

    async def run(self, call: TaskCall) -> Succeeded | Failed | Later:
        """Perform a run, or end what one has started."""
        order = msgspec.convert(call.invoke.arguments.value, Order)
        if call.invoke.resource.kind != MAP_RUN:
            return await self._stop(call, order)
        return Later(partial(self._perform, call, order))

    async def _perform(self, call: TaskCall, order: Order) -> Succeeded | Failed:
        ended = self._ends[order.run] = asyncio.Event()
        self._running[order.run] = None
        try:
            return await self._outcome(call, order)
        except RunFailed as error:
            return Failed(error.failure)
        except EvaluationError as error:
            return Failed(Failure(error.error, error.message))
        finally:
            self._running.pop(order.run, None)
            ended.set()
            self._ends.pop(order.run, None)

    async def _outcome(self, call: TaskCall, order: Order) -> Succeeded | Failed:
        parent = await patiently(partial(self._executions.head, call.execution_id))
        if parent is None:
            return NOT_WANTED
        value_of = await patiently(partial(self._executions.values, parent, call.invoke.id))
        if value_of is None:
            return NOT_WANTED
        items = await self._items(order)
        children = Children(self._executions, parent, call.invoke.resource.name, order, len(items))
        self._running[order.run] = children
        await children.run(parts_of(items, value_of, order.batcher))
        self._running[order.run] = None
        return await self._answer(children)

    async def _items(self, order: Order) -> list[Json]:
        if order.reader is None:
            return [] if order.items is msgspec.UNSET else order.items
        return await asyncio.to_thread(read_items, order.reader, self._buckets)

    async def _answer(self, children: Children) -> Succeeded | Failed:
        """Give the results; those of a failed run are written too, where they are to be written."""
        result = await asyncio.to_thread(result_of, children, self._buckets)
        return Succeeded(result) if children.failure is None else Failed(children.failure)

    async def _stop(self, call: TaskCall, order: Order) -> Succeeded:
        """End all executions of a run. They were started in order, at most a window of them ahead of one that was not."""
        if running := self._ends.get(order.run):
            await running.wait()
        parent = await patiently(partial(self._executions.head, call.execution_id))
        index = missing = 0
        while parent is not None and missing <= order.window:
            id = self._executions.id_of(parent, order.label, order.name_of(index))
            child = await patiently(partial(self._executions.head, id))
            missing = missing + 1 if child is None else 0
            if child is not None and child.status not in ENDED:
                await patiently(partial(self._executions.stop, id, STOPPED))
            index += 1
        return Succeeded(NULL)


class WithMapRuns:
    """A `FunctionRunner` that leaves all other kinds to `others`."""

    def __init__(self, map_runs: MapRuns, others: FunctionRunner) -> None:
        self._map_runs, self._others = map_runs, others

    async def run(self, call: TaskCall) -> Succeeded | Failed | Deferred | Later:
        """Make one call."""
        is_map_run = call.invoke.resource.kind in (MAP_RUN, STOP_MAP_RUN)
        return await (self._map_runs if is_map_run else self._others).run(call)
