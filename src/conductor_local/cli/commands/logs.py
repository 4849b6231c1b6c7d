"""`conductor logs`."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click

from conductor_local.cli.client import Client
from conductor_local.cli.lesson import SERVER_EXITS, lesson
from conductor_local.cli.options import JSON, connect, output_option, server_options
from conductor_local.cli.progress import abbreviate
from conductor_local.cli.stream import follow
from conductor_local.cli.terminal import cut, plain, say, say_json, say_json_line
from conductor_local.payload import Json
from conductor_local.runtime.views import timestamp

_LOGS = "/workflows/logs"
_VALUE_LENGTH, _LINE_LENGTH = 100, 200
_EXAMPLES = (
    "conductor logs",
    "conductor logs orders --level ERROR --since 2026-01-31T12:00:00Z",
    "conductor logs --follow -o json | jq 'select(.type == \"ExecutionFailed\")'",
)
Record = dict[str, Json]


@click.command(epilog=lesson(*_EXAMPLES, ends=SERVER_EXITS))
@click.argument("machine", required=False)
@click.option("--execution", metavar="ARN|ID", help="Only this execution.")
@click.option("--level", type=click.Choice(["ALL", "ERROR", "FATAL"], case_sensitive=False), help="Only what this level logs.")
@click.option("--since", metavar="TIME", help="Only events of this time or later, such as 2026-01-31T12:00:00Z.")
@click.option("--follow", "-f", "following", is_flag=True, help="Go on as executions run, until Ctrl-C.")
@server_options
@output_option
def logs(
    machine: str | None, execution: str | None, level: str | None, since: str | None, following: bool, url: str | None,
    token: str | None, output: str,
) -> None:  # fmt: skip
    """Show what state machines with a logging configuration log of their executions."""
    client = connect(url, token)
    given = {"definition": machine, "execution": execution, "level": level, "since": since}
    filters = {name: value for name, value in given.items() if value is not None}
    records = (event.body for event in follow(client, _LOGS, filters)) if following else _past(client, filters)
    if output == JSON and not following:
        say_json(list(records))
        return
    for record in records:
        say_json_line(record) if output == JSON else say("  ".join(_row(record)).rstrip())


def _past(client: Client, filters: dict[str, str]) -> Iterator[Record]:
    cursor, page = "", client.get(_LOGS, filters)
    while page["cursor"] != cursor:
        yield from page["items"]
        cursor = page["cursor"]
        page = client.get(_LOGS, {**filters, "cursor": cursor})


def _row(record: Record) -> list[str]:
    at = timestamp(datetime.fromtimestamp(int(record["event_timestamp"]) / 1000, UTC))
    details: Record = record["details"]
    value = details.get("output", details.get("input", details.get("parameters")))
    what = details.get("cause") or details.get("error") or ("" if value is None else abbreviate(value, _VALUE_LENGTH))
    whose = record["execution_arn"].split(":", 6)[-1]
    return [at, whose, f"{record['type']:<22}", f"{details.get('name', ''):<16}", cut(plain(what), _LINE_LENGTH)]
