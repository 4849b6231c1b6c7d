"""A worker in the foreground: takes its share of the partitions, works until it is asked to end, drains, and leaves.

Rules: the first signal drains, up to the limit; the second ends at once. What was begun and not ended is done again by others.
"""

import asyncio
import signal
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from conductor_local.api.app import create_probes
from conductor_local.api.aws.news import aws_news
from conductor_local.api.aws.own import own_api
from conductor_local.api.server import bind, run_loop_factory, serve
from conductor_local.cli.work_bulletin import WorkBulletin
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.tuning import tune_interpreter
from conductor_local.runtime.wiring import Runtime, open_runtime

LOOK_S = 0.2  # how soon a change of what this process owns is told
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def work(settings: Settings, bulletin: WorkBulletin, *, metrics_port: int | None, waits: bool) -> None:
    """Work until a signal comes. With `waits` a service that is away is waited for. Raises `SettingsError`, `Unavailable`."""
    tune_interpreter()
    with asyncio.Runner(loop_factory=run_loop_factory()) as runner:
        runner.run(_work(settings, bulletin, metrics_port, waits))
    bulletin.closed()


async def _work(settings: Settings, bulletin: WorkBulletin, metrics_port: int | None, waits: bool) -> None:
    listener = None if metrics_port is None else bind(settings.host, metrics_port)
    ending, hurried = asyncio.Event(), asyncio.Event()
    async with open_runtime(settings, own_api=own_api, news=aws_news, waiting=bulletin.waiting if waits else None) as runtime:
        with _signals(ending, hurried):
            telling = asyncio.create_task(_tell(runtime, bulletin, settings.partition_count))
            probes = asyncio.create_task(_answer(runtime, settings, bulletin, listener, ending)) if listener else None
            bulletin.opened(settings, runtime)
            await ending.wait()
            bulletin.draining(sum(owner.running for owner in runtime.worker.owners), settings.drain_s)
            await _first(runtime.worker.drain(settings.drain_s), hurried.wait())
            telling.cancel()
            if probes is not None:
                await probes


async def _answer(
    runtime: Runtime, settings: Settings, bulletin: WorkBulletin, listener: socket.socket, ending: asyncio.Event
) -> None:
    app = create_probes(runtime.service, settings)
    await serve(app, settings, on_started=bulletin.answering, listener=listener, stop=ending, hears_signals=False)


async def _tell(runtime: Runtime, bulletin: WorkBulletin, total: int) -> None:
    """Tell what this process owns whenever that changes."""
    told: list[int] = []
    while True:
        owners = runtime.worker.owners
        owned = sorted(owner.partition for owner in owners if owner.epoch is not None and not owner.is_fenced)
        if owned != told and len(owned) == len(owners):  # not in the middle of a hand-over
            bulletin.owns(owned, total)
            told = owned
        await asyncio.sleep(LOOK_S)


async def _first(*waits: Coroutine[Any, Any, object]) -> None:
    """Return when one of them has ended; end the others."""
    tasks = [asyncio.create_task(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@contextmanager
def _signals(ending: asyncio.Event, hurried: asyncio.Event) -> Iterator[None]:
    """Let the first signal set `ending` and the next one `hurried`."""

    def heard() -> None:
        (hurried if ending.is_set() else ending).set()

    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, heard)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
