"""Options that many commands share, spelled and explained once."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from conductor_local.cli.client import Client

Command = TypeVar("Command", bound=Callable[..., Any])

TABLE, JSON = "table", "json"
ENV_FILE = Path(".env")
_WILDCARD_HOSTS = {"0.0.0.0", "::"}  # noqa: S104 - compared with, never bound
_OUTPUT_HELP = "For people, or for programs: one JSON document, or a line of JSON for each thing in a stream."


def output_option(command: Command) -> Command:
    """Add `-o table|json`."""
    kinds = click.Choice([TABLE, JSON])
    return click.option("-o", "--output", type=kinds, default=TABLE, show_default=True, help=_OUTPUT_HELP)(command)


def server_options(command: Command) -> Command:
    """Add `--url` and `--token`."""
    url = click.option("--url", help="The server.  [env: CONDUCTOR_URL; default: this machine at PORT, or 3000]")
    token = click.option("--token", help="What the server was given as --token.  [env: CONDUCTOR_TOKEN]")
    return url(token(command))


def payload_option(command: Command) -> Command:
    """Add `--payload`."""
    return click.option("-p", "--payload", metavar="JSON|@FILE|-", help="What the workflow starts with.  [default: {}]")(command)


def connect(url: str | None, token: str | None) -> Client:
    """Make a client for the server the options, the environment or `.env` name; the context may carry a transport, for tests."""
    context = click.get_current_context(silent=True)
    return Client(*server_meant(url, token), transport=context.obj if context else None)


def server_meant(url: str | None, token: str | None) -> tuple[str, str | None]:
    """Return the URL and the token of the server that the options, the environment or `.env` name."""
    found = variables()
    return url or _url_in(found), token or found.get("CONDUCTOR_TOKEN")


def default_url() -> str:
    """Name the server a command talks to when it has no `--url`."""
    return _url_in(variables())


def _url_in(found: dict[str, str]) -> str:
    if url := found.get("CONDUCTOR_URL"):
        return url
    host = found.get("HOST", "127.0.0.1").strip("[]")
    host = "127.0.0.1" if host in _WILDCARD_HOSTS else host
    return f"http://{f'[{host}]' if ':' in host else host}:{found.get('PORT', '3000')}"


def variables() -> dict[str, str]:
    """Return what `conductor dev` in this folder would read, the environment and `.env`, so that both mean the same server."""
    from conductor_local.runtime.settings import parse_env

    from_file = {name: value for _, name, value in parse_env(ENV_FILE.read_text("utf-8-sig"))} if ENV_FILE.is_file() else {}
    return {name: value for name, value in {**from_file, **os.environ}.items() if value.strip()}
