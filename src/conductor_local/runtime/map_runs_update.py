"""Changing the limits of a map run that is under way: a message to the execution whose node waits for it.

Rules: a change is durable before it is acknowledged, and whoever performs the run heeds it without being told. A run that is over
keeps its limits.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from conductor_local.engine.effects import Deliver
from conductor_local.engine.messages import RunUpdated
from conductor_local.engine.state import Execution, MapRunMemo
from conductor_local.errors import Conflict, InvalidRequest, NotFound, Unavailable
from conductor_local.runtime.changes import Changes
from conductor_local.runtime.map_run_views import MapRunView
from conductor_local.runtime.ports import Bus, Clock, Store

ANSWER_S = 10.0  # how long a change may take until it is seen


class RunLimits(msgspec.Struct, kw_only=True, frozen=True):
    """New limits of a run; None: as before. Concurrency 0: as many as can; the percentage is 0 to 100."""

    concurrency: int | None = None
    tolerated_count: int | None = None
    tolerated_percentage: float | None = None


class RunUpdates:
    """Changes runs of one store."""

    def __init__(self, store: Store, bus: Bus, clock: Clock, changes: Changes) -> None:
        self._store, self._bus, self._clock, self._changes = store, bus, clock, changes

    async def update(self, execution_id: str, run: str, limits: RunLimits, runs: Sequence[MapRunView], row: str) -> None:
        """Give the run new limits; return when they hold. `row` names the message, `runs` are those of the execution.

        Raises `InvalidRequest` for limits that are none, `NotFound` when there is no such run, `Conflict` when it is over, and
        `Unavailable` when nobody has acted on the change in time; it is durable then.
        """
        _check(limits)
        if all(view.run != run for view in runs):
            raise NotFound(f"Instance {execution_id} has no map run '{run}'.")
        execution = await self._store.load(execution_id)
        memo = None if execution is None else _memo_of(execution, run)
        if execution is None or memo is None or memo.work_id is None:
            raise Conflict(f"The map run '{run}' has ended; its limits can no longer be changed.")
        message = RunUpdated(at=self._clock.now(), work_id=memo.work_id, **msgspec.structs.asdict(limits))
        await self._store.post(execution_id, execution.head.partition, [Deliver(id=row, due_at=message.at, message=message)])
        await self._bus.nudge(execution.head.partition)
        await self._until(execution_id, run, limits)

    async def _until(self, execution_id: str, run: str, limits: RunLimits) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                with self._changes.watch(execution_id) as changed:
                    while True:
                        changed.clear()
                        execution = await self._store.load(execution_id)
                        if execution is None or _holds(_memo_of(execution, run), limits):
                            return
                        await self._changes.wait(changed)
        except TimeoutError:
            raise Unavailable("The request is stored, and no worker has acted on it yet; look at the map run later.") from None


def _check(limits: RunLimits) -> None:
    if limits == RunLimits():
        raise InvalidRequest("Say what to change: the concurrency or how many failures are tolerated.", code="NOTHING_TO_CHANGE")
    if min(limits.concurrency or 0, limits.tolerated_count or 0) < 0:
        raise InvalidRequest("Concurrency and tolerated failures are counted from 0.", code="INVALID_LIMIT")
    if not 0 <= (limits.tolerated_percentage or 0) <= 100:
        raise InvalidRequest("A percentage of tolerated failures is from 0 to 100.", code="INVALID_LIMIT")


def _memo_of(execution: Execution, run: str) -> MapRunMemo | None:
    memos = (frame.memo for frame in execution.frames.values())
    return next((memo for memo in memos if isinstance(memo, MapRunMemo) and memo.order.value["run"] == run), None)


def _holds(memo: MapRunMemo | None, limits: RunLimits) -> bool:
    """Whether the limits are those of the run; so they are too when it has ended meanwhile."""
    if memo is None or memo.work_id is None:
        return True
    told = {
        "concurrency": limits.concurrency, "toleratedCount": limits.tolerated_count,
        "toleratedPercentage": limits.tolerated_percentage,
    }  # fmt: skip
    return all(limit is None or memo.order.value.get(name) == limit for name, limit in told.items())
