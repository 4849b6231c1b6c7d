"""`conductor demo`."""

import signal
import sys
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from types import FrameType
from urllib.parse import quote

import click
import msgspec

from conductor_local.cli import exits
from conductor_local.cli.client import Client
from conductor_local.cli.following import end_of, show_to_end
from conductor_local.cli.instance_view import say_instance
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import JSON, output_option
from conductor_local.cli.server_process import server_process
from conductor_local.cli.terminal import colour, is_terminal, say, say_json
from conductor_local.errors import ConductorError
from conductor_local.payload import Json

SAMPLE = "sample-user-signup"
_EXAMPLE_FILE = "readme-example.json"
_MACHINE_FILE = "asl-example.json"
_PAYLOAD = {"email": "ada@example.com", "password": "correct horse battery staple", "name": "Ada Lovelace", "plan": "free"}
_MACHINE_PAYLOAD = {**_PAYLOAD, "plan": "team"}
Document = dict[str, Json]


@click.command(epilog=lesson("conductor demo", "conductor demo --asl", "conductor demo --fast", ends=(exits.DONE, exits.FAILED)))
@click.option("--fast", is_flag=True, help="Do not simulate the times that the functions would take.")
@click.option("--asl", is_flag=True, help="Run the signup as an Amazon States Language state machine instead.")
@output_option
def demo(fast: bool, asl: bool, output: str) -> int:
    """Start a server, run two workflows on it and show every step."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with tempfile.TemporaryDirectory(prefix="conductor-demo-", ignore_cleanup_errors=True) as folder:
            instances = _demonstrate(Path(folder), time_scale="0" if fast else "1", is_machine=asl, is_told=output != JSON)
    except ConductorError as fault:
        say(click.style("The demo failed: ", fg="red", bold=True) + str(fault), err=True)
        return exits.FAILED
    if output == JSON:
        say_json(instances)
    return _verdict(instances, is_told=output != JSON)


def _demonstrate(folder: Path, *, time_scale: str, is_machine: bool, is_told: bool) -> list[Document]:
    database = folder / "conductor.db"
    with server_process(folder, "--data", str(database), "--time-scale", time_scale) as server:
        client = Client(server.url)
        if is_told:
            _title("Conductor demo", f"A real server at {server.url}, its data in a temporary file.")
        created = client.post("/workflows/definitions", _packaged(_MACHINE_FILE if is_machine else _EXAMPLE_FILE))
        if is_machine:
            return [_run(client, created["name"], _MACHINE_PAYLOAD, is_told=is_told)]
        return [_run(client, id_or_name, _PAYLOAD, is_told=is_told) for id_or_name in (created["name"], SAMPLE)]


def _packaged(name: str) -> bytes:
    return files("conductor_local.cli").joinpath(name).read_bytes()


def _run(client: Client, id_or_name: str, payload: Document, *, is_told: bool) -> Document:
    path = f"/workflows/{quote(id_or_name, safe='')}/trigger"
    started = client.post(path, msgspec.json.encode({"payload": payload}))
    instance_id = started["instanceId"]
    if is_told:
        say(click.style(f"\n{started['workflowDefinitionName']}", bold=True) + f"  POST {path}")
        show_to_end(client, instance_id, err=False)
    ended = end_of(client, instance_id)
    if is_told:
        say()
        say_instance(ended)
    return ended


def _verdict(instances: Sequence[Document], *, is_told: bool) -> int:
    failed = [instance for instance in instances if instance["status"] != "COMPLETED"]
    for instance in failed:
        say(f"{instance['workflowDefinitionName']} ended as {instance['status']}: {instance.get('error')}", err=True)
    if is_told and not failed:
        say(f"\n{click.style('All completed.', fg='green', bold=True)} The server and its data are gone again. Next: conductor dev")
    return exits.FAILED if failed else exits.DONE


def _title(title: str, text: str) -> None:
    if not is_terminal(sys.stdout):
        say(f"{title}\n{text}")
        return
    from rich.console import Console
    from rich.panel import Panel

    Console(no_color=colour() is False).print(Panel(text, title=f"[bold]{title}[/]", border_style="cyan", expand=False))


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
