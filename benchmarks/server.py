"""Real server processes: the product and the probe, started, watched and stopped in the same way."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from benchmarks.client import REFUSED, Clients, Connection, connect

HERE = Path(__file__).parent
MACHINE = "-asl"  # behind a definition's name: the same work in the Amazon States Language
START_S_MAX = 20.0
STOP_S_MAX = 10.0
POLL_S = 0.002


class Server:
    """One process with a data directory of its own. `kind` is "engine", "worker" or "probe"; `settings` go into its environment."""

    def __init__(self, kind: str, settings: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self._settings = settings or {}
        self.port = _free_port()
        self._data = Path(tempfile.mkdtemp(prefix="conductor-bench-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the process; it does not answer yet."""
        log = (self._data / "server.log").open("wb")
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent), **self._settings}
        self._process = subprocess.Popen(self._command(), stdout=log, stderr=log, env=environment, cwd=self._data)
        log.close()

    async def answered(self, path: str, body: bytes | None = None) -> Connection:
        """Ask again and again until a request is accepted (2xx); return the connection it came on."""
        deadline = time.perf_counter() + START_S_MAX
        while time.perf_counter() < deadline:
            self._check_alive()
            with contextlib.suppress(*REFUSED):
                connection = await connect(self.port)
                answer = await (connection.get(path) if body is None else connection.post(path, body))
                if answer.status < 300:
                    return connection
                connection.close()
            await asyncio.sleep(POLL_S)
        raise SystemExit(f"the {self.kind} did not answer within {START_S_MAX} s:\n{self._log()}")

    @contextlib.asynccontextmanager
    async def clients(self, count: int) -> AsyncIterator[Clients]:
        """Open fresh connections for one measurement: servers close those that were idle during another's."""
        opened = await Clients.open(self.port, count)
        try:
            yield opened
        finally:
            opened.close()

    def resident_mb(self) -> float:
        """Return the resident memory of the process in MB."""
        kilobytes = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, check=True).stdout
        return int(kilobytes) / 1024

    def stop(self) -> None:
        """End the process and remove its directory."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._data, ignore_errors=True)

    def _command(self) -> list[str]:
        if self.kind == "probe":
            return [sys.executable, "-m", "benchmarks.probe", "--port", str(self.port), "--data", str(self._data)]
        if self.kind == "worker":
            return [sys.executable, "-m", "conductor_local", "worker", "--functions", str(HERE / "functions"), "--time-scale", "0"]
        return [sys.executable, "-m", "conductor_local", *serve_arguments(self.port, self._data)]

    def _check_alive(self) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            raise SystemExit(f"the {self.kind} ended with code {self._process.returncode}:\n{self._log()}")

    def _log(self) -> str:
        return (self._data / "server.log").read_text(errors="replace")[-4_000:]


def serve_arguments(port: int, data: Path) -> list[str]:
    """Return how the product is started for a benchmark."""
    return [
        "serve", "--port", str(port), "--data", str(data / "conductor.db"), "--functions", str(HERE / "functions"),
        "--definitions", str(HERE / "definitions"), "--time-scale", "0", "--no-sample",
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def pair() -> AsyncIterator[dict[str, Server]]:
    """Run a product and a probe side by side; the one that is not measured is idle. Gives kind -> server."""
    servers = {kind: Server(kind) for kind in ("engine", "probe")}
    try:
        for server in servers.values():
            server.start()
            (await server.answered("/metrics")).close()
        yield servers
    finally:
        for server in servers.values():
            server.stop()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
