"""Who works on a shared store: every process keeps a small record of itself there, and knows from the records who else is there.

A record has a number that grows with every beat. Whoever sees it stand still for `GONE_S`, by its own clock, takes the process for
gone; machines need not agree on the time. Nothing rests on this: who may commit is decided by epochs. A record of a process that is
gone is removed after `FORGET_S` by any other one.

Rule: processes share the work of a store in one consumer group, or one has it alone; whoever comes in another way is turned away.
"""

import logging
import os
import platform
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from conductor_local.errors import Conflict, SettingsError, Unavailable
from conductor_local.payload import Payload
from conductor_local.runtime.ports import Clock, Record, Store

KIND = "process"
BEAT_S = 2.0
GONE_S = 10.0
FORGET_S = 60.0
Forgotten = Callable[[str], Awaitable[None]]
"""Hears of a process that is gone for good, by its id."""
_LOOK_S = 0.25  # how soon a change of what a process owns is told

log = logging.getLogger("conductor.census")


class Milliseconds(msgspec.Struct, kw_only=True, frozen=True):
    """How long commits took: the mean, and the bounds that half of them and 99 per cent of them stayed within."""

    mean: float = 0.0
    p50: float = 0.0
    p99: float = 0.0


class ProcessView(msgspec.Struct, kw_only=True, rename="camel", frozen=True):
    """One process as it describes itself. `group` None: it has all partitions alone; `epochs` are those of its `partitions`.

    Processes of one `pid_space` see each other's numbers. Figures are since its start; `relay_lag` is by sink, for its partitions.
    `is_gone` is what others find.
    """

    id: str
    host: str
    pid: int
    version: str
    started_at: str
    seen_at: str
    group: str | None
    works: bool
    pid_space: str = ""
    is_draining: bool = False
    is_gone: bool = False
    partitions: Sequence[int] = ()
    epochs: Sequence[int] = ()
    functions: Sequence[str] = ()
    functions_running: int = 0
    function_calls: int = 0
    backlog: int = 0
    relay_lag: dict[str, int] = {}
    commits: int = 0
    commit_ms: Milliseconds = msgspec.field(default_factory=Milliseconds)
    store_errors: int = 0
    beats: int = 0

    @property
    def place(self) -> str:
        """Host and number, as people find it."""
        return f"{self.host}:{self.pid}"


