"""`conductor events`."""

from collections.abc import Iterator

import click

from conductor_local.cli.client import Client
from conductor_local.cli.following import follow_instance, instance_path
from conductor_local.cli.lesson import SERVER_EXITS, lesson
from conductor_local.cli.options import JSON, connect, output_option, server_options
from conductor_local.cli.progress import abbreviate
from conductor_local.cli.stream import follow
from conductor_local.cli.terminal import cut, plain, say, say_json, say_json_line
from conductor_local.payload import Json

_FEED = "/workflows/events"
_VALUE_LENGTH = 100
_LINE_LENGTH = 200
_EXAMPLES = (
    "conductor events --follow",
    "conductor events INSTANCE",
    "conductor events --follow -o json | jq 'select(.type == \"STEP_FAILED\")'",
)
Document = dict[str, Json]


@click.command(epilog=lesson(*_EXAMPLES, ends=SERVER_EXITS))
@click.argument("instance", required=False)
@click.option("--follow", "-f", "following", is_flag=True, help="Go on as events happen: until the instance ends, or Ctrl-C.")
@server_options
@output_option
def events(instance: str | None, following: bool, url: str | None, token: str | None, output: str) -> None:
    """Show what happened, of one instance or of all."""
    client = connect(url, token)
    found = _followed(client, instance) if following else _past(client, instance)
    if output == JSON and not following:
        say_json(list(found))
        return
    for event in found:
        say_json_line(event) if output == JSON else say("  ".join(_row(event, names_instance=not instance)).rstrip())


def _followed(client: Client, instance: str | None) -> Iterator[Document]:
    stream = follow_instance(client, instance) if instance else follow(client, _FEED)
    return (event.body for event in stream)


def _past(client: Client, instance: str | None) -> Iterator[Document]:
    path, position = (instance_path(instance, "events"), "after") if instance else (_FEED, "cursor")
    page = client.get(path)
    while page["items"]:
        yield from page["items"]
        page = client.get(path, {position: page[position]})


def _row(event: Document, *, names_instance: bool) -> list[str]:
    at = next((str(event[name]) for name in ("endedAt", "startedAt") if event.get(name)), "")
    value = event.get("output", event.get("input", event.get("initialPayload")))
    what = event.get("error") or ("" if value is None else abbreviate(value, _VALUE_LENGTH))
    whose = [str(event.get("instanceId", ""))] if names_instance else []
    return [at, *whose, f"{event['type']:<20}", f"{event.get('stepId') or '':<16}", cut(plain(what), _LINE_LENGTH)]
