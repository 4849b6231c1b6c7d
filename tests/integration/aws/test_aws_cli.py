"""The real AWS CLI does the whole life of things here, told by `conductor env` where the server is; `conductor aws` runs it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from .conftest import served

Json = Any
BIN = Path(sys.executable).parent
ARN = "arn:aws:states:eu-west-1:000000000000"
ROLE = "arn:aws:iam::000000000000:role/any"
PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = str(tmp_path_factory.mktemp("server") / "conductor.db")
    with served(port=0, data=data, sample=False, time_scale=0.0, region="eu-west-1") as address:
        yield address


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without a word about AWS but the region, in a home without files."""
    home = tmp_path_factory.mktemp("home")
    return {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(home), "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture(scope="module")
def told(url: str, bare: Mapping[str, str]) -> dict[str, str]:
    """What `conductor env` says, in the environment of whoever asked."""
    printed = run(["conductor", "env", "--url", url, "-o", "json"], bare).stdout
    return {**bare, **json.loads(printed)}


def run(command: list[str], environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]], env=environ, cwd=environ["HOME"], capture_output=True, text=True, check=False
    )


class Cli:
    """`aws stepfunctions`: `cli("describe-execution", execution_arn=…)` gives the answer."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self, command: str, *flags: str, **options: str) -> Json:
        given = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        done = run(["aws", "stepfunctions", command, *flags, *given, "--output", "json"], self._environ)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else {}


@pytest.fixture(scope="module")
def cli(told: Mapping[str, str]) -> Cli:
    return Cli(told)


def ended(cli: Cli, arn: str) -> Json:
    until = time.monotonic() + PATIENCE_S
    while (found := cli("describe-execution", execution_arn=arn))["status"] == "RUNNING":
        assert time.monotonic() < until, f"{arn} has not ended"
    return found


def test_a_machine_its_versions_aliases_executions_and_tags(cli: Cli) -> None:
    machine = f"{ARN}:stateMachine:life"
    made = cli("create-state-machine", "--publish", name="life", definition=PASS, role_arn=ROLE, tags="key=team,value=a")
    assert (made["stateMachineArn"], made["stateMachineVersionArn"]) == (machine, f"{machine}:1")

    slow = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}})
    assert (
        cli("update-state-machine", "--publish", state_machine_arn=machine, definition=slow)["stateMachineVersionArn"][-2:] == ":2"
    )
    assert json.loads(cli("describe-state-machine", state_machine_arn=f"{machine}:1")["definition"]) == json.loads(PASS)
    assert len(cli("list-state-machine-versions", state_machine_arn=machine)["stateMachineVersions"]) == 2

    route = f"stateMachineVersionArn={machine}:1,weight=100"
    alias = cli("create-state-machine-alias", name="live", routing_configuration=route)["stateMachineAliasArn"]
    started = cli("start-execution", state_machine_arn=alias, name="first", input='{"n": 1}')["executionArn"]
    found = ended(cli, started)
    assert (found["status"], found["stateMachineAliasArn"], found["output"]) == ("SUCCEEDED", alias, '{"n": 1}')
    cli("update-state-machine-alias", state_machine_alias_arn=alias, description="the one in use")
    assert cli("describe-state-machine-alias", state_machine_alias_arn=alias)["description"] == "the one in use"

    waiting = cli("start-execution", state_machine_arn=machine, name="second")["executionArn"]
    cli("stop-execution", execution_arn=waiting, error="Enough", cause="seen it")
    assert (ended(cli, waiting)["error"], ended(cli, waiting)["cause"]) == ("Enough", "seen it")
    cli("redrive-execution", execution_arn=waiting)
    assert cli("describe-execution", execution_arn=waiting)["redriveCount"] == 1
    # The CLI pages by itself.
    assert len(cli("list-executions", state_machine_arn=machine, page_size="1")["executions"]) == 2
    kinds = [event["type"] for event in cli("get-execution-history", execution_arn=started, page_size="2")["events"]]
    assert kinds == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]

    cli("tag-resource", resource_arn=machine, tags="key=cost,value=low")
    cli("untag-resource", resource_arn=machine, tag_keys="team")
    assert cli("list-tags-for-resource", resource_arn=machine)["tags"] == [{"key": "cost", "value": "low"}]

    cli("delete-state-machine-alias", state_machine_alias_arn=alias)
    cli("delete-state-machine-version", state_machine_version_arn=f"{machine}:1")
    cli("delete-state-machine", state_machine_arn=machine)
    assert machine not in [one["stateMachineArn"] for one in cli("list-state-machines")["stateMachines"]]


def test_an_activity_and_its_worker(cli: Cli) -> None:
    activity = cli("create-activity", name="pack")["activityArn"]
    task = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}}
    machine = cli("create-state-machine", name="packing", definition=json.dumps(task), role_arn=ROLE)["stateMachineArn"]
    execution = cli("start-execution", state_machine_arn=machine, input='{"box": 7}')["executionArn"]
    work = cli("get-activity-task", activity_arn=activity, worker_name="cli")
    assert work["input"] == '{"box": 7}'
    cli("send-task-heartbeat", task_token=work["taskToken"])
    cli("send-task-success", task_token=work["taskToken"], task_output='{"packed": true}')
    assert json.loads(ended(cli, execution)["output"]) == {"packed": True}
    assert [one["name"] for one in cli("list-activities")["activities"]] == ["pack"]
    cli("delete-activity", activity_arn=activity)
    assert cli("list-activities")["activities"] == []


def try_both_sync_calls(cli: Cli, name: str) -> None:
    """The two operations whose host AWS's tools give a prefix."""
    machine = cli("create-state-machine", name=name, definition=PASS, role_arn=ROLE, type="EXPRESS")["stateMachineArn"]
    answer = cli("start-sync-execution", state_machine_arn=machine, input='{"n": 1}')
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"n": 1}')
    state = json.dumps({"Type": "Pass", "Result": 5, "End": True})
    assert cli("test-state", definition=state, role_arn=ROLE)["output"] == "5"


