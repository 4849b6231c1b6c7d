"""The command line as a person uses it: real processes, a real server, real files."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest

from conductor_local.cli.server_process import clean_environment, server_process

pytestmark = pytest.mark.e2e

DEADLINE_S = 30
PAYLOAD = '{"email": "ada@example.com", "password": "hunter22"}'
GREETING = {
    "name": "Greeting",
    "startAt": "greet",
    "steps": {"greet": {"name": "Greet", "type": "function", "functionName": "greet", "resultPath": "$.greeting"}},
}
NAP = {
    "name": "Nap",
    "startAt": "nap",
    "steps": {"nap": {"name": "Nap", "type": "wait", "seconds": 3600}},
}


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Conductor = Callable[..., Outcome]


@pytest.fixture
def conductor(tmp_path: Path) -> Conductor:
    """Run one command in an empty folder and wait for its end."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "conductor_local", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**clean_environment(), **environment},
            timeout=DEADLINE_S,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A server with the sample, whose functions take no time."""
    home = tmp_path / "server"
    home.mkdir()
    with server_process(home, "--time-scale", "0") as server:
        yield server.url


@pytest.fixture
def client(conductor: Conductor, url: str) -> Conductor:
    """Run one command against the server."""
    return lambda *arguments, **rest: conductor(*arguments, CONDUCTOR_URL=url, **rest)


def write(folder: Path, name: str, document: object) -> Path:
    file = folder / name
    file.write_text(document if isinstance(document, str) else json.dumps(document, indent=2))
    return file


# --- run -----------------------------------------------------------------------------------------------------------------------


def test_run_prints_the_final_payload_and_nothing_else_on_stdout(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "functions.py", "def greet(payload):\n    return f\"Hello {payload['name']}\"\n")
    write(tmp_path, "greeting.json", GREETING)
    outcome = conductor("run", "greeting.json", "--functions", "functions.py", "-p", '{"name": "Ada"}')
    assert (outcome.code, outcome.json) == (0, {"name": "Ada", "greeting": "Hello Ada"})
    assert "Greet" in outcome.err


def test_run_of_a_failing_workflow_ends_with_1_and_says_why(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "functions.py", "def greet(payload):\n    raise ValueError('nobody is there')\n")
    write(tmp_path, "greeting.json", GREETING)
    outcome = conductor("run", "greeting.json", "--functions", "functions.py")
    assert (outcome.code, outcome.out) == (1, "")
    assert "Error in step Greet: nobody is there" in outcome.err
    assert "Traceback" not in outcome.err


def test_run_reads_definition_and_payload_from_stdin_and_file(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "functions.py", "def greet(payload):\n    return 'hi'\n")
    write(tmp_path, "payload.json", {"name": "Ada"})
    outcome = conductor("run", "-", "--functions", "functions.py", "-p", "@payload.json", stdin=json.dumps(GREETING))
    assert outcome.json == {"name": "Ada", "greeting": "hi"}


def test_run_skips_waits_in_virtual_time(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "nap.json", NAP)
    outcome = conductor("run", "nap.json", "--virtual-time", "-o", "json")
    assert outcome.code == 0
    assert outcome.json["status"] == "COMPLETED"


def test_run_keeps_its_state_where_data_says(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "nap.json", NAP)
    conductor("run", "nap.json", "--virtual-time", "--data", "kept.db")
    assert (tmp_path / "kept.db").is_file()


def test_run_of_a_wrong_definition_ends_with_2_and_points_at_it(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "greeting.json", {**GREETING, "startAt": "gret"})
    outcome = conductor("run", "greeting.json")
    assert outcome.code == 2
    assert outcome.err.startswith("greeting.json:3:14: error ")
    assert "^" in outcome.err


def test_run_of_a_workflow_that_times_out_ends_with_3(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "nap.json", {**NAP, "timeoutSeconds": 1})
    assert conductor("run", "nap.json", "--virtual-time").code == 3


def test_run_is_cancelled_by_an_interrupt_and_ends_with_4(tmp_path: Path) -> None:
    write(tmp_path, "nap.json", NAP)
    process = subprocess.Popen(
        [sys.executable, "-m", "conductor_local", "run", "nap.json", "-o", "json"],
        cwd=tmp_path, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stdout is not None
    with process:
        for line in process.stderr:
            if "running" in line:
                break
        process.send_signal(signal.SIGINT)
        instance = json.loads(process.stdout.read())
    assert (process.returncode, instance["status"]) == (4, "CANCELLED")


# --- validate ------------------------------------------------------------------------------------------------------------------


def test_validate_counts_valid_files_in_folders(conductor: Conductor, tmp_path: Path) -> None:
    folder = tmp_path / "workflows"
    folder.mkdir()
    write(folder, "nap.json", NAP)
    write(folder, "greeting.json", GREETING)
    outcome = conductor("validate", "workflows")
    assert (outcome.code, outcome.out) == (0, "2 files valid\n")


def test_validate_shows_place_line_caret_and_hint(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "nap.json", {**NAP, "startAt": "nab"})
    outcome = conductor("validate", "nap.json")
    assert outcome.code == 2
    head, line, caret, hint, verdict = outcome.out.splitlines()
    assert head.startswith("nap.json:3:14: error ")
    assert line.strip() == '"startAt": "nab",'
    assert line[caret.index("^") :].startswith('"nab"')
    assert "did you mean 'nap'?" in hint
    assert verdict == "0 files valid, 1 invalid"


def test_validate_prints_problems_as_json(conductor: Conductor) -> None:
    outcome = conductor("validate", "-", "-o", "json", stdin="{")
    assert outcome.code == 2
    assert outcome.json[0]["file"] == "stdin"
    assert {"code", "message", "line", "column", "pointer"} <= set(outcome.json[0])


# --- against a server ----------------------------------------------------------------------------------------------------------


def test_trigger_waits_and_shows_the_end(client: Conductor) -> None:
    outcome = client("trigger", "sample-user-signup", "-p", PAYLOAD, "--wait", "-o", "json")
    assert outcome.code == 0
    assert outcome.json["status"] == "COMPLETED"
    assert outcome.json["currentPayload"]["analyticsLogged"] is True


def test_trigger_of_a_failing_workflow_ends_with_1(client: Conductor) -> None:
    outcome = client("trigger", "Sample User Signup Workflow", "--watch")
    assert outcome.code == 1
    assert "Email and password are required" in outcome.err


def test_trigger_with_a_key_starts_one_instance(client: Conductor) -> None:
    ids = {
        client("trigger", "sample-user-signup", "-p", PAYLOAD, "--idempotency-key", "once", "-o", "json").json["instanceId"]
        for _ in range(2)
    }
    assert len(ids) == 1


def test_trigger_of_nothing_ends_with_6(client: Conductor) -> None:
    outcome = client("trigger", "sample-user-sinup")
    assert outcome.code == 6
    assert outcome.err.startswith("error: ")


def test_a_definition_is_created_shown_updated_and_deleted(client: Conductor, tmp_path: Path) -> None:
    created = client("definitions", "create", str(write(tmp_path, "nap.json", NAP)), "-o", "json").json
    update = write(tmp_path, "update.json", {"description": "Short."})
    assert client("definitions", "update", created["id"], str(update)).code == 0
    assert client("definitions", "show", "Nap", "-o", "json").json == {**created, "description": "Short."}
    assert client("definitions", "delete", created["id"]).code == 0
    assert "Nap" not in client("definitions", "list").out


def test_a_refused_definition_is_pointed_at_in_its_file(client: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "nap.json", {**NAP, "startAt": "nab"})
    outcome = client("definitions", "create", "nap.json")
    assert outcome.code == 2
    assert outcome.err.startswith("nap.json:3:14: error ")


def test_a_second_definition_of_a_name_ends_with_7(client: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "nap.json", NAP)
    assert [client("definitions", "create", "nap.json").code for _ in range(2)] == [0, 7]


def test_a_running_instance_is_cancelled_redriven_and_deleted(client: Conductor, tmp_path: Path) -> None:
    client("definitions", "create", str(write(tmp_path, "nap.json", NAP)))
    instance_id = client("trigger", "Nap", "-o", "json").json["instanceId"]
    assert client("instances", "delete", instance_id).code == 7
    assert client("instances", "cancel", instance_id, "--cause", "enough", "-o", "json").json["status"] == "CANCELLED"
    assert client("instances", "watch", instance_id).code == 4
    assert client("instances", "redrive", instance_id, "-o", "json").json["status"] in {"PENDING", "RUNNING"}
    client("instances", "cancel", instance_id)
    assert client("instances", "delete", instance_id).code == 0
    assert client("instances", "show", instance_id).code == 6


def test_instances_are_listed_by_status(client: Conductor) -> None:
    client("trigger", "sample-user-signup", "--wait")
    client("trigger", "sample-user-signup", "--wait", "-p", PAYLOAD)
    failed = client("instances", "list", "--status", "failed", "-o", "json").json["items"]
    assert [instance["status"] for instance in failed] == ["FAILED"]
    assert client("instances", "list").out.count("Sample User Signup") == 2


def test_events_show_what_happened_without_secrets(client: Conductor) -> None:
    instance = client("trigger", "sample-user-signup", "-p", PAYLOAD, "--wait", "-o", "json").json
    shown = client("events", instance["instanceId"])
    assert shown.out.splitlines()[-1].split()[1] == "WORKFLOW_COMPLETED"
    assert "hunter22" not in shown.out
    followed = client("events", instance["instanceId"], "--follow", "-o", "json").out.splitlines()
    assert [json.loads(line) for line in followed] == client("events", instance["instanceId"], "-o", "json").json


def test_functions_name_the_built_in_ones(client: Conductor) -> None:
    assert "makeExternalApiCall" in client("functions").out


def test_a_reader_that_leaves_is_no_error(url: str) -> None:
    command = f"{sys.executable} -m conductor_local functions --url {url} | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=clean_environment(), timeout=DEADLINE_S, check=False
    )
    assert done.stderr == ""
    assert done.stdout.startswith("NAME")


def test_no_server_ends_with_5_and_says_how_to_start_one(conductor: Conductor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = conductor("instances", "list", PORT=str(port))
    assert (outcome.code, outcome.out) == (5, "")
    assert outcome.err == f"error: No Conductor server at http://127.0.0.1:{port}. Start one with: conductor dev\n"


# --- dev -----------------------------------------------------------------------------------------------------------------------


class Dev:
    """`conductor dev -o json` in the background; what it tells is read line by line."""

    def __init__(self, folder: Path, *flags: str) -> None:
        command = [sys.executable, "-m", "conductor_local", "dev", "--port", "0", "-o", "json", "--time-scale", "0", *flags]
        self.process = subprocess.Popen(command, cwd=folder, env=clean_environment(), stdout=subprocess.PIPE, text=True)
        self._told: Queue[dict[str, Any]] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()
        self.url = str(self.expect("LISTENING")["url"])

    def expect(self, type: str) -> dict[str, Any]:
        """Return the next thing of a type that it tells."""
        until = time.monotonic() + DEADLINE_S
        while True:
            try:
                told = self._told.get(timeout=max(until - time.monotonic(), 0))
            except Empty:
                raise AssertionError(f"it did not tell of {type}") from None
            if told["type"] == type:
                return told

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(DEADLINE_S)
        finally:
            self.process.kill()
            self._reader.join()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._told.put(json.loads(line))


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Dev]:
    """A development server that watches a folder of definitions and a file of functions."""
    (tmp_path / "workflows").mkdir()
    write(tmp_path, "functions.py", "def greet(payload):\n    return 'one'\n")
    write(tmp_path / "workflows", "greeting.json", GREETING)
    server = Dev(tmp_path, "--functions", "functions.py", "--definitions", "workflows")
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def greeting(conductor: Conductor, dev: Dev) -> str:
    outcome = conductor("trigger", "Greeting", "--wait", "-o", "json", CONDUCTOR_URL=dev.url)
    return str(outcome.json["currentPayload"]["greeting"])


def test_dev_loads_definitions_and_functions(dev: Dev, conductor: Conductor) -> None:
    assert greeting(conductor, dev) == "one"


def test_dev_reloads_a_changed_function(dev: Dev, conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "functions.py", "def greet(payload):\n    return 'two'\n")
    assert "greet" in dev.expect("FUNCTIONS_LOADED")["functions"]
    assert greeting(conductor, dev) == "two"


def test_dev_keeps_the_old_functions_when_the_new_ones_are_wrong(dev: Dev, conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "functions.py", "def greet(payload:\n")
    assert "functions.py:1" in dev.expect("RELOAD_FAILED")["message"]
    assert greeting(conductor, dev) == "one"


def test_dev_redefines_a_changed_definition(dev: Dev, conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path / "workflows", "greeting.json", {**GREETING, "description": "New."})
    dev.expect("DEFINITION_LOADED")
    assert conductor("definitions", "show", "Greeting", "-o", "json", CONDUCTOR_URL=dev.url).json["description"] == "New."


def test_dev_keeps_the_old_definition_when_the_new_one_is_wrong(dev: Dev, conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path / "workflows", "greeting.json", {**GREETING, "startAt": "gret"})
    refused = dev.expect("DEFINITION_REFUSED")
    assert refused["file"] == os.path.join("workflows", "greeting.json")
    assert (refused["problems"][0]["line"], refused["problems"][0]["column"]) == (3, 14)
    assert greeting(conductor, dev) == "one"


def test_dev_takes_up_a_replaced_and_a_new_file(dev: Dev, tmp_path: Path) -> None:
    write(tmp_path, "nap.json", NAP).rename(tmp_path / "workflows" / "nap.json")
    assert dev.expect("DEFINITION_LOADED")["name"] == "Nap"


def test_dev_stops_on_ctrl_c(dev: Dev) -> None:
    assert dev.stop() == 0


def test_dev_tells_where_it_listens_and_what_to_do_next(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "conductor_local", "dev", "--port", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, env=clean_environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        shown = ""
        for line in process.stdout:
            shown += line
            if "Ctrl-C" in line:
                break
        process.send_signal(signal.SIGINT)
        shown += process.stdout.read()
    assert process.returncode == 0
    assert shown.endswith("Stopped.\n")
    for wanted in (
        "http://127.0.0.1:",
        "/docs",
        "conductor.db",
        "validateUserData",
        "conductor trigger sample-user-signup",
        "--url",
    ):
        assert wanted in shown


def test_a_taken_port_is_told_before_anything_is_made(conductor: Conductor, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = conductor("dev", "--port", str(port))
    assert outcome.code == 2
    assert f"Port {port} is in use" in outcome.err
    assert not (tmp_path / ".conductor").exists()


def test_serve_refuses_to_start_with_a_wrong_definition(conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path, "nap.json", {**NAP, "startAt": "nab"})
    outcome = conductor("serve", "--port", "0", "--definitions", "nap.json")
    assert outcome.code == 2
    assert outcome.err.startswith("nap.json:3:14: error ")


def test_a_wrong_setting_is_told_by_name(conductor: Conductor) -> None:
    outcome = conductor("dev", "--port", "70000")
    assert outcome.code == 2
    assert "--port is '70000'" in outcome.err
