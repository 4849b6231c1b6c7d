"""Servers on real ports, each in a process of its own, and boto3 clients of them."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

ACCOUNT, REGION = "111111111111", "us-east-1"
STOP_S = 30.0


PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from conductor_local.api.app import create_app
from conductor_local.api.server import run_loop_factory, serve
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

async def main():
    given = json.loads(sys.argv[1])
    settings = Settings(**{**given, "data": Path(given["data"])})
    stop = asyncio.Event()
    async with open_runtime(settings) as runtime:
        app = create_app(runtime.service, settings)
        serving = asyncio.create_task(serve(app, settings, on_started=lambda url: print(url, flush=True), stop=stop))
        await asyncio.to_thread(sys.stdin.read)
        stop.set()
        await serving

with asyncio.Runner(loop_factory=run_loop_factory()) as runner:
    runner.run(main())
"""


@contextmanager
def served(**settings: Any) -> Iterator[str]:
    """Serve in a process of its own while the block runs; gives the URL."""
    command = [sys.executable, "-c", PROGRAM, json.dumps(settings)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "the server did not start"
            yield url
        finally:
            process.communicate(timeout=STOP_S)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a server with the given settings; returns its URL."""
    usual = {"port": 0, "data": str(tmp_path / "conductor.db"), "sample": False, "time_scale": 0.0}
    with ExitStack() as running:
        yield lambda **given: running.enter_context(served(**{**usual, **given}))


@pytest.fixture
def connect() -> Iterator[Callable[..., Any]]:
    """Make boto3 clients: `connect(url, key=…, region=…, **options of botocore's Config)`. Nothing is tried twice."""
    with ExitStack() as open_clients:

        def client(url: str, *, key: str = ACCOUNT, region: str = REGION, **options: Any) -> Any:
            config = Config(**{"retries": {"total_max_attempts": 1}, **options})
            made = boto3.session.Session().client(
                "stepfunctions", endpoint_url=url, region_name=region, aws_access_key_id=key, aws_secret_access_key="any",
                config=config,
            )  # fmt: skip
            open_clients.callback(made.close)
            return made

        yield client


@pytest.fixture
def client(serve: Callable[..., str], connect: Callable[..., Any]) -> Any:
    """A client of an empty server that sends all calls to the host it was given."""
    return connect(serve(), inject_host_prefix=False)
