"""A real server with the workflows beside this file, as a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

HERE = Path(__file__).parent
PATIENCE_S = 20.0
Json = dict[str, Any]


class Server:
    """The REST API of a server, as far as the tests use it."""

    def __init__(self, url: str, process: int) -> None:
        self.url, self.process = url, process

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Send JSON, return JSON; raises `HTTPError` for what is no success."""
        content = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data=content, method=method, headers={"content-type": "application/json"})
        with urlopen(request, timeout=PATIENCE_S) as answer:
            said = answer.read()
        return json.loads(said) if said else None

    def aws(self, operation: str, **parameters: object) -> Json:
        """Call an operation of the AWS API."""
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"AWSStepFunctions.{operation}"}
        request = Request(self.url + "/", data=json.dumps(parameters).encode(), headers=headers)
        with urlopen(request, timeout=PATIENCE_S) as answer:
            found: Json = json.loads(answer.read())
        return found

    def trigger(self, workflow: str, payload: Json) -> str:
        """Start a run and return its id."""
        return str(self.call("POST", f"/workflows/{workflow}/trigger", {"payload": payload})["instanceId"])

    def ended(self, run: str) -> Json:
        """Return the run once it has ended."""
        due = time.monotonic() + PATIENCE_S
        while time.monotonic() < due:
            found: Json = self.call("GET", f"/workflows/instances/{run}")
            if found["status"] not in ("PENDING", "RUNNING"):
                return found
            time.sleep(0.05)
        raise AssertionError(f"run {run} has not ended after {PATIENCE_S} s")

    def asked(self, run: str) -> str:
        """Return the token of the task that a run waits for, once it waits."""
        due = time.monotonic() + PATIENCE_S
        while time.monotonic() < due:
            for task in self.call("GET", "/workflows/tasks?limit=200")["items"]:
                if task["instanceId"] == run:
                    return str(task["token"])
            time.sleep(0.05)
        raise AssertionError(f"run {run} has asked for nothing after {PATIENCE_S} s")


@contextmanager
def serving(folder: Path, *more: str, with_workflows: bool = True, source: Path = HERE) -> Iterator[Server]:
    """Start a server that keeps its data in `folder`; it is ended when the block ends."""
    arguments = ["serve", "-o", "json", "--port", "0", "--data", str(folder / "conductor.db"), "--time-scale", "0", *more]
    if with_workflows:
        arguments += ["--functions", str(source / "shop.py"), "--definitions", str(source / "workflows")]
    else:
        arguments += ["--no-sample"]
    command = [sys.executable, "-m", "conductor_local", *arguments]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log)
    try:
        yield Server(_url(process), process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        if process.stdout:
            process.stdout.close()


def _url(process: "subprocess.Popen[bytes]") -> str:
    assert process.stdout is not None
    for line in process.stdout:
        told = json.loads(line)
        if told["type"] == "LISTENING":
            return str(told["url"])
    raise AssertionError("the server ended before it listened")
