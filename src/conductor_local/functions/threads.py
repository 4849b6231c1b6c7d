"""Threads for functions that are not async.

Rules: they are daemons, because a thread cannot be killed and a stuck one must not keep the process from ending (those of
`ThreadPoolExecutor` are joined at exit); a call that nobody waits for any more gives up its place, so that stuck calls do not stop
the others; its late answer is dropped.
"""

import asyncio
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from conductor_local.functions.guard import Raised, attempt

STUCK_MAX = 256
"""Threads beyond the pool's size that may stand in for stuck ones; each holds its stack. After that the pool shrinks."""
STUCK_WARNING = 8
"""From this many stuck threads on, each further one is worth a warning."""

_log = logging.getLogger(__name__)


class Job:
    """One call in a thread. `answer` is what it returned, or `Raised`; `started_at` is the loop's time, None while it queues."""

    __slots__ = ("_context", "_loop", "_work", "answer", "is_abandoned", "is_done", "label", "started_at")

    def __init__(self, label: str, work: Callable[[], Any]) -> None:
        self.label = label
        self.started_at: float | None = None
        self.is_done = self.is_abandoned = False
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._context = contextvars.copy_context()
        self.answer: asyncio.Future[Any | Raised] = self._loop.create_future()

    def remaining_s(self, limit_s: float) -> float:
        """How much of its limit is left; queueing does not count."""
        return limit_s if self.started_at is None else self.started_at + limit_s - self._loop.time()

    def begin(self) -> bool:
        """Note the start; False when nobody waits any more."""
        if not self.is_abandoned:
            self.started_at = self._loop.time()
        return not self.is_abandoned

    def work(self) -> None:
        """Make the call, in the thread, and hand the answer to the loop."""
        answer = attempt(self._context.run, self._work)
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody waits
            self._loop.call_soon_threadsafe(self._deliver, answer)

    def _deliver(self, answer: Any | Raised) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)


class Threads:
    """Up to `size` calls at once, in order of arrival. Threads start when needed."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._live = self._idle = self._queued = 0
        self._stuck: set[Job] = set()

    @property
    def stuck(self) -> int:
        """How many threads work on calls that nobody waits for."""
        return len(self._stuck)

    def submit(self, label: str, work: Callable[[], Any]) -> Job:
        """Queue a call; its context variables are the caller's."""
        job = Job(label, work)
        with self._lock:
            self._queued += 1
            self._queue.put(job)
            self._grow()
        return job

    def abandon(self, job: Job) -> None:
        """Say that nobody waits for `job`: it is skipped if it has not begun, else its thread counts as stuck until it ends."""
        with self._lock:
            job.is_abandoned = True
            if job.started_at is None or job.is_done:
                return
            self._stuck.add(job)
            self._grow()
            stuck = len(self._stuck)
        if stuck >= STUCK_WARNING:
            _log.warning("%d threads are stuck in calls that were given up, the latest in function '%s'", stuck, job.label)

    def close(self) -> None:
        """Let idle threads end; stuck ones end with the process."""
        with self._lock:
            for _ in range(self._live):
                self._queue.put(None)

    def _grow(self) -> None:
        if self._idle < self._queued and self._live - min(len(self._stuck), STUCK_MAX) < self._size:
            self._live += 1
            self._idle += 1
            threading.Thread(target=self._serve, name=f"function-{self._live}", daemon=True).start()

    def _serve(self) -> None:
        while (job := self._queue.get()) is not None:
            with self._lock:
                self._queued -= 1
                self._idle -= 1
                wanted = job.begin()
            if wanted:
                job.work()
            if not self._goes_on_after(job):
                return
            del job
        with self._lock:
            self._live -= 1
            self._idle -= 1

    def _goes_on_after(self, job: Job) -> bool:
        with self._lock:
            job.is_done = True
            if job in self._stuck and self._live > self._size:
                self._stuck.discard(job)
                self._live -= 1
                return False
            self._stuck.discard(job)
            self._idle += 1
            return True
