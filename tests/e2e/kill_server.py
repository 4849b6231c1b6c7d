"""A real server as a process of its own, which can be killed and started again on the same data."""

import asyncio
import json
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import closing
from pathlib import Path
from typing import Any

START_S = 30.0


class Server:
    """`conductor serve` on a data file in `folder`. `lives` counts how often it was started."""

    def __init__(self, folder: Path, name: str = "server") -> None:
        self.folder, self.lives = folder, 0
        self.url = ""
        self.is_up = asyncio.Event()
        self._name = name
        self._process: Process | None = None

    async def start(self) -> None:
        """Start, and return when requests are answered."""
        arguments = [
            "serve", "-o", "json", "--port", "0", "--no-sample", "--time-scale", "0", "--data", "conductor.db",
            "--functions", "functions.py", "--definitions", "workflow.json", "--definitions", "kill-machine.asl.json",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "conductor_local", *arguments, cwd=self.folder, stdout=PIPE, stderr=log
            )
        async with asyncio.timeout(START_S):
            self.url = await self._url(self._process)
        self.lives += 1
        self.is_up.set()

    async def _url(self, process: Process) -> str:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            told = json.loads(line)
            if told["type"] == "LISTENING":
                return str(told["url"])
        raise AssertionError(f"the server ended before it listened:\n{self.log.read_text()}")

    async def kill(self) -> None:
        """End it with SIGKILL: it can finish nothing."""
        self.is_up.clear()
        process = self._running
        process.kill()
        await self._reap(process)

    async def stop(self) -> int:
        """Ask it to end with SIGTERM; return its exit code."""
        self.is_up.clear()
        process = self._running
        process.terminate()
        return await self._reap(process)

    async def _reap(self, process: Process) -> int:
        async with asyncio.timeout(START_S):
            await process.communicate()
        self._process = None
        assert process.returncode is not None
        return process.returncode

    async def close(self) -> None:
        """End it if it still runs."""
        if self._process is not None:
            await self.kill()

    @property
    def _running(self) -> Process:
        assert self._process is not None
        return self._process

    @property
    def log(self) -> Path:
        """Where its standard error goes."""
        return self.folder / f"{self._name}.log"

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the data file itself, read-only."""
        with closing(sqlite3.connect(f"file:{self.folder / 'conductor.db'}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(statement).fetchall()

    def calls(self) -> list[str]:
        """The idempotency keys of all calls of functions, in order, repeated ones included."""
        log = self.folder / "calls.log"
        return log.read_text().split() if log.exists() else []
