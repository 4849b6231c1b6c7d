"""Lifecycle events as JSON lines in a file, for whoever wants to `tail -f` them or feed them on."""

import asyncio
import os
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

import msgspec

from conductor_local.errors import SettingsError, Unavailable
from conductor_local.runtime.lifecycle import lifecycle_event
from conductor_local.runtime.ports import Published

_BLOCK_BYTES = 65_536


class FileSink:
    """Appends one JSON object per line and forces it to the disk before it says so.

    A line that was cut short, by a crash or a full disk, is taken off again: its event has not been acknowledged and comes again.
    """

    def __init__(self, path: Path) -> None:
        self.name = f"file:{path}"
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b" if path.is_file() else "ab", buffering=0)
            if path.is_file():
                self._file.truncate(_end_of_lines(self._file))
        except OSError as error:
            raise SettingsError(f"Cannot write events to {path}: {error.strerror}. Choose another --events-file.") from error

    async def publish(self, commits: Sequence[Published]) -> None:
        lines = b"".join(_lines(commit) for commit in commits)
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._append, lines)
        except OSError as error:
            raise Unavailable(f"cannot write events to {self._path}: {error.strerror}") from error

    def _append(self, lines: bytes) -> None:
        end = os.fstat(self._file.fileno()).st_size
        try:
            while lines:
                lines = lines[self._file.write(lines) :]
            os.fsync(self._file.fileno())
        except OSError:
            if self._path.is_file():
                self._file.truncate(end)
            raise

    async def close(self) -> None:
        self._file.close()


def _end_of_lines(file: FileIO) -> int:
    """Return the position behind the last whole line."""
    position = file.seek(0, os.SEEK_END)
    while position > 0:
        start = max(0, position - _BLOCK_BYTES)
        file.seek(start)
        newline = file.read(position - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        position = start
    return 0


def _lines(commit: Published) -> bytes:
    shown = (lifecycle_event(commit, event) for event in commit.events)
    return b"".join(msgspec.json.encode(event) + b"\n" for event in shown if event is not None)
