"""The bare probe: what the HTTP stack and the disk allow when there is no engine at all.

Same stack as the server: Litestar on uvicorn with uvloop and httptools, SQLite in WAL mode with `synchronous=FULL`, one writer
thread with group commit. A trigger inserts one row, durable before the 202; from then on every transition is one row. There is
no program, no event, no work table, no version, no retry, no recovery: after a crash nobody would go on.

What an honest ceiling is depends on what a transition promises.

*Function steps.* A function acts on the world, so it may be called only once it is durable that the step before it has ended.
The probe waits for the row of each transition to be durable before it makes the next call: ten steps are ten durable writes
one after the other, and the only help is that many instances share each disk sync. Nobody who keeps the promise can do less.

*Data steps.* Nothing outside can see whether a step that only computes was made durable before the next began, so nothing makes
anyone wait between them. The probe writes the ten rows of an instance in one transaction. It must still write ten rows, because
the history of the run is part of what is sold. Waiting for each row would make the probe slower and our share of it look better.

*Map.* Items of data: a thousand rows in one transaction. Items that call a function: forty at once, each row durable before the
place is given to the next item.

Sync functions run on a thread pool here too: they may block, and a server that called them inline would stop answering.
"""

import argparse
import asyncio
import functools
import queue
import sqlite3
import threading
import uuid
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, MediaType, get, post
from litestar.exceptions import NotFoundException

SCHEMA = """
create table instances (
    id text primary key, name text not null, status text not null, step integer not null, payload blob not null
);
create table transitions (id integer primary key, instance text not null, step integer not null, payload blob not null);
"""
START = "insert into instances values (?, ?, 'RUNNING', 0, ?)"
TRANSITION = "insert into transitions (instance, step, payload) values (?, ?, ?)"
END = "update instances set status = 'COMPLETED', step = ?, payload = ? where id = ?"
READ = "select id, name, status, step, payload from instances where id = ?"
MAP_ITEMS = 1_000
MAP_WINDOW = 40
THREADS = 32

Statement = tuple[str, tuple[Any, ...]]


class Trigger(msgspec.Struct):
    """The body of a trigger."""

    payload: dict[str, Any] = {}


class Instance(msgspec.Struct, rename="camel"):
    """What GET answers; `step` is the number of the last durable transition."""

    instance_id: str
    workflow_definition_name: str
    status: str
    step: int
    current_payload: msgspec.Raw


class Writer:
    """One thread that writes whatever has gathered as one transaction, durable before anyone is told."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[tuple[list[Statement], asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="writer")
        self._thread.start()

    def write(self, statements: list[Statement]) -> asyncio.Future[None]:
        """Write all in one transaction, perhaps with those of others."""
        future = self._loop.create_future()
        self._queue.put((statements, future))
        return future

    def close(self) -> None:
        """Write what is left and end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        connection = connect(self._path)
        while batch := self._gather():
            connection.execute("begin immediate")
            for statements, _ in batch:
                for sql, values in statements:
                    connection.execute(sql, values)
            connection.execute("commit")
            self._loop.call_soon_threadsafe(_answer, [future for _, future in batch])
        connection.close()

    def _gather(self) -> list[tuple[list[Statement], asyncio.Future[None]]]:
        batch = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._queue.put(None)
        return batch


