"""State machines on the command line: a development server, the client commands, the demo. Real processes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor_local.cli.server_process import clean_environment

from .test_cli import Conductor, Dev, conductor, write
from .test_demo import demo

__all__ = ["conductor"]
pytestmark = pytest.mark.e2e

LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:"
ORDER = """\
StartAt: Charge
States:
  Charge:
    Type: Task
    Resource: ${ChargeArn}
    Retry: [{ErrorEquals: [CardBusy], IntervalSeconds: 1, MaxAttempts: 2}]
    Catch: [{ErrorEquals: [CardRefused], ResultPath: $.refusal, Next: Refused}]
    ResultPath: $.charged
    End: true
  Refused: {Type: Fail, Error: Refused, Cause: the card is refused}
"""
FUNCTIONS = """\
class CardBusy(Exception): pass
class CardRefused(Exception): pass


def charge(order, context):
    if order["amount"] < 0:
        raise CardRefused("no")
    return {"amount": order["amount"]}
"""


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Dev]:
    """A development server with a state machine in YAML."""
    (tmp_path / "workflows").mkdir()
    write(tmp_path / "workflows", "order.asl.yaml", ORDER)
    write(tmp_path, "functions.py", FUNCTIONS)
    places = ("--functions", "functions.py", "--definitions", "workflows", "--data", "conductor.db")
    dev = Dev(tmp_path, *places, "--substitute", f"ChargeArn={LAMBDA}charge")
    yield dev
    dev.stop()


def test_dev_runs_a_machine_of_a_yaml_file_by_the_name_of_the_file(dev: Dev, conductor: Conductor) -> None:
    done = conductor("trigger", "order", "-p", '{"amount": 5}', "--wait", "-o", "json", CONDUCTOR_URL=dev.url)
    assert done.json["currentPayload"] == {"amount": 5, "charged": {"amount": 5}}
    assert [(record["stepId"], record["functionName"]) for record in done.json["history"]] == [("Charge", "charge")]
    refused = conductor("trigger", "order", "-p", '{"amount": -5}', "--watch", CONDUCTOR_URL=dev.url)
    assert (refused.code, "the card is refused" in refused.out + refused.err) == (1, True)


def test_dev_reloads_a_changed_machine_filled_in_as_before(dev: Dev, conductor: Conductor, tmp_path: Path) -> None:
    write(tmp_path / "workflows", "order.asl.yaml", ORDER.replace("End: true", "Next: Done") + "  Done: {Type: Succeed}\n")
    assert dev.expect("DEFINITION_LOADED")["name"] == "order"
    shown = conductor("definitions", "show", "order", CONDUCTOR_URL=dev.url).out
    assert ["Charge", "Task", "charge", "Done"] in [line.split() for line in shown.splitlines()]


def test_dev_refuses_a_wrong_machine_with_its_place(dev: Dev, tmp_path: Path) -> None:
    write(tmp_path / "workflows", "order.asl.yaml", ORDER.replace("Type: Task", "Type: Tusk"))
    told = dev.expect("DEFINITION_REFUSED")
    assert (told["file"], told["problems"][0]["line"], told["problems"][0]["column"]) == ("workflows/order.asl.yaml", 4, 11)


def test_a_machine_is_created_read_changed_and_listed(dev: Dev, conductor: Conductor, tmp_path: Path) -> None:
    machine = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 0, "Next": "Done"}, "Done": {"Type": "Succeed"}}}
    write(tmp_path, "rest.asl.json", machine)
    created = conductor("definitions", "create", "rest.asl.json", "-o", "json", CONDUCTOR_URL=dev.url).json
    assert created == {"id": created["id"], "name": "rest", **machine}
    write(tmp_path, "comment.json", {"Comment": "Only rests"})
    assert conductor("definitions", "update", "rest", "comment.json", CONDUCTOR_URL=dev.url).code == 0
    row = next(line for line in conductor("definitions", "list", CONDUCTOR_URL=dev.url).out.splitlines() if "Only rests" in line)
    assert row.split()[1:] == ["rest", "2", "Only", "rests"]
    assert conductor("trigger", "rest", "--wait", CONDUCTOR_URL=dev.url).code == 0


def test_serve_does_not_start_with_a_name_unresolved(tmp_path: Path) -> None:
    write(tmp_path, "order.asl.yaml", ORDER)
    command = [sys.executable, "-m", "conductor_local", "serve", "--port", "0", "--definitions", "order.asl.yaml"]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "order.asl.yaml:5:15: error UNRESOLVED_SUBSTITUTION: nothing is given for ${ChargeArn}" in done.stderr


def test_the_demo_runs_the_signup_as_a_state_machine(tmp_path: Path) -> None:
    done = demo(tmp_path, "--asl")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("COMPLETED") == 1
    for text in ("User Signup Machine", "Validate User Input", "Log Analytics [Tell Everybody/1]", "makeExternalApiCall"):
        assert text in done.stdout
    assert "correct horse" not in done.stdout


def test_the_machine_of_the_demo_calls_the_five_functions(tmp_path: Path) -> None:
    (instance,) = json.loads(demo(tmp_path, "--asl", "-o", "json").stdout)
    called = [record["functionName"] for record in instance["history"] if record.get("functionName")]
    assert sorted(called) == ["createUserInDB", "logAnalytics", "makeExternalApiCall", "sendWelcomeEmail", "validateUserData"]
    assert instance["currentPayload"]["greeting"] == "Welcome, Ada Lovelace!"
