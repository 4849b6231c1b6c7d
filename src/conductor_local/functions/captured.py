"""What a function says while it runs: lines of its logger, of standard logging and of `print`, kept with the outcome of the call.

Rules: lines belong to a call by its context variables, so calls at once do not mix; logging and printing go on as they would
without this; the first `LINES_MAX` lines and `BYTES_MAX` bytes are kept, and a last line says what was left out. A call that says
nothing costs one context variable.
"""

import logging
import sys
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TextIO

import msgspec

from conductor_local.payload import Payload
from conductor_local.runtime.views import timestamp

LINES_MAX = 200
BYTES_MAX = 16 * 1024
PRINTED = "PRINT"
"""Stands for the level of what was printed."""
CUT = "CUT"
"""Stands for the level of the line that says what was left out."""


class Line(msgspec.Struct, frozen=True):
    """One line; `at` is RFC 3339 UTC with milliseconds, `level` a logging level's name, `PRINTED` or `CUT`."""

    at: str
    level: str
    message: str


class Said:
    """The lines of one call; `now` gives their times."""

    __slots__ = ("_bytes", "_left_out", "_lines", "_now", "_printed")

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lines: list[Line] | None = None
        self._bytes = self._left_out = 0
        self._printed = ""

    def add(self, level: str, message: str) -> None:
        """Keep a line, or count it when there is no room."""
        if self._lines is None:
            self._lines = []
        room = BYTES_MAX - self._bytes
        if len(self._lines) >= LINES_MAX or room <= 0:
            self._left_out += 1
            return
        encoded = message.encode(errors="replace")
        self._bytes += len(encoded)
        text = encoded.decode() if len(encoded) <= room else f"{encoded[:room].decode(errors='ignore')}… (cut)"
        self._lines.append(Line(timestamp(self._now()), level, text))

    def write(self, text: str) -> None:
        """Take what was printed; a line is kept when it is complete, or has become too long to wait for its end."""
        *lines, self._printed = (self._printed + text).split("\n")
        for line in lines:
            self.add(PRINTED, line)
        if len(self._printed) > BYTES_MAX:
            self.add(PRINTED, self._printed)
            self._printed = ""

    def payload(self) -> Payload | None:
        """Return the lines as a JSON list; None when nothing was said."""
        if self._printed:
            self.add(PRINTED, self._printed)
            self._printed = ""
        if self._lines is None:
            return None
        lines = list(self._lines)
        if self._left_out:
            lines.append(Line(timestamp(self._now()), CUT, f"{self._left_out:,} more lines were not kept."))
        return Payload.from_encoded(msgspec.json.encode(lines))


SAID: ContextVar[Said | None] = ContextVar("conductor_said", default=None)
"""The lines of the call that runs in this context."""


def listen() -> None:
    """See that what calls say is heard; again and again, because anybody may replace `sys.stdout`."""
    if type(sys.stdout) is not _Heard and sys.stdout is not None:
        sys.stdout = _Heard(sys.stdout)
    if type(factory := logging.getLogRecordFactory()) is not _Factory:
        logging.setLogRecordFactory(_Factory(factory))


def stop_listening() -> None:
    """Put back what `listen` has replaced, unless something else has been put over it."""
    if type(sys.stdout) is _Heard:
        sys.stdout = sys.stdout.stream
    if type(factory := logging.getLogRecordFactory()) is _Factory:
        logging.setLogRecordFactory(factory.make)


class _Factory:
    """Makes log records. Unlike a handler it leaves `logging.basicConfig` to do what it does in a program without handlers."""

    def __init__(self, make: Any) -> None:
        self.make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self.make(*args, **kwargs)
        if (said := SAID.get()) is not None:
            said.add(record.levelname, text_of(record))
        return record


class _Heard:
    """A stream that tells the call what it prints. Writing and everything else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write; what logging writes was heard already."""
        if (said := SAID.get()) is not None and sys._getframe(1).f_globals.get("__name__") != "logging":
            said.write(text)
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def text_of(record: logging.LogRecord) -> str:
    """Return what a record says, with the traceback that it carries."""
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit the text are for logging to complain about
        text = str(record.msg)
    if record.exc_info and record.exc_info[0] is not None:
        text = f"{text}\n{logging.Formatter().formatException(record.exc_info)}"
    return text
