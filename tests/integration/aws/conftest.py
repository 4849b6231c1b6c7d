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
from conductor_local.api.aws.news import aws_news
from conductor_local.api.aws.own import own_api
from conductor_local.api.server import run_loop_factory, serve
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

async def main():
    given = json.loads(sys.argv[1])
    settings = Settings(**{**given, "data": Path(given["data"])})
    stop = asyncio.Event()
    async with open_runtime(settings, own_api=own_api, news=aws_news) as runtime:
        app = create_app(runtime.service, settings)
        serving = asyncio.create_task(serve(app, settings, on_started=lambda url: print(url, flush=True), stop=stop))
        await asyncio.to_thread(sys.stdin.read)
        stop.set()
        await serving

with asyncio.Runner(loop_factory=run_loop_factory()) as runner:
    runner.run(main())
"""


class Server:
    """A server in a process of its own, which can be killed and started again on the same data."""

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._process: subprocess.Popen[str] | None = None

    def start(self, **settings: Any) -> str:
        """Start it, with further settings from now on; returns its URL."""
        self._settings |= settings
        command = [sys.executable, "-c", PROGRAM, json.dumps(self._settings)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        url = self._process.stdout.readline().strip()
        assert url, "the server did not start"
        return url

    def kill(self) -> None:
        """End it with SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate(timeout=STOP_S)
        self._process = None

    def stop(self) -> None:
        """End it as a person does, if it runs."""
        if self._process is not None:
            self._process.communicate(timeout=STOP_S)
            self._process = None


@contextmanager
def served(**settings: Any) -> Iterator[str]:
    """Serve in a process of its own while the block runs; gives the URL."""
    server = Server(**settings)
    try:
        yield server.start()
    finally:
        server.stop()


def usual(tmp_path: Path) -> dict[str, Any]:
    """Return the settings of a server that a test has for itself."""
    return {"port": 0, "data": str(tmp_path / "conductor.db"), "sample": False, "time_scale": 0.0}


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a server with the given settings; returns its URL."""
    with ExitStack() as running:
        yield lambda **given: running.enter_context(served(**{**usual(tmp_path), **given}))


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Server]:
    """A server for a test that kills it; not started yet."""
    server = Server(**usual(tmp_path))
    yield server
    server.stop()


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
