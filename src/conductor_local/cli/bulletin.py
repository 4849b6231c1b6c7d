"""What a server in the foreground tells: where it listens, what it loaded, what it refused. For people, or as lines of JSON."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import click
import msgspec

from conductor_local import __version__
from conductor_local.cli.options import JSON, default_url
from conductor_local.cli.problems import BadDefinition, show_problems
from conductor_local.cli.tables import say_fields
from conductor_local.cli.terminal import cut, say, say_json_line
from conductor_local.errors import Unavailable
from conductor_local.runtime.ports import Definition
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.views import FunctionView

_PAYLOAD = '{"email": "ada@example.com", "password": "lovelace"}'
_NAMES_LENGTH = 90


@dataclass(frozen=True, slots=True)
class Opening:
    """What a server has as it starts to answer."""

    url: str
    settings: Settings
    functions: Sequence[FunctionView]
    definitions: Sequence[Definition]
    watched: Sequence[str]


class Bulletin:
    """Prints in the form that `-o` asked for."""

    def __init__(self, output: str) -> None:
        self._is_json = output == JSON
        self._waits_for = ""

    def opened(self, opening: Opening) -> None:
        """Tell that requests are answered."""
        names = [view.name for view in opening.functions]
        if self._is_json:
            self._line(
                "LISTENING",
                url=opening.url,
                docs=f"{opening.url}/docs",
                data=opening.settings.store_place,
                functions=names,
                definitions=[definition.id for definition in opening.definitions],
            )
            return
        say(click.style(f"Conductor {__version__}", bold=True))
        fields = [
            ("  listening", click.style(opening.url, fg="cyan", bold=True)),
            ("  console", f"{opening.url}/"),
            ("  API docs", f"{opening.url}/docs"),
            ("  data", opening.settings.store_place),
            ("  works", "" if opening.settings.works else "no: start 'conductor worker' beside it"),
            ("  functions", _listed(names)),
            ("  definitions", _listed([definition.name for definition in opening.definitions])),
            ("  watching", ", ".join(opening.watched)),
        ]
        say_fields([(name, value) for name, value in fields if value])
        say(f"\nNext: {click.style(_next_command(opening), bold=True)}\nStop with Ctrl-C.")

    def waiting(self, error: Unavailable) -> None:
        """Tell what is away, once for every reason."""
        if error.message == self._waits_for:
            return
        self._waits_for = error.message
        if self._is_json:
            self._line("WAITING", message=error.message)
        else:
            self._note("waiting", f"{error.message} Trying again until it answers.", "yellow")

    def published(self, file: str, definition: Definition) -> None:
        """Tell that a file's definition is the one in use now."""
        if self._is_json:
            self._line("DEFINITION_LOADED", file=file, id=definition.id, name=definition.name)
        else:
            self._note("loaded", f"{file}: {definition.name}", "green")

    def warned(self, fault: BadDefinition) -> None:
        """Tell of what is probably a mistake in a definition that is in use."""
        if not self._is_json:
            show_problems(fault.problems, file=fault.file, text=fault.text)

    def refused(self, fault: BadDefinition) -> None:
        """Tell that a file's definition is wrong, and that what was there stays."""
        if self._is_json:
            self._line("DEFINITION_REFUSED", file=fault.file, problems=[msgspec.to_builtins(each) for each in fault.problems])
            return
        self._note("refused", f"{fault.file}: the version before stays in use", "red")
        show_problems(fault.problems, file=fault.file, text=fault.text)

    def failed(self, what: str, message: str) -> None:
        """Tell that something could not be loaded, and that what was there stays."""
        if self._is_json:
            self._line("RELOAD_FAILED", what=what, message=message)
        else:
            self._note("refused", f"{message} The {what} before stay in use.", "red")

    def reloaded(self, functions: Sequence[FunctionView]) -> None:
        """Tell that the functions are new."""
        names = [view.name for view in functions]
        if self._is_json:
            self._line("FUNCTIONS_LOADED", functions=names)
        else:
            self._note("loaded", f"functions: {_listed(names)}", "green")

    def closed(self) -> None:
        """Tell that the server has stopped."""
        self._line("STOPPED") if self._is_json else say("Stopped.")

    def _line(self, type: str, **fields: object) -> None:
        say_json_line({"type": type, **fields})

    def _note(self, word: str, text: str, colour: str) -> None:
        say(f"{click.style(time.strftime('%H:%M:%S'), dim=True)}  {click.style(word, fg=colour)}  {text}")


def _listed(names: Sequence[str]) -> str:
    return cut(f"{len(names)}: {', '.join(names)}", _NAMES_LENGTH) if names else "none"


def _next_command(opening: Opening) -> str:
    where = "" if opening.url == default_url() else f" --url {opening.url}"
    if any(definition.id == "sample-user-signup" for definition in opening.definitions):
        return f"conductor trigger sample-user-signup --payload '{_PAYLOAD}' --watch{where}"
    if opening.definitions:
        return f"conductor trigger {opening.definitions[0].id} --payload '{{}}' --watch{where}"
    return f"conductor definitions create FILE{where}"