def test_synchronous_calls_with_the_prefix_switched_off(cli: Cli) -> None:
    try_both_sync_calls(cli, "express-1")


def test_synchronous_calls_with_the_server_for_a_proxy(told: Mapping[str, str], url: str) -> None:
    environ = {name: value for name, value in told.items() if name != "AWS_DISABLE_HOST_PREFIX_INJECTION"}
    try_both_sync_calls(Cli({**environ, "HTTP_PROXY": url}), "express-2")


# --- conductor env, conductor aws ------------------------------------------------------------------------------------------------


def test_a_shell_that_takes_what_env_prints_can_run_aws(url: str, bare: Mapping[str, str]) -> None:
    script = 'eval "$(conductor env)" && aws stepfunctions list-activities --output json'
    done = subprocess.run(
        ["sh", "-c", script], env={**bare, "CONDUCTOR_URL": url}, cwd=bare["HOME"], capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout)["activities"] == [], done.stderr


def test_conductor_aws_runs_the_command_line_and_ends_as_it_does(url: str, bare: Mapping[str, str]) -> None:
    done = run(["conductor", "aws", "--url", url, "--region", "eu-west-1", "stepfunctions", "list-activities"], bare)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"activities": []})
    missing = ["stepfunctions", "describe-activity", "--activity-arn", f"{ARN}:activity:none"]
    refused, alone = run(["conductor", "aws", "--url", url, *missing], bare), run(["aws", *missing], {**bare, **_told(url, bare)})
    assert (refused.returncode, refused.stderr) == (alone.returncode, alone.stderr)
    assert "ActivityDoesNotExist" in refused.stderr


def _told(url: str, bare: Mapping[str, str]) -> dict[str, str]:
    return dict(json.loads(run(["conductor", "env", "--url", url, "-o", "json"], bare).stdout))
