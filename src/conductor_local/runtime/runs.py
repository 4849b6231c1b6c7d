"""The runs of distributed Maps, for every face: what they are, whose they are, their items' executions, and changing them."""

from collections.abc import Callable
from functools import partial

from conductor_local.engine.nodes.map_run import item_name
from conductor_local.engine.state import Head
from conductor_local.errors import NotFound
from conductor_local.payload import Json
from conductor_local.runtime.ids import item_id
from conductor_local.runtime.logged import inherited
from conductor_local.runtime.map_run_views import RUN_LABEL, RUN_RECORD, MapRunView, children_of, fill_counts, runs_of
from conductor_local.runtime.map_runs_update import RunLimits, RunUpdates
from conductor_local.runtime.ports import Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.reading import Reading
from conductor_local.runtime.starting import Order, Starter


class Runs:
    """The map runs of one store. `mint` gives random bits."""

    def __init__(
        self, store: Store, programs: Programs, starter: Starter, updates: RunUpdates, mint: Callable[[], int]
    ) -> None:  # fmt: skip
        self._store, self._programs, self._starter = store, programs, starter
        self._updates, self._mint, self._reading = updates, mint, Reading(store)

    async def of(self, instance_id: str) -> list[MapRunView]:
        """Return the runs of an instance, newest first, with counts. Raises `NotFound`."""
        head = await self._reading.head(instance_id)
        runs = runs_of(head, await self._reading.all_events(instance_id))
        for run in runs:
            await fill_counts(run, partial(self.item, head, run.label), await self._item_events_max(head, run))
        return runs

    async def execution(self, run: str) -> Head | None:
        """Return the execution that a run belongs to."""
        record = await self._store.record(RUN_RECORD, run)
        return None if record is None else await self._store.describe(record.value.value)

    async def items(self, instance_id: str, run: str) -> list[Head]:
        """Return the executions of one run of an instance, in the order of their items. Raises `NotFound`."""
        head = await self._reading.head(instance_id)
        for view in runs_of(head, await self._reading.all_events(instance_id)):
            if view.run == run:
                return [item async for item in children_of(view, partial(self.item, head, view.label))]
        raise NotFound(f"Instance {instance_id} has no map run '{run}'.")

    async def update(
        self,
        instance_id: str,
        run: str,
        *,
        max_concurrency: int | None = None,
        tolerated_failure_percentage: float | None = None,
        tolerated_failure_count: int | None = None,
    ) -> None:
        """See `RunUpdates.update`; None leaves a limit as it is. Raises `Conflict` when the run has ended."""
        limits = RunLimits(
            concurrency=max_concurrency, tolerated_count=tolerated_failure_count, tolerated_percentage=tolerated_failure_percentage
        )
        runs = runs_of(await self._reading.head(instance_id), await self._reading.all_events(instance_id))
        await self._updates.update(instance_id, run, limits, runs, f"in-{self._mint():032x}")

    async def start_item(
        self, parent: Head, processor: str, label: str, payload: Json, *, run: str, name: str, round: int = 0
    ) -> Head:
        """Start an execution of a machine inside the parent's own; one of that name is returned as it stands, whatever its input.

        Raises `InvalidRequest`.
        """
        order = Order(
            id=item_id(parent, label, name), name=name, definition=f"{parent.definition}{processor}",
            definition_id=f"{parent.definition_id}/{label}", definition_name=f"{parent.definition_name}/{label}",
            input=self._starter.checked_value(payload), round=round, labels={RUN_LABEL: run, **inherited(parent)},
        )  # fmt: skip
        return (await self._starter.start(order)).head

    async def _item_events_max(self, head: Head, run: MapRunView) -> int | None:
        first = await self.item(head, run.label, item_name(run.run, 0))
        return None if first is None else (await self._programs.get(first.definition)).limits.events

    async def item(self, parent: Head, label: str, name: str) -> Head | None:
        """Return the execution that a run of that label named so."""
        return await self._store.describe(item_id(parent, label, name))
