"""`conductor definitions`: list, show, create, update, delete."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import click
import msgspec

from conductor_local.cli import exits
from conductor_local.cli.client import Client
from conductor_local.cli.lazy import OrderedGroup
from conductor_local.cli.lesson import SERVER_EXITS, lesson
from conductor_local.cli.options import JSON, connect, output_option, server_options
from conductor_local.cli.payloads import STDIN
from conductor_local.cli.problems import BadDefinition, show_problems
from conductor_local.cli.sources import DefinitionFile
from conductor_local.cli.substitutions import read_substitutions, substitution_options
from conductor_local.cli.tables import say_fields, say_table
from conductor_local.cli.terminal import plain, say, say_json
from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.asl import function_name
from conductor_local.payload import Json

_PATH = "/workflows/definitions"
_HEAD_FIELDS = ("id", "name", "description", "Comment", "startAt", "StartAt", "QueryLanguage")
_WRITE_EXITS = (*SERVER_EXITS, exits.CONFLICT)


@click.group(
    epilog=lesson("conductor definitions list", "conductor definitions create signup.json", ends=_WRITE_EXITS), cls=OrderedGroup
)
def definitions() -> None:
    """List, show, create, update and delete definitions."""


@definitions.command("list", epilog=lesson("conductor definitions list", "conductor definitions list -o json", ends=SERVER_EXITS))
@server_options
@output_option
def list_(url: str | None, token: str | None, output: str) -> None:
    """List all definitions, oldest first."""
    found = connect(url, token).get(_PATH)
    if output == JSON:
        say_json(found)
    else:
        rows = [
            (each["id"], plain(each["name"]), str(len(_steps(each))), plain(each.get("description") or each.get("Comment") or ""))
            for each in found
        ]
        say_table(
            ("id", "name", "steps", "description"),
            rows,
            empty="No definitions yet. Make one with: conductor definitions create FILE",
        )


@definitions.command(
    epilog=lesson(
        "conductor definitions show sample-user-signup",
        "conductor definitions show Greeting -o json > greeting.json",
        ends=SERVER_EXITS,
    )
)
@click.argument("id_or_name")
@server_options
@output_option
def show(id_or_name: str, url: str | None, token: str | None, output: str) -> None:
    """Show one definition and its steps."""
    _print(_get(connect(url, token), id_or_name), output)


@definitions.command(
    epilog=lesson(
        "conductor definitions create signup.json", "jq . signup.json | conductor definitions create -", ends=_WRITE_EXITS
    )
)
@click.argument("file")
@substitution_options
@server_options
@output_option
def create(
    file: str, substitute: tuple[str, ...], allow_unresolved: bool, url: str | None, token: str | None, output: str
) -> None:  # fmt: skip
    """Create a definition from a JSON or YAML file, or from stdin with `-`."""
    definition = DefinitionFile(file, read_substitutions(substitute, allows_unresolved=allow_unresolved))
    parameters = {"name": definition.name} if definition.is_machine and file != STDIN else None
    with _problems_located(definition):
        _report("Created", connect(url, token).post(_PATH, definition.body, parameters=parameters), output)


@definitions.command(
    epilog=lesson(
        "conductor definitions update Greeting greeting.json",
        'echo \'{"description": "Old."}\' | conductor definitions update Greeting -',
        ends=_WRITE_EXITS,
    )
)
@click.argument("id_or_name")
@click.argument("file")
@substitution_options
@server_options
@output_option
def update(
    id_or_name: str,
    file: str,
    substitute: tuple[str, ...],
    allow_unresolved: bool,
    url: str | None,
    token: str | None,
    output: str,
) -> None:
    """Change the top-level fields that the file has; running instances keep what they started with."""
    client = connect(url, token)
    definition = DefinitionFile(file, read_substitutions(substitute, allows_unresolved=allow_unresolved))
    with _problems_located(definition):
        _report("Updated", client.put(_path(_get(client, id_or_name)["id"]), definition.body), output)


@definitions.command(
    epilog=lesson(
        "conductor definitions delete sample-user-signup", "conductor definitions delete 'User Signup Process'", ends=SERVER_EXITS
    )
)
@click.argument("id_or_name")
@server_options
@output_option
def delete(id_or_name: str, url: str | None, token: str | None, output: str) -> None:
    """Delete a definition; its instances go on and stay readable."""
    client = connect(url, token)
    found = _get(client, id_or_name)
    client.delete(_path(found["id"]))
    if output == JSON:
        say_json({"id": found["id"], "deleted": True})
    else:
        say(f"Deleted {found['name']} ({found['id']})")


@contextmanager
def _problems_located(definition: DefinitionFile) -> Iterator[None]:
    try:
        yield
    except DefinitionError as fault:
        raise BadDefinition(definition.placed(fault.problems), file=definition.shown, text=definition.text) from None


def _path(id_or_name: str) -> str:
    return f"{_PATH}/{quote(id_or_name, safe='')}"


def _get(client: Client, id_or_name: str) -> dict[str, Json]:
    found: dict[str, Json] = client.get(_path(id_or_name))
    return found


def _report(done: str, definition: dict[str, Json], output: str) -> None:
    if output == JSON:
        say_json(definition)
        return
    say(f"{done} {definition['name']} ({definition['id']})")
    show_problems(msgspec.convert(definition.get("warnings", []), list[Problem]), file=definition["name"], err=True)
    say(f"Start it with: conductor trigger {definition['id']} --payload '{{}}'")


def _print(definition: dict[str, Json], output: str) -> None:
    if output == JSON:
        say_json(definition)
        return
    fields = [(name, plain(definition.get(name) or "")) for name in _HEAD_FIELDS]
    say_fields([(name, value) for name, value in fields if value])
    say()
    say_table(
        ("step", "type", "function", "next"), [_step_row(id, step) for id, step in _steps(definition).items()], empty="No steps."
    )


def _steps(definition: dict[str, Json]) -> dict[str, dict[str, Json]]:
    steps = definition.get("steps") or definition.get("States")
    return steps if isinstance(steps, dict) else {}


def _step_row(id: str, step: dict[str, Json]) -> tuple[str, str, str, str]:
    type = step.get("type") or step.get("Type") or ""
    resource = step.get("Resource") or ""
    function = step.get("functionName") or function_name(resource) or resource
    return id, type, function, step.get("nextStepId") or step.get("Next") or ""
