"""A stand-in for the AWS services that recorded workflows call: moto's server, on this machine, in a process of its own.

The recording's `setup` is done there first; then the product's own `AwsCalls` makes the calls of the workflow.
"""

import asyncio
import atexit
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.request import Request, urlopen

from conductor_local.engine.effects import Invoke
from conductor_local.functions.aws import AwsCalls
from conductor_local.functions.aws_clients import Clients
from conductor_local.functions.aws_endpoints import Endpoints
from conductor_local.functions.integrations import integration_of
from conductor_local.runtime.ports import Failed, Succeeded, TaskCall

from .cases import ACCOUNT, REGION, SERVICES

Json = Any
PATIENCE_S = 60.0


def is_there() -> bool:
    """Whether moto is installed."""
    return find_spec("moto") is not None


@dataclass(frozen=True, slots=True)
class StandIn:
    """The server; `clients` prepare what a recording needs, `calls` are the product's."""

    url: str
    clients: Clients
    calls: AwsCalls

    def prepare(self, setup: Sequence[Json]) -> None:
        """Forget what earlier cases made, and make what the `setup` of this one says."""
        urlopen(Request(f"{self.url}/moto-api/reset", method="POST"), timeout=PATIENCE_S).close()
        for step in setup:
            if step["service"] in SERVICES:
                self.clients.call(step["service"], self.url, step["op"], step.get("params", {}))

    def call(self, work: Invoke) -> Json:
        """Make one call of a workflow: the answer, or a `Failure`."""
        integration = integration_of(work.resource.name)
        assert integration is not None
        call = TaskCall(execution_id="run", execution_name="run", definition_name="machine", invoke=work)
        outcome = asyncio.run(self._outcome(integration, call))
        return outcome.result.value if isinstance(outcome, Succeeded) else outcome.failure

    async def _outcome(self, integration: Any, call: TaskCall) -> Succeeded | Failed:
        return await self.calls(integration, call)


@cache
def stand_in() -> StandIn:
    """Start the server, once for the whole process, whose end it does not outlive."""
    port = _free_port()
    environment = {**os.environ, "MOTO_ACCOUNT_ID": ACCOUNT}
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(_end, server)
    url = f"http://127.0.0.1:{port}"
    _wait_for(url, server)
    environ = {"AWS_REGION": REGION}
    return StandIn(url, Clients(REGION, environ), AwsCalls(Endpoints([url]), environ))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_at and server.poll() is None:
        try:
            urlopen(f"{url}/moto-api/", timeout=PATIENCE_S).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("moto's server has not started")


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait()
