"""A server in a process of its own, on a free port of this machine, with its data in a folder that the caller throws away.

Rules: nothing of the caller's environment or `.env` reaches it; it is gone when the block is left, whatever happened inside.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conductor_local.errors import Unavailable
from conductor_local.payload import Json

_START_S = 30.0
_STOP_S = 10.0
_OURS = ("CONDUCTOR_", "REDIS_", "KAFKA_")
_OURS_TOO = {"HOST", "PORT"}


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that answers. `opening` is what it told of itself."""

    url: str
    opening: dict[str, Json]


@contextmanager
def server_process(folder: Path, *flags: str) -> Iterator[ServerProcess]:
    """Run `conductor serve` in `folder` for the time of the block. Raises `Unavailable` when it does not start."""
    command = [sys.executable, "-m", "conductor_local", "serve", "--port", "0", "--output", "json", *flags]
    with tempfile.TemporaryFile("w+", dir=folder, encoding="utf-8") as complaints:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
        )
        try:
            opening = _opening(process)
            if opening is None:
                process.wait(_STOP_S)
                complaints.seek(0)
                raise Unavailable(f"The server did not start: {complaints.read().strip() or 'it said nothing'}")
            yield ServerProcess(str(opening["url"]), opening)
        finally:
            _stop(process)


def clean_environment() -> dict[str, str]:
    """Return the environment without what configures Conductor."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS) and name not in _OURS_TOO}


def _opening(process: "subprocess.Popen[str]") -> dict[str, Json] | None:
    """Wait for the line that tells where the server listens; None when the server ended, or took too long and was ended."""
    assert process.stdout is not None
    impatience = threading.Timer(_START_S, process.kill)
    impatience.start()
    try:
        return next((told for told in map(json.loads, process.stdout) if told["type"] == "LISTENING"), None)
    finally:
        impatience.cancel()


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()
