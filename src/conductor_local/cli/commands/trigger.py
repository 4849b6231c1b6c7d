"""`conductor trigger`."""

from urllib.parse import quote

import click
import msgspec

from conductor_local.cli import exits
from conductor_local.cli.following import end_of, follow_instance, instance_path, show_to_end
from conductor_local.cli.instance_view import say_instance
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import JSON, connect, output_option, payload_option, server_options
from conductor_local.cli.payloads import read_payload
from conductor_local.cli.terminal import say, say_json, say_json_line, status_text
from conductor_local.payload import Json

_EXAMPLES = (
    'conductor trigger sample-user-signup -p \'{"email": "ada@example.com", "password": "lovelace"}\' --watch',
    'conductor trigger "User Signup Process" --payload @user.json --wait',
    "conductor trigger nightly-report --idempotency-key 2026-03-01 -o json | jq -r .instanceId",
)
_ENDS = tuple(code for code in exits.MEANINGS if code != exits.BUG)


@click.command(epilog=lesson(*_EXAMPLES, ends=_ENDS))
@click.argument("id_or_name")
@payload_option
@click.option("--idempotency-key", metavar="KEY", help="The same key with the same payload starts only one instance.")
@click.option("--wait", is_flag=True, help="Wait for the end and print the instance; the exit code says how it ended.")
@click.option("--watch", is_flag=True, help="Like --wait, and show each step as it happens; with -o json the events, one a line.")
@server_options
@output_option
def trigger(
    id_or_name: str,
    payload: str | None,
    idempotency_key: str | None,
    wait: bool,
    watch: bool,
    url: str | None,
    token: str | None,
    output: str,
) -> int:
    """Start an instance of a definition."""
    body = msgspec.json.encode({"payload": read_payload(payload)})
    headers = {"idempotency-key": idempotency_key} if idempotency_key else None
    client = connect(url, token)
    started = client.post(f"/workflows/{quote(id_or_name, safe='')}/trigger", body, headers)
    instance_id = started["instanceId"]
    if not (wait or watch):
        _report_start(started, output)
        return exits.DONE
    if watch and output == JSON:
        for event in follow_instance(client, instance_id):
            say_json_line(event.body)
        return exits.OF_STATUS[client.get(instance_path(instance_id))["status"]]
    if watch:
        show_to_end(client, instance_id, err=True)
    ended = end_of(client, instance_id)
    say_json(ended) if output == JSON else say_instance(ended)
    return exits.OF_STATUS[ended["status"]]


def _report_start(instance: dict[str, Json], output: str) -> None:
    if output == JSON:
        say_json(instance)
        return
    say(f"Started {instance['workflowDefinitionName']}: instance {instance['instanceId']} is {status_text(instance['status'])}")
    say(f"Watch it with: conductor instances watch {instance['instanceId']}")
