"""`conductor run`."""

import asyncio
import os
from dataclasses import replace

import click
import msgspec

from conductor_local.cli import exits
from conductor_local.cli.lesson import lesson
from conductor_local.cli.options import ENV_FILE, JSON, output_option, payload_option
from conductor_local.cli.payloads import STDIN, read_payload
from conductor_local.cli.problems import show_problems
from conductor_local.cli.progress import Progress, open_progress
from conductor_local.cli.sources import DefinitionFile
from conductor_local.cli.substitutions import read_substitutions, substitution_options
from conductor_local.cli.terminal import say, say_json
from conductor_local.payload import Json
from conductor_local.runtime.lifecycle import lifecycle_event
from conductor_local.runtime.ports import Clock, Published, StatesApi
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings, load_settings
from conductor_local.runtime.views import Defined, Instance
from conductor_local.runtime.wiring import open_runtime

_EXAMPLES = (
    'conductor run signup.json --payload \'{"email": "ada@example.com", "password": "lovelace"}\'',
    "conductor run report.json --functions functions.py -p @order.json > result.json",
    "conductor run order.asl.json --functions . --substitute ChargeArn=arn:aws:lambda:eu-west-1:123456789012:function:charge",
    "conductor run nightly.json --virtual-time -o json | jq .history",
)
_ENDS = (*exits.OF_STATUS.values(), exits.USAGE)


@click.command(epilog=lesson(*_EXAMPLES, ends=tuple(sorted(_ENDS))))
@click.argument("file")
@payload_option
@click.option("--functions", multiple=True, metavar="PLACE", help="A folder, .py file or module of functions; repeatable.")
@click.option("--data", metavar="FILE", default=":memory:", help="Keep the instance in this file.  [default: keep nothing]")
@substitution_options
@click.option("--virtual-time", is_flag=True, help="Skip every wait, and the simulated times of the sample functions.")
@output_option
def run(
    file: str,
    payload: str | None,
    functions: tuple[str, ...],
    data: str,
    virtual_time: bool,
    substitute: tuple[str, ...],
    allow_unresolved: bool,
    output: str,
) -> int:
    """Run one definition from a file, without a server.

    Steps are shown on stderr as they happen. The final payload comes on stdout as JSON, or the whole instance with -o json.
    """
    if file == payload == STDIN:
        raise click.UsageError("Definition and payload cannot both come from stdin; give one of them as a file.")
    definition = DefinitionFile(file, read_substitutions(substitute, allows_unresolved=allow_unresolved))
    value = read_payload(payload)
    settings = _settings(functions, data, is_virtual=virtual_time)
    instance = asyncio.run(_run(settings, definition, value, is_virtual=virtual_time))
    _report(instance, output)
    return exits.OF_STATUS[instance.status]


def _settings(functions: tuple[str, ...], data: str, *, is_virtual: bool) -> Settings:
    overrides = {
        "data": data,
        "functions": functions or None,
        "host": "127.0.0.1",
        "sample": False,
        "time_scale": 0 if is_virtual else None,
    }
    settings = load_settings(overrides, environ=os.environ, env_file=ENV_FILE)
    return replace(settings, redis_url=None, redis_host=None, kafka_broker=None, partitions=None, works=True)


async def _run(settings: Settings, definition: DefinitionFile, payload: Json, *, is_virtual: bool) -> Instance:
    async with open_runtime(settings, is_virtual=is_virtual, own_api=_own_api) as runtime:
        defined = await _publish(runtime.service, definition)
        started = await runtime.service.start(defined.definition.id, payload)
        progress = open_progress(err=True)
        try:
            await _show(runtime.service, started, progress)
        except asyncio.CancelledError:  # Ctrl-C; a second one ends the process
            return await runtime.service.cancel(started.instance_id, cause="Interrupted with Ctrl-C")
        finally:
            progress.close()
        return await runtime.service.wait(started.instance_id)


def _own_api(service: Service, settings: Settings, clock: Clock) -> StatesApi:
    """Make AWS's API when a task first calls it; few do, and it takes its time to import."""
    from conductor_local.api.aws.own import own_api

    return own_api(service, settings, clock)


async def _publish(service: Service, definition: DefinitionFile) -> Defined:
    with definition.problems_located():
        defined = await service.publish(definition.source, name=definition.name)
    show_problems(defined.warnings, file=definition.shown, text=definition.text, err=True)
    return defined


async def _show(service: Service, instance: Instance, progress: Progress) -> None:
    subject = Published(
        cursor=0,
        execution_id=instance.instance_id,
        definition_id=instance.workflow_definition_id,
        definition_name=instance.workflow_definition_name,
        events=(),
    )
    async for event in service.follow(instance.instance_id):
        if (shown := lifecycle_event(subject, event)) is not None:
            progress.show(_plain(shown))


def _report(instance: Instance, output: str) -> None:
    document = _plain(instance)
    if output == JSON:
        say_json(document)
    elif instance.status == "COMPLETED":
        say_json(document["currentPayload"])
    if instance.status != "COMPLETED":
        say(click.style(f"{instance.status}: ", fg="red", bold=True) + str(document.get("error") or "no cause given"), err=True)


def _plain(value: object) -> dict[str, Json]:
    """Turn a view, which may hold encoded JSON, into plain JSON values."""
    plain: dict[str, Json] = msgspec.json.decode(msgspec.json.encode(value))
    return plain
