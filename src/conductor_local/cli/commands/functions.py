"""`conductor functions`."""

import click

from conductor_local.cli.lesson import SERVER_EXITS, lesson
from conductor_local.cli.options import JSON, connect, output_option, server_options
from conductor_local.cli.tables import say_table
from conductor_local.cli.terminal import say_json
from conductor_local.payload import Json


@click.command(epilog=lesson("conductor functions", "conductor functions -o json | jq -r '.[].name'", ends=SERVER_EXITS))
@server_options
@output_option
def functions(url: str | None, token: str | None, output: str) -> None:
    """List the functions the server can call."""
    found = connect(url, token).get("/workflows/functions")
    if output == JSON:
        say_json(found)
    else:
        rows = [(view["name"], _place(view), view.get("description", "")) for view in found]
        say_table(("name", "where", "description"), rows, empty="The server has no functions. Give it some with --functions FILE.")


def _place(view: dict[str, Json]) -> str:
    return f"{view['file']}:{view.get('line', 0)}" if view.get("file") else "built in"