def _answer(futures: Sequence[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)


def connect(path: Path) -> sqlite3.Connection:
    """Open the database as the server does."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    return connection


async def echo(payload: dict[str, Any]) -> dict[str, Any]:
    """The function of the async rows."""
    return payload


def echo_sync(payload: dict[str, Any]) -> dict[str, Any]:
    """The function of the sync rows."""
    return payload


class Probe:
    """Runs instances with nothing but durable rows."""

    def __init__(self, path: Path) -> None:
        setup = connect(path)
        setup.executescript(SCHEMA)
        setup.close()
        self.writer = Writer(path)
        self.reader = connect(path)
        self.completed = 0
        self._pool = ThreadPoolExecutor(THREADS)
        self._runs: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        self.writer.close()
        self._pool.shutdown()

    async def start(self, name: str, payload: dict[str, Any]) -> Instance:
        """Insert the instance and, once that is durable, let it run."""
        instance_id, encoded = uuid.uuid4().hex, msgspec.json.encode(payload)
        await self.writer.write([(START, (instance_id, name, encoded))])
        run = asyncio.create_task(self._run(instance_id, name, payload))
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)
        return Instance(instance_id, name, "PENDING", 0, msgspec.Raw(encoded))

    def read(self, instance_id: str) -> Instance | None:
        """Read the row."""
        row = self.reader.execute(READ, (instance_id,)).fetchone()
        return row and Instance(*row[:4], msgspec.Raw(row[4]))

    async def _run(self, instance_id: str, name: str, payload: dict[str, Any]) -> None:
        kind, _, count = name.partition("-")
        await RUNS[kind](self, instance_id, int(count), payload)
        self.completed += 1

    async def data(self, instance_id: str, count: int, payload: dict[str, Any]) -> None:
        """`count` steps that only compute: all their rows in one transaction."""
        rows = [(TRANSITION, (instance_id, step, msgspec.json.encode(payload))) for step in range(1, count + 1)]
        await self.writer.write([*rows, (END, (count, msgspec.json.encode(payload), instance_id))])

    async def function(self, instance_id: str, count: int, payload: dict[str, Any]) -> None:
        """`count` calls one after the other, each row durable before the next call."""
        await self._chain(instance_id, count, payload, echo)

    async def sync(self, instance_id: str, count: int, payload: dict[str, Any]) -> None:
        """The same with functions that run on a thread."""
        await self._chain(instance_id, count, payload, self._threaded)

    async def map_data(self, instance_id: str, count: int, payload: dict[str, Any]) -> None:
        """A map over data: one row per item, in one transaction."""
        rows = [(TRANSITION, (instance_id, index, msgspec.json.encode(item))) for index, item in enumerate(payload["items"])]
        await self.writer.write([*rows, (END, (count, msgspec.json.encode(payload["items"]), instance_id))])

    async def map_function(self, instance_id: str, count: int, payload: dict[str, Any]) -> None:
        """A map over calls: `MAP_WINDOW` at once, each row durable before its place is given on."""
        items = enumerate(payload["items"])

        async def place() -> None:
            for index, item in items:
                result = await echo(item)
                await self.writer.write([(TRANSITION, (instance_id, index, msgspec.json.encode(result)))])

        await asyncio.gather(*(place() for _ in range(MAP_WINDOW)))
        await self.writer.write([(END, (count, msgspec.json.encode(payload["items"]), instance_id))])

    async def _chain(
        self, instance_id: str, count: int, payload: dict[str, Any], call: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
    ) -> None:
        for step in range(1, count + 1):
            payload = await call(payload)
            encoded = msgspec.json.encode(payload)
            statements: list[Statement] = [(TRANSITION, (instance_id, step, encoded))]
            if step == count:
                statements.append((END, (step, encoded, instance_id)))
            await self.writer.write(statements)

    async def _threaded(self, payload: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.get_running_loop().run_in_executor(self._pool, echo_sync, payload)


RUNS: dict[str, Callable[[Probe, str, int, dict[str, Any]], Awaitable[None]]] = {
    "data": Probe.data,
    "async": Probe.function,
    "sync": Probe.sync,
    "mapdata": Probe.map_data,
    "mapasync": Probe.map_function,
}


def create_app(path: Path) -> Litestar:
    """Make the application; its routes are those of the server that the workloads use."""

    @asynccontextmanager
    async def lifespan(app: Litestar):  # type: ignore[no-untyped-def]
        app.state.probe = Probe(path)
        yield
        app.state.probe.close()

    @post("/workflows/{name:str}/trigger", status_code=202)
    async def trigger(name: str, data: Trigger) -> Instance:
        return await app.state.probe.start(name, data.payload)

    @get("/workflows/instances/{instance_id:str}")
    async def instance(instance_id: str) -> Instance:
        if found := app.state.probe.read(instance_id):
            return found
        raise NotFoundException(instance_id)

    @get("/metrics", media_type=MediaType.TEXT)
    async def metrics() -> str:
        return f'conductor_instances{{status="COMPLETED"}} {app.state.probe.completed}\n'

    app = Litestar([trigger, instance, metrics], lifespan=[lifespan], openapi_config=None)
    return app


def main() -> None:
    """Serve the probe."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--data", type=Path, required=True)
    options = arguments.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    serve = functools.partial(uvicorn.run, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    serve(create_app(options.data / "probe.db"), port=options.port)


if __name__ == "__main__":
    main()
