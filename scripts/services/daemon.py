"""A server process in the background that outlives whoever started it.

Its folder is its identity: the file `pid` there says which process it is, the file `log` what it wrote, and its command line must
contain the folder's path, so that a process that got the same number later is never taken for it. Any process may start, find and
end it; two must not do so at the same time.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
STOP_S = 30.0  # then it is killed
LOG_LINES = 12  # shown of a server that does not start
_LOOK_S = 0.05
_BIRTH_S = 0.5  # a process that is just becoming its program has no command line for a moment
_LAUNCH = '"$@" </dev/null >>log 2>&1 & echo $! >pid'


class ServiceError(Exception):
    """A service cannot be had; the text says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """One server. `answers` asks it a question in its own protocol; `start_s`: how many seconds it may take until it does."""

    name: str
    folder: Path
    port: int
    command: tuple[str, ...]
    answers: Callable[[], bool]
    start_s: float

    @property
    def address(self) -> str:
        """Host and port, as clients write them."""
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Start it unless it runs, and return once it answers. Raises `ServiceError` with the end of its log."""
        if not is_running(self.folder):
            (self.folder / "log").write_bytes(b"")
            subprocess.run(["sh", "-c", _LAUNCH, "sh", *self.command], cwd=self.folder, check=True, start_new_session=True)
        begun = time.monotonic()
        while not self.answers():
            waited_s = time.monotonic() - begun
            if waited_s > _BIRTH_S and not is_running(self.folder):
                raise ServiceError(f"{self.name} ended as soon as it was started:\n{self._end_of_log()}")
            if waited_s > self.start_s:
                raise ServiceError(f"{self.name} does not answer at {self.address} in {self.start_s:.0f} s:\n{self._end_of_log()}")
            time.sleep(_LOOK_S)

    def stop(self) -> None:
        """Ask it to end (SIGTERM) and wait until it has."""
        end(self.folder)

    def kill(self) -> None:
        """End it without a last word (SIGKILL)."""
        end(self.folder, signal.SIGKILL)

    def restart(self) -> None:
        """Stop it and start it again on the same port with what it had kept."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Stop its clock (SIGSTOP): connections stay open, nothing is answered."""
        send(self.folder, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        send(self.folder, signal.SIGCONT)

    def _end_of_log(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LOG_LINES:]) or "    (it wrote nothing)"


def is_running(folder: Path) -> bool:
    """Whether the server of this folder is there, paused or not."""
    return _pid(folder) is not None


def send(folder: Path, what: signal.Signals) -> None:
    """Send a signal to the server of this folder; nothing when there is none."""
    if (pid := _pid(folder)) is not None:
        os.kill(pid, what)


def end(folder: Path, how: signal.Signals = signal.SIGTERM) -> None:
    """End the server of this folder and wait until it is gone; a paused one wakes up for it."""
    send(folder, how)
    send(folder, signal.SIGCONT)
    deadline = time.monotonic() + STOP_S
    while is_running(folder):
        if time.monotonic() > deadline:
            send(folder, signal.SIGKILL)
        time.sleep(_LOOK_S)


def free_port(wanted: int = 0) -> int:
    """Return `wanted` when nothing listens there, else any port that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServiceError(f"No port of {HOST} is free.")


def ask(port: int, question: bytes) -> bytes:
    """Send bytes to a server of this machine and return the beginning of what it answers; empty when it does not."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            connection.sendall(question)
            return connection.recv(64)
    except OSError:
        return b""


def _pid(folder: Path) -> int | None:
    try:
        pid = int((folder / "pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if str(folder) in _command_line(pid) else None


def _command_line(pid: int) -> str:
    """Return how a process was called; empty when it has ended, even if nobody has asked how."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
