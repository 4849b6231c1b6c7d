"""Click groups: one that imports a command only when it is used, so that `conductor --help` is instant; one in written order.

Rules: the lazy group knows each command's place and its one-sentence purpose; a test holds the purpose to the command's own help.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import NamedTuple

import click


class Entry(NamedTuple):
    """Where a command lives, as `module:attribute`, and what it is for."""

    place: str
    purpose: str


class LazyGroup(click.Group):
    """Commands by name, from `entries`."""

    entries: Mapping[str, Entry] = {}

    def list_commands(self, context: click.Context) -> list[str]:
        """Name the commands in the order a newcomer meets them."""
        return list(self.entries)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Import and return one command."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        module, _, attribute = entry.place.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """List purposes without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.purpose) for name, entry in self.entries.items()])


class OrderedGroup(click.Group):
    """Lists its commands as they were written, not by the alphabet."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Name the commands."""
        return list(self.commands)