class Census:
    """The processes of a store. With `is_shared` False there is only this one, and nothing is written.

    `describe` gives this process as it is now; `standing` gives, at no cost, what others are told of at once when it changes.
    `forgotten` hears of processes that are gone.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        describe: Callable[[], Awaitable[ProcessView]],
        standing: Callable[[], object],
        *,
        is_shared: bool,
        forgotten: Forgotten | None = None,
    ) -> None:
        self.is_shared = is_shared
        self._store, self._clock, self._describe, self._standing = store, clock, describe, standing
        self._forgotten = forgotten
        self._beats = 0
        self._seen: dict[str, tuple[int, datetime]] = {}

    async def admit(self) -> None:
        """Raise `SettingsError` when a process that is alive works on this store in a way that this one does not share."""
        me = await self._describe()
        if not self.is_shared or not me.works:
            return
        strangers = [other for other in await self._records() if _is_stranger(other, me)]
        if not strangers:
            return
        until = self._clock.now() + timedelta(seconds=1.5 * BEAT_S)
        while self._clock.now() < until:
            await self._clock.sleep_until(self._clock.now() + timedelta(seconds=_LOOK_S))
            now = {other.id: other for other in await self._records()}
            for other in strangers:
                if other.id in now and now[other.id].beats > other.beats:
                    raise SettingsError(_stranger(other, me))

    async def run(self) -> None:
        """Keep the record of this process until cancelled."""
        if not self.is_shared:
            return
        told: object = None
        next_beat = self._clock.now()
        while True:
            standing = self._standing()
            if self._clock.now() >= next_beat or standing != told:
                with suppress(Unavailable):  # the store's own faults are told elsewhere
                    await self._beat(await self._describe())
                    told = standing
                    await self._forget_gone()
                next_beat = self._clock.now() + timedelta(seconds=BEAT_S)
            await self._clock.sleep_until(self._clock.now() + timedelta(seconds=_LOOK_S))

    async def leave(self) -> None:
        """Remove the record of this process."""
        if self.is_shared:
            with suppress(Unavailable):
                await self._store.delete_record(KIND, (await self._describe()).id)

    async def processes(self) -> list[ProcessView]:
        """All processes, this one as it is now; those that are gone are marked."""
        me = await self._describe()
        others = [self._judged(other) for other in await self._records() if other.id != me.id] if self.is_shared else []
        return sorted([me, *others], key=lambda process: (process.started_at, process.id))

    async def _beat(self, me: ProcessView) -> None:
        self._beats += 1
        told = msgspec.structs.replace(me, beats=self._beats)
        record = Record(kind=KIND, key=me.id, value=Payload.from_encoded(msgspec.json.encode(told)), revision=self._beats)
        try:
            await self._store.put_record(record, replaces=self._beats - 1 or None)
        except Conflict:  # it was taken for gone, or the answer to an earlier beat was lost
            await self._store.delete_record(KIND, me.id)
            with suppress(Conflict):
                await self._store.put_record(record, replaces=None)

    async def _forget_gone(self) -> None:
        for other in await self._records():
            _, since = self._note(other)
            if self._clock.now() - since > timedelta(seconds=FORGET_S):
                log.info("process %s has not been heard of for %.0f s", other.place, FORGET_S)
                await self._store.delete_record(KIND, other.id)
                del self._seen[other.id]
                if self._forgotten is not None:
                    await self._forgotten(other.id)

    async def _records(self) -> list[ProcessView]:
        return [_decode(record.value.encoded) for record in await self._store.records(KIND)]

    def _judged(self, other: ProcessView) -> ProcessView:
        _, since = self._note(other)
        is_still = self._clock.now() - since > timedelta(seconds=GONE_S)
        return msgspec.structs.replace(other, is_gone=is_still or _has_ended(other))

    def _note(self, other: ProcessView) -> tuple[int, datetime]:
        """Return the number of its last beat and when this process first saw it."""
        seen = self._seen.get(other.id)
        if seen is None or seen[0] != other.beats:
            seen = self._seen[other.id] = other.beats, self._clock.now()
        return seen


_decode = msgspec.json.Decoder(ProcessView).decode


def process_id(host: str, pid: int, bits: int) -> str:
    """Return a name for a process that no other has."""
    return f"{host}:{pid}:{bits & 0xFFFFFFFF:08x}"


def pid_space() -> str:
    """Name where numbers of processes mean the same: this machine, or this container of it."""
    try:
        namespace = os.readlink("/proc/self/ns/pid")
    except OSError:
        namespace = ""
    return f"{platform.node()} {namespace}"


def _has_ended(other: ProcessView) -> bool:
    """Whether this machine knows that a process has ended; of others it knows nothing."""
    if os.name != "posix" or other.pid_space != pid_space():
        return False
    if other.pid == os.getpid():
        return other.pid == 1  # an earlier first process of this container
    try:
        os.kill(other.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _is_stranger(other: ProcessView, me: ProcessView) -> bool:
    """Whether a process works in a way that cannot be shared with this one, if it is still there."""
    is_sharing = me.group is not None and other.group == me.group
    return other.works and not is_sharing and not _has_ended(other)


def _stranger(other: ProcessView, me: ProcessView) -> str:
    if other.group is None or me.group is None:
        has = "it has" if other.group is None else "this one would have"
        return (
            f"Process {other.pid} on {other.host} works on this Redis already, and {has} all partitions to itself: without Kafka "
            "nobody shares them out. Stop that process, or give both KAFKA_BROKER and the same KAFKA_GROUP_ID."
        )
    return (
        f"Process {other.pid} on {other.host} works on this Redis in the group '{other.group}', and this one would in "
        f"'{me.group}': both would be given the same partitions. Set KAFKA_GROUP_ID to '{other.group}', or use another "
        "CONDUCTOR_REDIS_PREFIX."
    )
