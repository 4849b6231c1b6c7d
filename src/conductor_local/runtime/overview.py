"""What a person asks of the whole: which processes there are, who owns which partition, how far behind, and what is missing.

Costs what it shows: the records of the processes and the counts that the store keeps, whatever the number of instances.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from conductor_local.errors import Unavailable
from conductor_local.runtime.census import Census, ProcessView
from conductor_local.runtime.ports import Store
from conductor_local.runtime.views import STATUS_NAMES

PATIENCE_S = 2.0  # for a part to answer, before it counts as missing
_PLACES_SHOWN = 8


class Partitions(msgspec.Struct, kw_only=True):
    """How many there are, how many have an owner, and which have none."""

    total: int
    owned: int
    unowned: Sequence[int]


class Overview(msgspec.Struct, kw_only=True, rename="camel"):
    """The whole at one moment. Figures are sums over the processes that are there, a few seconds old for others than this one.

    `process_id` is the process that answers; `functions_not_everywhere`: processes that work and lack a function that others have.
    """

    process_id: str
    instances: dict[str, int]
    partitions: Partitions
    processes: Sequence[ProcessView]
    functions_running: int
    backlog: int
    relay_lag: dict[str, int]
    store_errors: int
    functions_not_everywhere: dict[str, Sequence[str]]
    missing: dict[str, str]


class Watchtower:
    """Looks at the whole from one process. `ping` raises `Unavailable` when the bus is away; None: there is nothing to ask."""

    def __init__(
        self, store: Store, census: Census, partitions: int, own_id: str, ping: Callable[[], Awaitable[None]] | None = None
    ) -> None:  # fmt: skip
        self._store, self._census, self._partitions, self._own_id, self._ping = store, census, partitions, own_id, ping

    @property
    def shares(self) -> bool:
        """Whether other processes share the work of this store."""
        return self._ping is not None

    async def overview(self, missing: dict[str, str]) -> Overview:
        """Return everything; `missing` is what keeps this process from working. Raises `Unavailable`."""
        counts, processes = await asyncio.gather(self._store.counts(), self._census.processes())
        instances: Counter[str] = Counter()
        for status, count in counts.items():
            instances[STATUS_NAMES[status]] += count
        there = [process for process in processes if not process.is_gone]
        lag: Counter[str] = Counter()
        for process in there:
            lag.update(process.relay_lag)
        return Overview(
            process_id=self._own_id, instances=dict(instances), partitions=self._shared_out(there), processes=processes,
            functions_running=sum(process.functions_running for process in there),
            backlog=sum(process.backlog for process in there), relay_lag=dict(lag),
            store_errors=sum(process.store_errors for process in there), functions_not_everywhere=_uneven(there), missing=missing,
        )  # fmt: skip

    async def missing(self) -> dict[str, str]:
        """Say what keeps the processes of this store from working, by part; empty when nothing does."""
        found: dict[str, str] = {}
        try:
            async with asyncio.timeout(PATIENCE_S):
                there = [process for process in await self._census.processes() if not process.is_gone]
            unowned = self._shared_out(there).unowned
            if unowned:
                found["partitions"] = _waiting(unowned, self._partitions, is_anyone_working=any(each.works for each in there))
        except TimeoutError:
            found["redis"] = f"no answer within {PATIENCE_S:g} s"
        except Unavailable as error:
            found["redis"] = error.message
        if self._ping is not None:
            try:
                await self._ping()
            except Unavailable as error:
                found["kafka"] = error.message
        return found

    def _shared_out(self, there: Sequence[ProcessView]) -> Partitions:
        owned = owners(there)
        unowned = [partition for partition in range(self._partitions) if partition not in owned]
        return Partitions(total=self._partitions, owned=len(owned), unowned=unowned)


def owners(processes: Sequence[ProcessView]) -> dict[int, ProcessView]:
    """Return who owns which partition: of two that say so, the one with the higher epoch."""
    found: dict[int, tuple[int, ProcessView]] = {}
    for process in processes:
        for partition, epoch in zip(process.partitions, process.epochs, strict=True):
            if not process.is_gone and epoch > found.get(partition, (0, process))[0]:
                found[partition] = epoch, process
    return {partition: process for partition, (_, process) in sorted(found.items())}


def _uneven(there: Sequence[ProcessView]) -> dict[str, Sequence[str]]:
    working = [process for process in there if process.works]
    known = {name for process in working for name in process.functions}
    lacking = {name: [process.place for process in working if name not in process.functions] for name in sorted(known)}
    return {name: places for name, places in lacking.items() if places}


def _waiting(unowned: Sequence[int], total: int, *, is_anyone_working: bool) -> str:
    which = ", ".join(map(str, unowned[:_PLACES_SHOWN])) + (", …" if len(unowned) > _PLACES_SHOWN else "")
    what = f"{len(unowned)} of {total} partitions have no owner ({which})"
    if is_anyone_working:
        return f"{what}; they are being handed over, which takes some seconds"
    return f"{what}, and no process works: start 'conductor worker'"
