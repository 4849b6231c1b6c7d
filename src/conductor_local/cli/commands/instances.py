"""`conductor instances`: list, show, watch, cancel, redrive, delete."""

import click
import msgspec

from conductor_local.cli import exits
from conductor_local.cli.client import Parameters
from conductor_local.cli.following import follow_instance, instance_path, show_to_end
from conductor_local.cli.instance_view import elapsed_text, say_instance
from conductor_local.cli.lazy import OrderedGroup
from conductor_local.cli.lesson import SERVER_EXITS, lesson
from conductor_local.cli.options import JSON, connect, output_option, server_options
from conductor_local.cli.tables import say_table
from conductor_local.cli.terminal import plain, say, say_json, say_json_line, status_text
from conductor_local.payload import Json

_STATUSES = ("PENDING", "RUNNING", *exits.OF_STATUS)
_CHANGE_EXITS = (*SERVER_EXITS, exits.CONFLICT)
_LIST_EXAMPLES = (
    "conductor instances list --status FAILED --limit 10",
    "conductor instances list --definition sample-user-signup --from 2026-03-01T00:00:00Z",
    "conductor instances list -o json | jq -r '.items[].instanceId'",
)


@click.group(
    epilog=lesson("conductor instances list", "conductor instances watch ID", "conductor instances redrive ID", ends=_CHANGE_EXITS),
    cls=OrderedGroup,
)
def instances() -> None:
    """List, show, watch, cancel, redrive and delete instances."""


@instances.command("list", epilog=lesson(*_LIST_EXAMPLES, ends=SERVER_EXITS))
@click.option(
    "--status", "statuses", multiple=True, type=click.Choice(_STATUSES, case_sensitive=False), help="Only these; repeatable."
)
@click.option("--definition", metavar="ID|NAME", help="Only instances of this definition.")
@click.option("--from", "started_from", metavar="TIME", help="Started at this RFC 3339 time or later.")
@click.option("--before", "started_before", metavar="TIME", help="Started before this time.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many on a page.")
@click.option("--cursor", help="Go on behind the page that gave this.")
@server_options
@output_option
def list_(
    statuses: tuple[str, ...],
    definition: str | None,
    started_from: str | None,
    started_before: str | None,
    limit: int,
    cursor: str | None,
    url: str | None,
    token: str | None,
    output: str,
) -> None:
    """List instances, newest first."""
    wanted: Parameters = {
        "status": list(statuses),
        "definition": definition or "",
        "startedFrom": started_from or "",
        "startedBefore": started_before or "",
        "cursor": cursor or "",
        "limit": limit,
    }
    page = connect(url, token).get("/workflows/instances", wanted)
    if output == JSON:
        say_json(page)
        return
    say_table(
        ("instance", "definition", "status", "started", "took", "error"),
        [_row(instance) for instance in page["items"]],
        empty="No instances. Start one with: conductor trigger DEFINITION",
    )
    if page.get("cursor"):
        say(f"More: conductor instances list --cursor {page['cursor']}", err=True)


@instances.command(
    epilog=lesson("conductor instances show ID", "conductor instances show ID -o json | jq .history", ends=SERVER_EXITS)
)
@click.argument("instance_id", metavar="ID")
@server_options
@output_option
def show(instance_id: str, url: str | None, token: str | None, output: str) -> None:
    """Show one instance with its history."""
    _print(connect(url, token).get(instance_path(instance_id)), output)


@instances.command(
    epilog=lesson(
        "conductor instances watch ID",
        "conductor instances watch ID -o json | jq -r .type",
        ends=(*exits.OF_STATUS.values(), exits.UNAVAILABLE, exits.NOT_FOUND),
    )
)
@click.argument("instance_id", metavar="ID")
@server_options
@output_option
def watch(instance_id: str, url: str | None, token: str | None, output: str) -> int:
    """Show each step as it happens.

    Goes on until the instance ends; the exit code says how. Ctrl-C stops the watching, not the instance.
    """
    client = connect(url, token)
    if output == JSON:
        for event in follow_instance(client, instance_id):
            say_json_line(event.body)
    else:
        show_to_end(client, instance_id, err=False)
    instance = client.get(instance_path(instance_id))
    if output != JSON:
        say(f"{instance['instanceId']} is {status_text(instance['status'])}")
    return exits.OF_STATUS[instance["status"]]


@instances.command(
    epilog=lesson("conductor instances cancel ID", 'conductor instances cancel ID --cause "wrong customer"', ends=_CHANGE_EXITS)
)
@click.argument("instance_id", metavar="ID")
@click.option("--cause", help="Why, for whoever reads its history.")
@server_options
@output_option
def cancel(instance_id: str, cause: str | None, url: str | None, token: str | None, output: str) -> None:
    """Cancel a running instance."""
    body = msgspec.json.encode({"cause": cause}) if cause else b"{}"
    _print(connect(url, token).post(instance_path(instance_id, "cancel"), body), output)


@instances.command(
    epilog=lesson(
        "conductor instances redrive ID", "conductor instances redrive ID && conductor instances watch ID", ends=_CHANGE_EXITS
    )
)
@click.argument("instance_id", metavar="ID")
@server_options
@output_option
def redrive(instance_id: str, url: str | None, token: str | None, output: str) -> None:
    """Run an unsuccessful instance again from where it failed."""
    _print(connect(url, token).post(instance_path(instance_id, "redrive")), output)


@instances.command(epilog=lesson("conductor instances delete ID", "conductor instances delete ID -o json", ends=_CHANGE_EXITS))
@click.argument("instance_id", metavar="ID")
@server_options
@output_option
def delete(instance_id: str, url: str | None, token: str | None, output: str) -> None:
    """Forget an ended instance and its history."""
    connect(url, token).delete(instance_path(instance_id))
    say_json({"instanceId": instance_id, "deleted": True}) if output == JSON else say(f"Deleted {instance_id}")


def _print(instance: dict[str, Json], output: str) -> None:
    say_json(instance) if output == JSON else say_instance(instance)


def _row(instance: dict[str, Json]) -> list[str]:
    return [
        instance["instanceId"],
        plain(instance["workflowDefinitionName"]),
        status_text(instance["status"]),
        instance["startedAt"],
        elapsed_text(instance["startedAt"], instance.get("endedAt")),
        plain(instance.get("error") or ""),
    ]
