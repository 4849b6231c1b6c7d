"""Activities where several processes share the work: calls wait on the store, because a worker may ask any of the processes.

Whoever makes a call puts a notice up. The process that a worker asks takes the oldest notice down, which only one can, and leaves
word for the process that put it up, whose call then ends. A call that was made again by another process has two notices; taking one
down takes both, and word goes to the one that made it last. Before a call is handed out it is seen to be still wanted, so that a
notice of a dead process does no harm.

When the process that made the call dies before it hears that it was taken, the call is made again and may go to a second worker.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

import msgspec

from conductor_local.engine.messages import encode_token
from conductor_local.errors import Conflict, NotFound, Unavailable
from conductor_local.functions.executions_patience import patiently
from conductor_local.payload import Payload
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.ports import ActivityTask, Clock, Deferred, Failed, Later, Record, Store, TaskCall
from conductor_local.runtime.tasks import open_task

NOTICE, WORD = "activityTask", "activityTaken"
PAUSE_S_FIRST, PAUSE_S_MAX = 0.05, 0.5  # between looks at the store, shorter after something was there
_GROWTH = 1.3


class _Notice(msgspec.Struct, frozen=True):
    """A call that waits since `at`, put up by `process`."""

    token: str
    at: datetime
    process: str
    input: msgspec.Raw


class _Word(msgspec.Struct, frozen=True):
    """`worker` has taken the call."""

    token: str
    worker: str | None


class ActivityBoard:
    """The runner for resources of kind "activity", and where workers take calls (`ports.Activities`), for one of many processes.

    `process` is this one's name; `exists` is asked by ARN.
    """

    def __init__(self, store: Store, clock: Clock, exists: Callable[[str], Awaitable[bool]], process: str) -> None:
        self._store, self._clock, self._exists, self._process = store, clock, exists, process
        self._waiting: dict[str, asyncio.Future[str | None]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._found: dict[str, list[_Notice]] = {}
        self._looked_at: dict[str, float] = {}

    async def run(self, call: TaskCall) -> Failed | Later:
        """Put up a notice; the call ends as deferred when a worker has taken it."""
        arn = call.invoke.resource.name
        if not await patiently(partial(self._exists, arn)):
            return Failed(Failure(ErrorName.RUNTIME, f"The activity {arn} does not exist."))
        token = encode_token(call.execution_id, call.invoke.id)
        input = msgspec.Raw(call.invoke.arguments.encoded)
        notice = _Notice(token=token, at=self._clock.now(), process=self._process, input=input)
        await patiently(partial(self._put_up, arn, notice))
        return Later(partial(self._until_taken, arn, token))

    async def _put_up(self, arn: str, notice: _Notice) -> None:
        with suppress(Conflict):  # it hangs there from an earlier attempt to put it up
            await self._store.put_record(_record(_kind(arn), _key(notice), notice), replaces=None)

    async def _until_taken(self, arn: str, token: str) -> Deferred:
        taken = self._waiting[token] = asyncio.get_running_loop().create_future()
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen(), name="word of activities")
        try:
            return Deferred(None, await taken)
        except asyncio.CancelledError:
            with suppress(Unavailable):
                await self._store.delete_record(_kind(arn), f"{token}:{self._process}")
            raise
        finally:
            del self._waiting[token]

    async def _listen(self) -> None:
        """Hear which calls of this process were taken, as long as any waits."""
        pause_s, kind = PAUSE_S_FIRST, _word_kind(self._process)
        while self._waiting:
            words: Sequence[Record] = ()
            with suppress(Unavailable):
                words = await self._store.records(kind)
                for record in words:
                    word = _decode_word(record.value.encoded)
                    if (waiting := self._waiting.get(word.token)) and not waiting.done():
                        waiting.set_result(word.worker)
                    await self._store.delete_record(kind, record.key)
            pause_s = PAUSE_S_FIRST if words else min(pause_s * _GROWTH, PAUSE_S_MAX)
            await asyncio.sleep(pause_s)

    async def take(self, arn: str, worker: str | None, wait_s: float) -> ActivityTask | None:
        """Return the call that has waited longest; None when none has come within `wait_s` seconds."""
        loop = asyncio.get_running_loop()
        until, pause_s = loop.time() + wait_s, PAUSE_S_FIRST
        while True:
            if (task := await self._oldest(arn, worker)) is not None:
                return task
            if loop.time() >= until:
                return None
            await asyncio.sleep(min(pause_s, max(0.0, until - loop.time())))
            pause_s = min(pause_s * _GROWTH, PAUSE_S_MAX)

    async def _oldest(self, arn: str, worker: str | None) -> ActivityTask | None:
        if not self._found.get(arn):
            await self._look(arn)
        while found := self._found.get(arn):
            notice = found.pop(0)
            if await asyncio.shield(self._take_down(arn, notice, worker)):
                return ActivityTask(token=notice.token, input=Payload.from_encoded(bytes(notice.input)))
        self._found.pop(arn, None)
        return None

    async def _look(self, arn: str) -> None:
        """Read the notices for all who ask here, oldest first, but not more often than somebody could notice."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at.get(arn, -math.inf) < PAUSE_S_FIRST:
            return
        self._looked_at[arn] = now
        notices = [_decode_notice(record.value.encoded) for record in await self._store.records(_kind(arn))]
        self._found[arn] = sorted(notices, key=lambda notice: (notice.at, notice.token))

    async def _take_down(self, arn: str, notice: _Notice, worker: str | None) -> bool:
        """Take a call for a worker; False when another one was quicker or nobody wants it any more."""
        if not await self._store.delete_record(_kind(arn), _key(notice)):
            return False
        try:
            await open_task(self._store, notice.token)
        except (Conflict, NotFound):
            return False
        newest = notice
        for double in [double for double in self._found.get(arn, ()) if double.token == notice.token]:
            self._found[arn].remove(double)
            await self._store.delete_record(_kind(arn), _key(double))
            newest = double
        with suppress(Conflict):
            word = _record(_word_kind(newest.process), notice.token, _Word(notice.token, worker))
            await self._store.put_record(word, replaces=None)
        return True

    async def forget(self, process: str) -> None:
        """Remove the words that were left for a process which is gone."""
        for record in await self._store.records(_word_kind(process)):
            await self._store.delete_record(record.kind, record.key)

    async def close(self) -> None:
        """Hear no more."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        with suppress(Unavailable):
            await self.forget(self._process)


_decode_notice = msgspec.json.Decoder(_Notice).decode
_decode_word = msgspec.json.Decoder(_Word).decode


def _kind(arn: str) -> str:
    return f"{NOTICE}:{arn}"


def _word_kind(process: str) -> str:
    return f"{WORD}:{process}"


def _key(notice: _Notice) -> str:
    return f"{notice.token}:{notice.process}"


def _record(kind: str, key: str, value: _Notice | _Word) -> Record:
    return Record(kind=kind, key=key, value=Payload.from_encoded(msgspec.json.encode(value)))
