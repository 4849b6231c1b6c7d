"""Activities: a call waits, by the activity's ARN, until a worker asks for it; the worker's answer comes by the call's token.

Rules: a call goes to one worker, the one that has asked longest; calls nobody wants any more are forgotten. The queue is in memory
alone: after a restart the calls that no worker has answered are made again and wait here anew. A call of an activity that is not
there fails at once.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from functools import partial

from conductor_local.engine.messages import encode_token
from conductor_local.functions.executions_patience import patiently
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.ports import ActivityTask, Deferred, Failed, Later, Succeeded, TaskCall


class ActivityQueues:
    """The runner for resources of kind "activity", and where workers take calls (`ports.Activities`). `exists` is asked by ARN."""

    def __init__(self, exists: Callable[[str], Awaitable[bool]]) -> None:
        self._exists = exists
        self._calls: dict[str, deque[_Waiting]] = defaultdict(deque)
        self._workers: dict[str, deque[asyncio.Future[None]]] = defaultdict(deque)

    async def run(self, call: TaskCall) -> Failed | Later:
        """Put a call into its queue; it ends as deferred when a worker has taken it."""
        arn = call.invoke.resource.name
        if not await patiently(partial(self._exists, arn)):
            return Failed(Failure(ErrorName.RUNTIME, f"The activity {arn} does not exist."))
        waiting = _Waiting(call)
        self._calls[arn].append(waiting)
        self._wake_one(arn)
        return Later(partial(self._until_taken, arn, waiting))

    async def take(self, arn: str, worker: str | None, wait_s: float) -> ActivityTask | None:
        """Return the call that has waited longest; None when none has come within `wait_s` seconds."""
        try:
            async with asyncio.timeout(wait_s):
                while not self._calls.get(arn):
                    await self._woken(arn)
        except TimeoutError:
            return None
        finally:
            _forget_empty(self._workers, arn)
        return self._hand_out(arn, worker)

    def _hand_out(self, arn: str, worker: str | None) -> ActivityTask:
        waiting = self._calls[arn].popleft()
        _forget_empty(self._calls, arn)
        waiting.taken.set_result(worker)
        return ActivityTask(token=waiting.token, input=waiting.call.invoke.arguments)

    async def _until_taken(self, arn: str, waiting: "_Waiting") -> Succeeded | Failed | Deferred:
        try:
            worker = await waiting.taken
        finally:
            if arn in self._calls and waiting in self._calls[arn]:
                self._calls[arn].remove(waiting)
                _forget_empty(self._calls, arn)
        return Deferred(None, worker)

    async def _woken(self, arn: str) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._workers[arn].append(woken)
        try:
            await woken
        except asyncio.CancelledError:
            if woken.done() and not woken.cancelled():
                self._wake_one(arn)  # the call that this worker was woken for goes to the next one
            raise
        finally:
            if woken in self._workers[arn]:
                self._workers[arn].remove(woken)

    def _wake_one(self, arn: str) -> None:
        workers = self._workers.get(arn)
        while workers:
            woken = workers.popleft()
            if not woken.done():
                woken.set_result(None)
                return


class _Waiting:
    """A call in a queue; `taken` gives the name of the worker."""

    __slots__ = ("call", "taken", "token")

    def __init__(self, call: TaskCall) -> None:
        self.call = call
        self.token = encode_token(call.execution_id, call.invoke.id)
        self.taken: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()


def _forget_empty(queues: "dict[str, deque[_Waiting]] | dict[str, deque[asyncio.Future[None]]]", arn: str) -> None:
    if arn in queues and not queues[arn]:
        del queues[arn]
