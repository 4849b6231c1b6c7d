"""A server on a real port in a process of its own, and a boto3 client of it. Each case gets an empty store behind the same port.

The process tells its URL, then answers each line it reads with one when the store is empty; it ends with its input. It is no thread
because compiled JSONata expressions must be let go where they were made.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from conductor_local.api.app import create_app
from conductor_local.api.aws.own import own_api
from conductor_local.api.deps import deps_of
from conductor_local.api.server import serve
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

from ..replay.cases import ACCOUNT, REGION
from .functions import functions_of

SETTINGS = Settings(port=0, data=Path(":memory:"), sample=False)
ROOT = Path(__file__).parents[3]
MODULE = "tests.conformance.wire.world"
STOP_S = 30.0


class World:
    """The server, seen from outside."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.url = self._told()

    def empty(self, behaviours: Mapping[str, str], endpoints: Sequence[str] = ()) -> None:
        """Put a new store and a new worker behind the port, with functions that behave so (`functions.py`).

        Other services of AWS are called at `endpoints`.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"behaviours": behaviours, "endpoints": endpoints}) + "\n")
        self._process.stdin.flush()
        self._told()

    def _told(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("the server has ended; what it wrote to its error stream says why")
        return line


@contextmanager
def world() -> Iterator[tuple[World, Any]]:
    """Serve while the block runs; gives the world and a boto3 client that checks nothing by itself."""
    command = [sys.executable, "-m", MODULE]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            served = World(process)
            client = _client(served.url)
            try:
                yield served, client
            finally:
                client.close()
        finally:
            process.communicate(timeout=STOP_S)


def _client(url: str) -> Any:
    config = Config(parameter_validation=False, inject_host_prefix=False, proxies={})
    return boto3.session.Session().client(
        "stepfunctions", region_name=REGION, endpoint_url=url, config=config, aws_access_key_id=ACCOUNT, aws_secret_access_key="any"
    )


# --- the process -----------------------------------------------------------------------------------------------------------------


async def main() -> None:
    """Serve one store after the other, a new one for each line, until there are no more lines."""
    stop = asyncio.Event()
    async with open_runtime(SETTINGS) as runtime:
        app = create_app(runtime.service, SETTINGS)
        serving = asyncio.create_task(serve(app, SETTINGS, on_started=_tell, stop=stop))
        line = await _line()
        while line:
            wanted = json.loads(line)
            settings = replace(SETTINGS, aws_endpoints=tuple(wanted["endpoints"]))
            functions = functions_of(wanted["behaviours"])
            async with open_runtime(settings, functions=functions, own_api=own_api) as empty:
                app.state["deps"] = replace(deps_of(app), service=empty.service)
                _tell("ready")
                line = await _line()
        stop.set()
        await serving


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
