"""Conductor processes that share one Redis and one Kafka, as an operator starts them: real commands, signals and exit codes."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import httpx
from confluent_kafka import KafkaException
from tests.services.topics import new_topic

from conductor_local.cli.server_process import clean_environment

PATIENCE_S = 40.0
PARTITIONS = 64
FUNCTIONS = """
import asyncio, os
from pathlib import Path

async def slow(payload):
    with Path("calls.log").open("a") as log:
        log.write(f"{payload['key']} {os.getpid()}\\n")
    await asyncio.sleep(payload["seconds"])
    return {"pid": os.getpid()}

def greet(payload):
    return {"text": f"Hello, {payload['name']}!"}

def flaky(payload):
    if not Path("repaired").exists():
        raise ValueError("broken")
    return {"repaired": True}
"""


class Member:
    """One process. `told` are the lines of JSON that it has printed so far."""

    def __init__(self, folder: Path, environment: dict[str, str], *arguments: str) -> None:
        self.told: list[dict[str, Any]] = []
        self.log = folder / f"{arguments[0]}-{uuid4().hex[:6]}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "conductor_local", *arguments, "-o", "json"],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.told.append(json.loads(line))

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def owned(self) -> list[int]:
        """What it said last that it owns."""
        return next((told["partitions"] for told in reversed(self.told) if told["type"] == "OWNS"), [])

    @property
    def url(self) -> str:
        return str(self.heard("LISTENING")["url"])

    def heard(self, kind: str) -> dict[str, Any]:
        """Return the line of a kind once it has been printed."""
        until(lambda: any(told["type"] == kind for told in self.told) or self.process.poll() is not None)
        found = [told for told in self.told if told["type"] == kind]
        assert found, f"it ended before it said {kind}: {self.complaints}"
        return found[-1]

    @property
    def complaints(self) -> str:
        return self.log.read_text()

    def send(self, what: signal.Signals) -> None:
        self.process.send_signal(what)

    def ended(self) -> int:
        """Wait for its end and return the exit code."""
        code = self.process.wait(PATIENCE_S)
        self._reading.join()
        return code

    def close(self) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
        self.ended()


class Fleet:
    """Processes in one folder, on one store and in one group that nobody else has."""

    def __init__(self, folder: Path, redis_url: str, kafka_broker: str | None) -> None:
        self.folder, self.name = folder, f"test-{uuid4().hex[:8]}"
        self.environment = {
            **clean_environment(), "REDIS_URL": redis_url, "CONDUCTOR_REDIS_PREFIX": self.name, "KAFKA_GROUP_ID": self.name,
            "CONDUCTOR_FUNCTIONS": "functions.py", "CONDUCTOR_TIME_SCALE": "0",
            **({"KAFKA_BROKER": kafka_broker} if kafka_broker else {}),
        }  # fmt: skip
        self.members: list[Member] = []
        self.clients: list[Api] = []
        (folder / "functions.py").write_text(FUNCTIONS)

    def start(self, *arguments: str) -> Member:
        member = Member(self.folder, self.environment, *arguments)
        self.members.append(member)
        return member

    def serve(self, *arguments: str) -> Member:
        return self.start("serve", "--port", "0", *arguments)

    def worker(self, *arguments: str) -> Member:
        return self.start("worker", *arguments)

    def api(self, server: Member) -> "Api":
        """Give a client that is closed with the fleet."""
        self.clients.append(Api(server.url))
        return self.clients[-1]

    def close(self) -> None:
        for client in self.clients:
            client.close()
        for member in self.members:
            member.close()

    def calls(self) -> list[tuple[str, int]]:
        """The calls of `slow`: key and process."""
        log = self.folder / "calls.log"
        lines = log.read_text().splitlines() if log.exists() else []
        return [(key, int(pid)) for key, _, pid in (line.rpartition(" ") for line in lines)]


@contextmanager
def fleet_on(folder: Path, redis_url: str, kafka_broker: str | None) -> Iterator[Fleet]:
    """Give a fleet, and end all of it."""
    if kafka_broker is not None:
        for topic, partitions in (("workflow_events", 8), ("workflow_step_triggers", PARTITIONS)):
            with suppress(KafkaException):  # another test made it
                new_topic(kafka_broker, partitions=partitions, name=topic)
    fleet = Fleet(folder, redis_url, kafka_broker)
    try:
        yield fleet
    finally:
        fleet.close()


def until(holds: Callable[[], Any], patience_s: float = PATIENCE_S) -> float:
    """Return, in seconds, how long it took until `holds` gave something true."""
    began = monotonic()
    while not holds():
        assert monotonic() - began < patience_s, "it did not come true"
        sleep(0.02)
    return monotonic() - began


def shared_by(*members: Member) -> bool:
    """Whether these own all partitions between them, each some."""
    owned = sorted(partition for member in members for partition in member.owned)
    return all(member.owned for member in members) and owned == list(range(PARTITIONS))


class Api:
    """What a client asks a server."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=30)

    def close(self) -> None:
        self.http.close()

    def define(self, document: dict[str, Any]) -> None:
        answer = self.http.post("/workflows/definitions", json=document)
        assert answer.status_code == 201, answer.text

    def trigger(self, workflow: str, payload: dict[str, Any]) -> str:
        answer = self.http.post(f"/workflows/{workflow}/trigger", json={"payload": payload})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["instanceId"])

    def instance(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"/workflows/instances/{id}").json()
        return found

    def ended(self, id: str) -> dict[str, Any]:
        until(lambda: self.instance(id)["status"] not in {"PENDING", "RUNNING"})
        return self.instance(id)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get("/workflows/status").json()
        return found


def slow(name: str = "Slow") -> dict[str, Any]:
    """A workflow of one call of `slow` and one moment's wait."""
    steps = {
        "call": {"type": "function", "name": "Call", "functionName": "slow", "nextStepId": "rest"},
        "rest": {"type": "wait", "name": "Rest", "seconds": 0.1, "nextStepId": None},
    }
    return {"name": name, "startAt": "call", "steps": steps}
