"""Lifecycle events as JSON lines in a file, for whoever wants to `tail -f` them or feed them on."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from conductor_local.errors import SettingsError, Unavailable
from conductor_local.runtime.lifecycle import lifecycle_event
from conductor_local.runtime.ports import Published


class FileSink:
    """Appends one JSON object per line and forces it to the disk before it says so."""

    def __init__(self, path: Path) -> None:
        self.name = f"file:{path}"
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
        except OSError as error:
            raise SettingsError(f"Cannot write events to {path}: {error.strerror}. Choose another --events-file.") from error

    async def publish(self, commits: Sequence[Published]) -> None:
        lines = b"".join(_lines(commit) for commit in commits)
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._append, lines)
        except OSError as error:
            raise Unavailable(f"cannot write events to {self._path}: {error.strerror}") from error

    def _append(self, lines: bytes) -> None:
        self._file.write(lines)
        self._file.flush()
        os.fsync(self._file.fileno())

    async def close(self) -> None:
        self._file.close()


def _lines(commit: Published) -> bytes:
    shown = (lifecycle_event(commit, event) for event in commit.events)
    return b"".join(msgspec.json.encode(event) + b"\n" for event in shown if event is not None)
