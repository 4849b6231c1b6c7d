"""A server in the foreground: opens the runtime, publishes definition files, serves, and follows changes of the files.

Rules: the port is taken before anything is opened; `dev` starts although a definition file is wrong, `serve` does not.
"""

import asyncio

from conductor_local.api.app import create_app
from conductor_local.api.aws.news import aws_news
from conductor_local.api.aws.own import own_api
from conductor_local.api.server import bind, run_loop_factory, serve
from conductor_local.cli.bulletin import Bulletin, Opening
from conductor_local.cli.problems import BadDefinition
from conductor_local.cli.publishing import publish_file
from conductor_local.cli.sources import definition_files
from conductor_local.cli.substitutions import Substitutions
from conductor_local.cli.watching import Watch
from conductor_local.errors import ConductorError
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.tuning import tune_interpreter
from conductor_local.runtime.wiring import Runtime, open_runtime


def host(settings: Settings, bulletin: Bulletin, substitutions: Substitutions, *, is_watching: bool, waits: bool = False) -> None:
    """Serve until a signal comes; definition files are filled in with `substitutions`. `waits`: for services that are away.

    Raises `SettingsError`, `Unavailable`, and `BadDefinition` unless watching.
    """
    tune_interpreter()
    with asyncio.Runner(loop_factory=run_loop_factory()) as runner:
        runner.run(_host(settings, bulletin, substitutions, is_watching, waits))
    bulletin.closed()


async def _drain(settings: Settings, runtime: Runtime) -> None:
    """Let running functions end where others go on with the rest meanwhile; a process alone is back as soon as it can be."""
    if settings.shares_work and settings.works:
        await runtime.worker.drain(settings.drain_s)


async def _host(settings: Settings, bulletin: Bulletin, substitutions: Substitutions, is_watching: bool, waits: bool) -> None:
    listener = bind(settings.host, settings.port)
    with listener:
        async with open_runtime(settings, own_api=own_api, news=aws_news, waiting=bulletin.waiting if waits else None) as runtime:
            await _publish_all(settings, runtime.service, bulletin, substitutions, goes_on=is_watching)
            watch = Watch(settings, runtime, bulletin, substitutions)
            definitions = [defined.definition for defined in await runtime.service.definitions()]
            functions = runtime.service.functions()
            watched = watch.places if is_watching else ()

            def announce(url: str) -> None:
                bulletin.opened(Opening(url, settings, functions, definitions, watched))

            watching = asyncio.create_task(watch.run()) if is_watching else None
            try:
                await serve(create_app(runtime.service, settings), settings, on_started=announce, listener=listener)
            finally:
                if watching:
                    await watch.stop()
                    await watching
            await _drain(settings, runtime)


async def _publish_all(
    settings: Settings, service: Service, bulletin: Bulletin, substitutions: Substitutions, *, goes_on: bool
) -> None:
    for file in definition_files(settings.definitions):
        try:
            await publish_file(service, file, bulletin, substitutions)
        except BadDefinition as fault:
            if not goes_on:
                raise
            bulletin.refused(fault)
        except ConductorError as fault:
            if not goes_on:
                raise
            bulletin.failed("definitions", f"{file}: {fault}")
