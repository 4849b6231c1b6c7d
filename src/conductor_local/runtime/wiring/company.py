"""What a process tells of itself to the others on its store, and how it looks at the whole."""

import os
import platform
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from conductor_local import __version__
from conductor_local.runtime.census import Census, Forgotten, Milliseconds, ProcessView, pid_space, process_id
from conductor_local.runtime.ids import mint
from conductor_local.runtime.latency import Latency
from conductor_local.runtime.overview import Watchtower
from conductor_local.runtime.ports import Clock, Store
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.views import timestamp
from conductor_local.runtime.wiring.adapters import Ping
from conductor_local.runtime.worker import Worker


@dataclass(slots=True)
class Portrait:
    """Describes this process. `sink_lag` is set once there is a service."""

    settings: Settings
    clock: Clock
    worker: Worker
    commits: Latency
    functions: Callable[[], list[str]]
    id: str
    started_at: datetime
    sink_lag: Callable[[], Awaitable[dict[str, int]]]

    def owned(self) -> dict[int, int]:
        """Return the partitions of this process and their epochs."""
        owners = sorted(self.worker.owners, key=lambda owner: owner.partition)
        return {owner.partition: owner.epoch for owner in owners if owner.epoch is not None and not owner.is_fenced}

    def standing(self) -> object:
        """Return what others are told of at once."""
        return self.owned(), self.worker.is_draining

    async def __call__(self) -> ProcessView:
        settings, tools, owned = self.settings, self.worker.tools, self.owned()
        shown = {name: round(1000 * value, 3) for name, value in _figures(self.commits).items()}
        return ProcessView(
            id=self.id, host=platform.node(), pid=os.getpid(), pid_space=pid_space(), version=__version__,
            started_at=timestamp(self.started_at), seen_at=timestamp(self.clock.now()), works=settings.works,
            group=settings.kafka_group_id if settings.shares_work else None, is_draining=self.worker.is_draining,
            partitions=list(owned), epochs=list(owned.values()),
            functions=self.functions() if settings.works else [],
            functions_running=sum(owner.running for owner in self.worker.owners), function_calls=tools.calls,
            backlog=sum(owner.backlog for owner in self.worker.owners), relay_lag=await self.sink_lag(),
            commits=self.commits.count, commit_ms=Milliseconds(**shown), store_errors=tools.store_errors,
        )  # fmt: skip


def _figures(latency: Latency) -> dict[str, float]:
    return {"mean": latency.mean_s, "p50": latency.quantile_s(0.5), "p99": latency.quantile_s(0.99)}


def new_id() -> str:
    """Return a name for this process."""
    return process_id(platform.node(), os.getpid(), mint())


def company_of(
    settings: Settings, store: Store, clock: Clock, portrait: Portrait, ping: Ping | None, forgotten: Forgotten | None = None
) -> tuple[Census, Watchtower]:
    """Return who keeps the record of this process and who looks at all."""
    census = Census(store, clock, portrait, portrait.standing, is_shared=settings.redis is not None, forgotten=forgotten)
    return census, Watchtower(store, census, settings.partition_count, portrait.id, ping)
