"""Executions over boto3: started once, watched, stopped, redriven, listed page by page; Express; tasks that wait for answers."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, REGION, served

ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "No", "Cause": "because"}}}
TOGETHER = 50
PATIENCE_S = 30.0
_names = (f"machine-{number}" for number in count(1))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("server")
    with served(port=0, data=str(folder / "conductor.db"), sample=False, time_scale=0.0) as address:
        yield address


@pytest.fixture
def sfn(url: str, connect: Callable[..., Any]) -> Any:
    return connect(url, inject_host_prefix=False, max_pool_connections=TOGETHER)


def create(sfn: Any, definition: dict[str, Any], **params: Any) -> str:
    made = sfn.create_state_machine(name=next(_names), definition=json.dumps(definition), roleArn=ROLE, **params)
    return str(made["stateMachineArn"])


def ended(sfn: Any, arn: str) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found: dict[str, Any] = sfn.describe_execution(executionArn=arn)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.01)
    raise AssertionError(f"{arn} has not ended")


def run(sfn: Any, definition: dict[str, Any], **params: Any) -> dict[str, Any]:
    return ended(sfn, sfn.start_execution(stateMachineArn=create(sfn, definition), **params)["executionArn"])


def refused(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refusal:
        call(**params)
    error = refusal.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_execution_is_described(sfn: Any) -> None:
    text = '{ "a" : 1.0, "b": "é" }'
    found = run(sfn, PASS, name="one", input=text, traceHeader="Root=1")
    machine = found["stateMachineArn"]
    assert machine.startswith(f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:")
    assert found["executionArn"] == machine.replace(":stateMachine:", ":execution:") + ":one"
    assert (found["name"], found["status"], found["input"], found["output"]) == ("one", "SUCCEEDED", text, text)
    assert (found["traceHeader"], found["redriveStatus"]) == ("Root=1", "NOT_REDRIVABLE")
    bare = sfn.describe_execution(executionArn=found["executionArn"], includedData="METADATA_ONLY")
    assert "input" not in bare
    assert bare["inputDetails"] == {"included": False}


def test_a_name_is_used_once(sfn: Any) -> None:
    machine = create(sfn, WAIT)
    first = sfn.start_execution(stateMachineArn=machine, name="n", input='{"a":1}')
    again = sfn.start_execution(stateMachineArn=machine, name="n", input='{"a":1}')
    assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
    assert refused(sfn.start_execution, stateMachineArn=machine, name="n", input='{"a":2}') == (
        "ExecutionAlreadyExists", f"Execution Already Exists: '{first['executionArn']}'",
    )  # fmt: skip
    sfn.stop_execution(executionArn=first["executionArn"])
    assert refused(sfn.start_execution, stateMachineArn=machine, name="n", input='{"a":1}')[0] == "ExecutionAlreadyExists"


def test_fifty_starts_of_one_name_are_one_execution(sfn: Any) -> None:
    machine = create(sfn, WAIT)
    with ThreadPoolExecutor(TOGETHER) as pool:
        started = list(pool.map(lambda _: sfn.start_execution(stateMachineArn=machine, name="n")["executionArn"], range(TOGETHER)))
    assert len(set(started)) == 1
    assert len(sfn.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_fifty_creations_of_one_name_are_one_machine(sfn: Any) -> None:
    name = next(_names)

    def made(number: int) -> str:
        try:
            definition = PASS if number % 2 else WAIT
            answer = sfn.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
            return f"{number % 2} {answer['stateMachineArn']} {answer['creationDate']}"
        except ClientError as error:
            return str(error.response["Error"]["Code"])

    with ThreadPoolExecutor(TOGETHER) as pool:
        answers = list(pool.map(made, range(TOGETHER)))
    assert len(set(answers)) == 2
    assert answers.count("StateMachineAlreadyExists") == TOGETHER // 2


@pytest.mark.parametrize(
    ("input", "message"),
    [
        ("", "Invalid execution input."),
        ("not json", "Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, Array, "
                     "Object or token 'null', 'true' or 'false')'"),
        ("{'a':1}", "Invalid State Machine Execution Input: 'Unexpected character (''' (code 39)): was expecting double-quote to "
                    "start field name'"),
    ],
)  # fmt: skip
def test_an_input_is_json(sfn: Any, input: str, message: str) -> None:
    assert refused(sfn.start_execution, stateMachineArn=create(sfn, PASS), input=input) == ("InvalidExecutionInput", message)


def test_what_is_not_there_is_named(sfn: Any) -> None:
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:nobody"
    execution = machine.replace(":stateMachine:", ":execution:") + ":x"
    assert refused(sfn.start_execution, stateMachineArn=machine) == (
        "StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine}'",
    )  # fmt: skip
    for call in (sfn.describe_execution, sfn.get_execution_history, sfn.stop_execution, sfn.redrive_execution, sfn.list_map_runs):
        assert refused(call, executionArn=execution) == ("ExecutionDoesNotExist", f"Execution Does Not Exist: '{execution}'")
    assert refused(sfn.list_executions, stateMachineArn=machine)[0] == "StateMachineDoesNotExist"
    assert refused(sfn.describe_execution, executionArn="nonsense") == (
        "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nonsense'",
    )  # fmt: skip
    assert refused(sfn.list_executions)[0] == "ValidationException"
    run_arn = f"arn:aws:states:{REGION}:{ACCOUNT}:mapRun:nobody/label:00000000-0000-4000-8000-000000000000"
    for call in (sfn.describe_map_run, sfn.update_map_run):
        assert refused(call, mapRunArn=run_arn)[0] == "ResourceNotFound"


def test_a_history_is_paged_in_both_directions(sfn: Any) -> None:
    states = {f"S{number}": {"Type": "Pass", "Next": f"S{number + 1}"} for number in range(20)}
    arn = run(sfn, {"StartAt": "S0", "States": {**states, "S20": {"Type": "Pass", "End": True}}})["executionArn"]
    pages = sfn.get_paginator("get_execution_history")

    def ids(**params: Any) -> list[int]:
        found = pages.paginate(executionArn=arn, PaginationConfig={"PageSize": 7}, **params)
        return [event["id"] for page in found for event in page["events"]]

    assert ids() == list(range(1, 45))
    assert ids(reverseOrder=True) == list(range(44, 0, -1))
    assert refused(sfn.get_execution_history, executionArn=arn, nextToken="x") == ("InvalidToken", "Invalid Token: 'Invalid token'")
    bare = sfn.get_execution_history(executionArn=arn, includeExecutionData=False, maxResults=2)["events"]
    assert "input" not in bare[1]["stateEnteredEventDetails"]


def test_executions_are_listed_by_status_newest_first(sfn: Any) -> None:
    machine = create(sfn, WAIT)
    started = [sfn.start_execution(stateMachineArn=machine, name=f"n{number}")["executionArn"] for number in range(5)]
    for arn in started[:2]:
        sfn.stop_execution(executionArn=arn, error="E", cause="C")
    pages = sfn.get_paginator("list_executions").paginate(stateMachineArn=machine, PaginationConfig={"PageSize": 2})
    assert [each["name"] for page in pages for each in page["executions"]] == ["n4", "n3", "n2", "n1", "n0"]
    aborted = sfn.list_executions(stateMachineArn=machine, statusFilter="ABORTED")["executions"]
    assert [each["name"] for each in aborted] == ["n1", "n0"]
    assert sfn.list_executions(stateMachineArn=machine, redriveFilter="REDRIVEN")["executions"] == []


def test_a_stopped_execution_says_why_and_stays_stopped(sfn: Any) -> None:
    arn = sfn.start_execution(stateMachineArn=create(sfn, WAIT))["executionArn"]
    first = sfn.stop_execution(executionArn=arn, error="E", cause="C")
    assert sfn.stop_execution(executionArn=arn)["stopDate"] == first["stopDate"]
    found = sfn.describe_execution(executionArn=arn)
    assert (found["status"], found["error"], found["cause"], found["redriveStatus"]) == ("ABORTED", "E", "C", "REDRIVABLE")


def test_a_failed_execution_is_redriven_once_a_token(sfn: Any) -> None:
    arn = run(sfn, FAIL)["executionArn"]
    first = sfn.redrive_execution(executionArn=arn, clientToken="t")
    assert ended(sfn, arn)["redriveCount"] == 1
    assert sfn.redrive_execution(executionArn=arn, clientToken="t")["redriveDate"] == first["redriveDate"]
    assert sfn.describe_execution(executionArn=arn)["redriveCount"] == 1
    sfn.redrive_execution(executionArn=arn)
    assert ended(sfn, arn)["redriveCount"] == 2
    done = run(sfn, PASS)["executionArn"]
    assert refused(sfn.redrive_execution, executionArn=done) == (
        "ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven",
    )  # fmt: skip


def test_express_is_waited_for(sfn: Any) -> None:
    machine = create(sfn, PASS, type="EXPRESS")
    found = sfn.start_sync_execution(stateMachineArn=machine, name="same", input='{"a":1}')
    assert (found["status"], found["output"], found["stateMachineArn"]) == ("SUCCEEDED", '{"a":1}', machine)
    assert found["executionArn"].startswith(machine.replace(":stateMachine:", ":express:") + ":same:")
    assert found["billingDetails"] == {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100}
    again = sfn.start_sync_execution(stateMachineArn=machine, name="same")
    assert again["executionArn"] != found["executionArn"]
    failed = sfn.start_sync_execution(stateMachineArn=create(sfn, FAIL, type="EXPRESS"))
    assert (failed["status"], failed["error"], failed["cause"]) == ("FAILED", "No", "because")
    code, text = refused(sfn.describe_execution, executionArn=found["executionArn"])
    assert (code, text) == ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
    assert refused(sfn.list_executions, stateMachineArn=machine)[0] == "StateMachineTypeNotSupported"
    assert refused(sfn.start_sync_execution, stateMachineArn=create(sfn, PASS))[0] == "StateMachineTypeNotSupported"


def test_an_express_start_returns_at_once_and_names_repeat(sfn: Any) -> None:
    machine = create(sfn, WAIT, type="EXPRESS")
    arns = {sfn.start_execution(stateMachineArn=machine, name="same")["executionArn"] for _ in range(3)}
    assert len(arns) == 3


def test_an_activity_hands_out_work_and_takes_answers(sfn: Any) -> None:
    activity = sfn.create_activity(name=next(_names))["activityArn"]
    states = {"T": {"Type": "Task", "Resource": activity, "HeartbeatSeconds": 60, "TimeoutSeconds": 90, "End": True}}
    machine = create(sfn, {"StartAt": "T", "States": states})
    arn = sfn.start_execution(stateMachineArn=machine, input='{"n":1}')["executionArn"]
    task = sfn.get_activity_task(activityArn=activity, workerName="me")
    assert json.loads(task["input"]) == {"n": 1}
    sfn.send_task_heartbeat(taskToken=task["taskToken"])
    assert refused(sfn.send_task_success, taskToken=task["taskToken"], output="nonsense")[0] == "InvalidOutput"
    sfn.send_task_success(taskToken=task["taskToken"], output='{"done":true}')
    assert ended(sfn, arn)["output"] == '{"done":true}'
    assert refused(sfn.send_task_success, taskToken=task["taskToken"], output="{}")[0] == "TaskTimedOut"
    assert refused(sfn.send_task_failure, taskToken="nonsense") == ("InvalidToken", "Invalid Token: 'Invalid token'")
    missing = activity + "-missing"
    assert refused(sfn.get_activity_task, activityArn=missing) == (
        "ActivityDoesNotExist", f"Activity Does Not Exist: '{missing}'",
    )  # fmt: skip


def test_a_distributed_map_is_described_and_its_children_listed(sfn: Any) -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **PASS}
    states = {"M": {"Type": "Map", "Label": "lab", "ItemProcessor": processor, "MaxConcurrency": 2, "End": True}}
    found = run(sfn, {"StartAt": "M", "States": states}, input="[1,2,3]")
    assert found["status"] == "SUCCEEDED", found
    (listed,) = sfn.list_map_runs(executionArn=found["executionArn"])["mapRuns"]
    assert listed["stateMachineArn"] == found["stateMachineArn"] + "/lab"
    told = sfn.describe_map_run(mapRunArn=listed["mapRunArn"])
    assert (told["status"], told["executionArn"], told["maxConcurrency"]) == ("SUCCEEDED", found["executionArn"], 2)
    assert (told["itemCounts"]["succeeded"], told["executionCounts"]["total"]) == (3, 3)
    children = sfn.list_executions(mapRunArn=listed["mapRunArn"])["executions"]
    assert [child["itemCount"] for child in children] == [1, 1, 1]
    child = sfn.describe_execution(executionArn=children[1]["executionArn"])
    assert (child["input"], child["mapRunArn"], child["stateMachineArn"]) == ("2", listed["mapRunArn"], listed["stateMachineArn"])
    history = sfn.get_execution_history(executionArn=children[0]["executionArn"])["events"]
    assert history[0]["type"] == "ExecutionStarted"
    assert refused(sfn.update_map_run, mapRunArn=listed["mapRunArn"], maxConcurrency=5)[0] == "ValidationException"
    machine = sfn.describe_state_machine_for_execution(executionArn=children[0]["executionArn"])
    assert (machine["label"], machine["mapRunArn"]) == ("lab", listed["mapRunArn"])


def test_another_region_is_another_world(url: str, connect: Callable[..., Any]) -> None:
    name = next(_names)
    with ExitStack():
        here, there = (connect(url, region=region) for region in (REGION, "eu-west-1"))
        arns = []
        for client, definition in ((here, PASS), (there, FAIL)):
            arns.append(client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"])
        assert [arn.split(":")[3] for arn in arns] == [REGION, "eu-west-1"]
        for client, arn, status in ((here, arns[0], "SUCCEEDED"), (there, arns[1], "FAILED")):
            found = ended(client, client.start_execution(stateMachineArn=arn)["executionArn"])
            assert (found["status"], found["stateMachineArn"]) == (status, arn)
            assert arn in [machine["stateMachineArn"] for machine in client.list_state_machines()["stateMachines"]]
        names = [machine["stateMachineArn"] for machine in there.list_state_machines()["stateMachines"]]
        assert arns[0] not in names


def test_a_workflow_that_rest_defined_is_a_machine_whatever_its_name(url: str, connect: Callable[..., Any]) -> None:
    home = connect(url, key="000000000000")
    name = f"Sign Up {next(_names)}"
    defined = httpx.post(f"{url}/workflows/definitions", json={"name": name, **PASS}).json()
    machine = f"arn:aws:states:{REGION}:000000000000:stateMachine:{defined['id']}"
    assert machine in [each["stateMachineArn"] for each in home.list_state_machines()["stateMachines"]]
    started = home.start_execution(stateMachineArn=machine, name="n", input='{"a":1}')
    found = ended(home, started["executionArn"])
    assert (found["stateMachineArn"], found["output"]) == (machine, '{"a":1}')
    instance = httpx.post(f"{url}/workflows/{defined['id']}/trigger", json={"payload": {}}).json()["instanceId"]
    arns = [each["executionArn"] for each in home.list_executions(stateMachineArn=machine)["executions"]]
    assert arns[0].endswith(f":{instance}")
    assert ended(home, arns[0])["status"] == "SUCCEEDED"
