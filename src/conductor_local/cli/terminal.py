"""What every command prints through: colour only where it is wanted, marks only where they can be shown, JSON as one document."""

import json
import os
import shutil
import sys
from typing import IO

import click

from conductor_local.payload import Json

STATUS_COLOURS = {
    "COMPLETED": "green",
    "FAILED": "red",
    "TIMED_OUT": "red",
    "CANCELLED": "yellow",
    "RUNNING": "cyan",
    "PENDING": "cyan",
}


def colour() -> bool | None:
    """False: never (NO_COLOR is set). None: when the stream is a terminal."""
    return False if os.environ.get("NO_COLOR") else None


def say(text: str = "", *, err: bool = False, newline: bool = True) -> None:
    """Print a line and flush it; what the stream cannot encode is shown as `?`."""
    stream = sys.stderr if err else sys.stdout
    click.echo(speakable(text, stream), err=err, nl=newline, color=colour())


def speakable(text: str, stream: IO[str]) -> str:
    """Return the text with every character the stream's encoding lacks replaced."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def say_json(value: Json) -> None:
    """Print one JSON document: indented on a terminal, compact (one line) otherwise."""
    indent = 2 if sys.stdout.isatty() else None
    say(json.dumps(value, ensure_ascii=False, indent=indent))


def say_json_line(value: Json) -> None:
    """Print one line of a JSON stream."""
    say(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def is_terminal(stream: IO[str]) -> bool:
    """Whether a person watches the stream and lines may be redrawn."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width(default: int = 100) -> int:
    """Columns of the terminal; `default` when there is none."""
    return shutil.get_terminal_size((default, 24)).columns


def status_text(status: str) -> str:
    """Colour an instance's status."""
    return click.style(status, fg=STATUS_COLOURS.get(status), bold=True)


def cut(text: str, length: int) -> str:
    """Shorten to `length` characters with an ellipsis."""
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"


def plain(text: object) -> str:
    """Return text that came from elsewhere on one line, without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " if char in "\r\n\t" else "·" for char in str(text))
