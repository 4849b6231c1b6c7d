"""Shows an instance step by step while it runs: redrawn on a terminal, a line for each moment anywhere else.

Rules: people read this, so secrets are masked and long values cut; it is never written where a program reads results.
"""

import json
import sys
import time
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING

from conductor_local.cli.story import ENDS, Moment, StepKey, Story
from conductor_local.cli.terminal import colour, cut, is_terminal, say, width
from conductor_local.masking import mask
from conductor_local.payload import Json

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.spinner import Spinner

_WORDS = {
    "WORKFLOW_STARTED": "started",
    "STEP_STARTED": "running",
    "STEP_COMPLETED": "done",
    "STEP_FAILED": "failed",
    "STEP_RETRY_SCHEDULED": "retry",
    "WORKFLOW_REDRIVEN": "redriven",
    **{type: status.lower().replace("_", " ") for type, status in ENDS.items()},
}
_MARKS = {"STEP_COMPLETED": "[green]✓[/]", "STEP_FAILED": "[red]✗[/]", "STEP_RETRY_SCHEDULED": "[yellow]↻[/]"}
_TITLE_WIDTH = 28


def abbreviate(value: Json, length: int) -> str:
    """Write a value on one line, masked and cut."""
    return cut(json.dumps(mask(value), ensure_ascii=False), length)


def gain(given: Json, value: Json, length: int) -> str:
    """Write an output on one line: of one that repeats its input only what is new, behind a plus."""
    if isinstance(given, dict) and isinstance(value, dict) and given and given.items() <= value.items():
        return "+ " + abbreviate({name: item for name, item in value.items() if name not in given}, length - 2)
    return abbreviate(value, length)


def seconds_text(seconds: float) -> str:
    """Write a duration for people."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    return f"{seconds:.1f} s" if seconds < 120 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


class PlainProgress:
    """A line for each moment."""

    def __init__(self, *, err: bool) -> None:
        self._story = Story()
        self._err = err

    def show(self, event: Mapping[str, Json]) -> None:
        """Print what an event means."""
        moment = self._story.tell(event)
        word = _WORDS.get(moment.type, moment.type.lower())
        say(
            f"  {seconds_text(moment.since_start_s):>8}  {word:<9}  {moment.title:<{_TITLE_WIDTH}}  {_told(moment)}".rstrip(),
            err=self._err,
        )

    def close(self) -> None:
        """Nothing is pending."""


class LiveProgress:
    """Finished steps as lines, running ones below with a spinner and a running clock."""

    def __init__(self, *, err: bool) -> None:
        from rich.live import Live

        self._story = Story()
        self._running: dict[StepKey, tuple[Moment, float, Spinner]] = {}
        self._console = console_for(sys.stderr if err else sys.stdout)
        self._live = Live(console=self._console, get_renderable=self._spinners, refresh_per_second=12, transient=True)
        self._live.start()

    def show(self, event: Mapping[str, Json]) -> None:
        """Draw what an event means."""
        moment = self._story.tell(event)
        if moment.type == "STEP_STARTED":
            self._running[moment.key] = (moment, time.monotonic(), _spinner())
        elif moment.key[1]:
            self._running.pop(moment.key, None)
            self._print_step(moment)
        else:
            self._running.clear()
        self._live.refresh()

    def close(self) -> None:
        """Stop redrawing."""
        self._live.stop()

    def _print_step(self, moment: Moment) -> None:
        space = max(self._console.width - 12, 20)
        mark, title = _MARKS.get(moment.type, "·"), _escaped(moment.title)
        lines = [f"  {mark} [bold]{title}[/]  [dim]{_escaped(_named(moment))}{seconds_text(moment.took_s)}[/]"]
        if moment.given is not None:
            lines.append(f"      [dim]in[/]   {_escaped(abbreviate(moment.given, space))}")
        if moment.error:
            lines.append(f"      [red]{_escaped(moment.error)}[/]")
        else:
            lines.append(f"      [dim]out[/]  {_escaped(gain(moment.given, moment.value, space))}")
        self._console.print("\n".join(lines))

    def _spinners(self) -> "RenderableType":
        from rich.console import Group

        now = time.monotonic()
        running = list(self._running.values())  # redrawn from a thread of rich's
        for moment, since, spinner in running:
            spinner.update(text=f" [bold]{_escaped(moment.title)}[/]  [dim]{_escaped(_named(moment))}{now - since:.1f} s[/]")
        return Group(*(spinner for _, _, spinner in running))


Progress = PlainProgress | LiveProgress


def open_progress(*, err: bool) -> Progress:
    """Choose how to show progress on stdout, or on stderr."""
    return LiveProgress(err=err) if is_terminal(sys.stderr if err else sys.stdout) else PlainProgress(err=err)


def console_for(stream: IO[str]) -> "Console":
    """Make the rich console of a stream, colourless where NO_COLOR is set."""
    from rich.console import Console

    return Console(file=stream, no_color=colour() is False, highlight=False)


def _spinner() -> "Spinner":
    from rich.spinner import Spinner

    return Spinner("dots", style="cyan")


def _told(moment: Moment) -> str:
    took = f"{seconds_text(moment.took_s)}  " if moment.type in {"STEP_COMPLETED", "STEP_FAILED"} else ""
    space = max(width(200) - 30 - _TITLE_WIDTH - len(took), 60)
    if moment.error:
        return took + moment.error
    if moment.type in ENDS:
        return f"in {seconds_text(moment.took_s)}"
    if moment.type == "STEP_COMPLETED":
        return took + gain(moment.given, moment.value, space)
    return _named(moment) + ("" if moment.value is None else abbreviate(moment.value, space))


def _named(moment: Moment) -> str:
    return f"{moment.function}  " if moment.function else ""


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
