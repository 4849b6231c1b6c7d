"""`conductor version`."""

import platform

import click

from conductor_local import __version__
from conductor_local.cli import exits
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import JSON, output_option
from conductor_local.cli.terminal import say, say_json


@click.command(epilog=lesson("conductor version", "conductor version -o json", ends=(exits.DONE,)))
@output_option
def version(output: str) -> None:
    """Show the version of Conductor."""
    if output == JSON:
        say_json({"conductor": __version__, "python": platform.python_version(), "platform": platform.platform()})
    else:
        say(f"conductor {__version__} (Python {platform.python_version()}, {platform.system()} {platform.machine()})")
