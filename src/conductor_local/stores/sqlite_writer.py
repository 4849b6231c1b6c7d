"""The one writer of a file: gathers requests on the event loop and writes them, batch after batch, in one other thread.

While a batch is on its way to the disk the next one gathers, so the busier it is the larger the batches. The thread is an executor
of the loop with one worker: a loop that runs executors in line, as the simulator's does, makes all of this deterministic.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from conductor_local.errors import Unavailable
from conductor_local.stores.sqlite_batch import Outcome, Request, write
from conductor_local.stores.sqlite_file import explain

BATCH_MAX = 512  # requests in one transaction; bounds how long one can take and what a failing disk takes down with it


class Writer:
    """Takes requests from coroutines of one loop; `thread` is where the connection is used."""

    def __init__(self, connection: sqlite3.Connection, path: Path, thread: ThreadPoolExecutor) -> None:
        self._connection = connection
        self._path = path
        self._thread = thread
        self._waiting: list[tuple[Request, asyncio.Future[Outcome]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def submit(self, request: Request) -> Outcome:
        """Return the outcome once it is durable, or raise it. A caller that is cancelled cannot know: it may have been written."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((request, future))
        if self._flushing is None:
            self._flushing = loop.create_task(self._flush())
        outcome = await future
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Write what waits, then let the file go."""
        if self._flushing is not None:
            await self._flushing
        self._connection.close()

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
                await self._write(batch)
        finally:
            self._flushing = None

    async def _write(self, batch: Sequence[tuple[Request, asyncio.Future[Outcome]]]) -> None:
        requests = [request for request, _ in batch]
        try:
            outcomes = await asyncio.get_running_loop().run_in_executor(self._thread, self._try, requests)
        except BaseException:
            for _, future in batch:
                future.cancel()
            raise
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if not future.done():
                future.set_result(outcome)

    def _try(self, requests: Sequence[Request]) -> Sequence[Outcome]:
        try:
            return write(self._connection, requests)
        except sqlite3.Error as error:
            return [_with_cause(explain(error, self._path), error) for _ in requests]


def _with_cause(fault: Unavailable, cause: sqlite3.Error) -> Unavailable:
    fault.__cause__ = cause
    return fault
