"""What a worker in the foreground tells: what it waits for, what it owns, that it drains. For people, or as lines of JSON."""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from conductor_local import __version__
from conductor_local.cli.options import JSON
from conductor_local.cli.tables import say_fields
from conductor_local.cli.terminal import cut, say, say_json_line

if TYPE_CHECKING:
    from conductor_local.errors import Unavailable
    from conductor_local.runtime.settings import Settings
    from conductor_local.runtime.wiring import Runtime

_NAMES_LENGTH = 90


class WorkBulletin:
    """Prints in the form that `-o` asked for."""

    def __init__(self, output: str) -> None:
        self._is_json = output == JSON
        self._waits_for = ""

    def waiting(self, error: "Unavailable") -> None:
        """Tell what is away, once for every reason."""
        if error.message == self._waits_for:
            return
        self._waits_for = error.message
        if self._is_json:
            say_json_line({"type": "WAITING", "message": error.message})
        else:
            self._note("waiting", f"{error.message} Trying again until it answers.", "yellow")

    def opened(self, settings: "Settings", runtime: "Runtime") -> None:
        """Tell that this process is in the group."""
        names = [view.name for view in runtime.service.functions()]
        if self._is_json:
            shared = {"store": settings.store_place, "broker": settings.kafka_broker, "group": settings.kafka_group_id}
            say_json_line({"type": "WORKING", "id": runtime.id, **shared, "functions": names})
            return
        say(click.style(f"Conductor {__version__} worker", bold=True))
        say_fields(
            [
                ("  state", settings.store_place),
                ("  shared by", f"the group {settings.kafka_group_id} at {settings.kafka_broker}"),
                ("  functions", cut(f"{len(names)}: {', '.join(names)}", _NAMES_LENGTH) if names else "none"),
            ]
        )
        say("\nCtrl-C lets running functions end; a second one stops at once.")

    def answering(self, url: str) -> None:
        """Tell where figures and probes are."""
        if self._is_json:
            say_json_line({"type": "METRICS", "url": url})
        else:
            self._note("answers", f"{url}/metrics, /healthz and /readyz", "green")

    def owns(self, partitions: Sequence[int], total: int) -> None:
        """Tell which partitions are worked on here from now on."""
        if self._is_json:
            say_json_line({"type": "OWNS", "partitions": partitions, "total": total})
        else:
            self._note("owns", f"{len(partitions)} of {total} partitions{': ' if partitions else ''}{ranges(partitions)}", "green")

    def draining(self, running: int, limit_s: int) -> None:
        """Tell that no more functions are called here."""
        if self._is_json:
            say_json_line({"type": "DRAINING", "running": running, "limitSeconds": limit_s})
        else:
            self._note("draining", f"{running} functions running, {limit_s} s at most", "yellow")

    def closed(self) -> None:
        """Tell that the process has left."""
        say_json_line({"type": "STOPPED"}) if self._is_json else say("Stopped.")

    def _note(self, word: str, text: str, colour: str) -> None:
        say(f"{click.style(time.strftime('%H:%M:%S'), dim=True)}  {click.style(word, fg=colour)}  {text}")


def ranges(numbers: Sequence[int]) -> str:
    """Write rising numbers briefly: 0-3, 7."""
    return ", ".join(_ranges(numbers))


def _ranges(numbers: Sequence[int]) -> Iterator[str]:
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        yield str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"
