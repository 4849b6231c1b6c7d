"""`conductor dev` and `conductor serve`."""

import logging
import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from conductor_local.cli import exits
from conductor_local.cli.bulletin import Bulletin
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import ENV_FILE, output_option
from conductor_local.cli.sharing import sharing_options, wait_option
from conductor_local.cli.substitutions import Substitutions, read_substitutions, substitution_options

_ENDS = (exits.DONE, exits.USAGE, exits.UNAVAILABLE)
_SWITCHES = {"sample": "sample", "work": "works"}  # the setting that --no-… turns off
Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--functions", multiple=True, metavar="PLACE", help="A folder, .py file or module of functions; repeatable."),
    click.option("--definitions", multiple=True, metavar="PLACE", help="A definition file, or a folder of them; repeatable."),
    click.option("--port", type=int, help="Where to listen; 0 takes any free port.  [env: PORT; default: 3000]"),
    click.option("--host", help="The address to listen on; other than this machine needs a token.  [default: 127.0.0.1]"),
    click.option(
        "--data", metavar="FILE", help="Where everything is kept; :memory: keeps nothing.  [default: .conductor/conductor.db]"
    ),
    click.option("--token", help="What callers must show.  [env: CONDUCTOR_TOKEN]"),
    click.option(
        "--durability", type=click.Choice(["full", "normal"]), help="normal is faster; a power cut may lose the last moments."
    ),
    click.option(
        "--time-scale", type=float, metavar="FACTOR", help="Multiplies the simulated times of the sample functions; 0: none."
    ),
    click.option("--events-file", metavar="FILE", help="Append lifecycle events to this file, a line of JSON each."),
    click.option("--no-sample", is_flag=True, help="Start without the sample definition."),
    click.option("--no-work", is_flag=True, help="Only answer requests; workers run the instances.  [env: CONDUCTOR_WORKS=false]"),
)


def server_settings(command: Command) -> Command:
    """Add what a server can be told."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return wait_option(sharing_options(command))


@click.command(
    epilog=lesson(
        "conductor dev",
        "conductor dev --functions functions.py --definitions workflows/",
        "conductor dev --definitions order.asl.json --substitute ChargeArn=arn:aws:lambda:eu-west-1:123456789012:function:charge",
        "conductor dev --port 3001 --data :memory: --time-scale 0",
        ends=_ENDS,
    )
)
@server_settings
@substitution_options
@click.option("--no-reload", is_flag=True, help="Do not watch files.")
@output_option
def dev(no_reload: bool, substitute: tuple[str, ...], allow_unresolved: bool, output: str, **flags: Any) -> None:
    """Run the server and reload definitions and functions as you edit them."""
    _host(flags, output, read_substitutions(substitute, allows_unresolved=allow_unresolved), is_watching=not no_reload)


@click.command(
    epilog=lesson("conductor serve --port 8080 --data /var/lib/conductor.db", "conductor serve --port 0 -o json", ends=_ENDS)
)
@server_settings
@substitution_options
@output_option
def serve(substitute: tuple[str, ...], allow_unresolved: bool, output: str, **flags: Any) -> None:
    """Run the server without watching files."""
    _host(flags, output, read_substitutions(substitute, allows_unresolved=allow_unresolved), is_watching=False)


def _host(flags: dict[str, Any], output: str, substitutions: Substitutions, *, is_watching: bool) -> None:
    from conductor_local.cli.host import host
    from conductor_local.runtime.settings import load_settings

    overrides = {name: value for name, value in flags.items() if value not in ((), None)}
    waits = overrides.pop("wait")
    for name in ("sample", "work"):
        overrides[_SWITCHES[name]] = False if overrides.pop(f"no_{name}") else None
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = load_settings(overrides, environ=os.environ, env_file=ENV_FILE)
    host(settings, Bulletin(output), substitutions, is_watching=is_watching, waits=waits)
