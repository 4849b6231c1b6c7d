"""Logs and status changes of executions: at moto's server, and read back with the CLI. Nothing is lost by anybody's death."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .conftest import Server
from .stand_in import GROUP, GROUP_ARN, StandIn, until

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
Connect = Callable[..., Any]
ROLE = "arn:aws:iam::000000000000:role/any"
PASS = {"StartAt": "Greet", "States": {"Greet": {"Type": "Pass", "Result": {"n": 1}, "End": True}}}
FAIL = {"StartAt": "Give up", "States": {"Give up": {"Type": "Fail", "Error": "Over", "Cause": "for good"}}}


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.client("logs").create_log_group(logGroupName=GROUP)
    yield stand_in
    stand_in.leave()


def machine(client: Any, definition: dict[str, Any], *, kind: str = "STANDARD", name: str = "orders", **logging: Any) -> str:
    """Create a machine that logs; returns its ARN."""
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": logging.pop("group", GROUP_ARN)}}
    configuration = {"level": "ALL", "includeExecutionData": True, "destinations": [destination], **logging}
    return str(
        client.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind, loggingConfiguration=configuration
        )["stateMachineArn"]
    )


def run(client: Any, arn: str, **given: Any) -> str:
    """Start an execution; returns its ARN."""
    return str(client.start_execution(stateMachineArn=arn, **given)["executionArn"])


def read(url: str, *options: str) -> list[dict[str, Any]]:
    """Return what `conductor logs` shows."""
    command = [sys.executable, "-m", "conductor_local", "logs", "--url", url, "-o", "json", *options]
    return list(json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout))


def types(records: list[dict[str, Any]]) -> list[str]:
    return [record["type"] for record in records]


def test_every_event_is_a_record_in_the_log_group_and_in_the_local_log(mortal: Server, connect: Connect, stand_in: StandIn) -> None:
    url = mortal.start(aws_endpoints=[f"logs={stand_in.url}"])
    client = connect(url)
    arn = run(client, machine(client, PASS), input='{"who": "Ada"}')
    records = until(lambda: len(found := stand_in.logged()) == 4 and found)
    assert types(records) == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert records[2] == {
        "id": "3", "type": "PassStateExited",
        "details": {"name": "Greet", "output": '{"n":1}', "outputDetails": {"truncated": False}},
        "previous_event_id": "2", "event_timestamp": records[2]["event_timestamp"], "execution_arn": arn, "redrive_count": "0",
    }  # fmt: skip
    assert records[0]["details"] == {"input": '{"who": "Ada"}', "inputDetails": {"truncated": False}, "roleArn": ROLE}
    assert read(url) == records
    assert read(url, "--execution", arn, "--since", "2999-01-01T00:00:00Z") == []
    (stream,) = stand_in.client("logs").describe_log_streams(logGroupName=GROUP)["logStreams"]
    assert stream["logStreamName"].split("/")[:2] == ["states", "orders"]


def test_the_level_and_the_payloads_are_as_configured(mortal: Server, connect: Connect, stand_in: StandIn) -> None:
    url = mortal.start(aws_endpoints=[stand_in.url])
    client = connect(url)
    silent = machine(client, FAIL, name="silent", level="OFF", destinations=[])
    for level in ("ERROR", "FATAL"):
        run(client, machine(client, FAIL, name=level, level=level, includeExecutionData=False))
    run(client, silent)
    records = until(lambda: len(found := stand_in.logged()) == 3 and found)
    by_machine = {name: [each for each in records if f":{name}:" in each["execution_arn"]] for name in ("ERROR", "FATAL")}
    assert types(by_machine["ERROR"]) == ["FailStateEntered", "ExecutionFailed"]
    assert types(by_machine["FATAL"]) == ["ExecutionFailed"]
    assert [each["details"] for each in by_machine["ERROR"]] == [{"name": "Give up"}, {"error": "Over", "cause": "for good"}]
    assert read(url, "FATAL") == by_machine["FATAL"]
    assert types(read(url, "--level", "FATAL")) == ["ExecutionFailed"] * 2


@pytest.mark.parametrize("is_sync", [False, True])
def test_an_express_execution_is_logged_under_its_own_arn(
    mortal: Server, connect: Connect, stand_in: StandIn, is_sync: bool
) -> None:
    client = connect(mortal.start(aws_endpoints=[stand_in.url]), inject_host_prefix=False)
    made = machine(client, PASS, kind="EXPRESS")
    start = client.start_sync_execution if is_sync else client.start_execution
    arn = start(stateMachineArn=made, name="one")["executionArn"]
    records = until(lambda: len(found := stand_in.logged()) == 4 and found)
    assert {each["execution_arn"] for each in records} == {arn}
    assert ":express:orders:one:" in arn


def test_what_is_logged_while_the_endpoint_is_away_arrives_later_though_the_server_is_killed(
    mortal: Server, connect: Connect, stand_in: StandIn
) -> None:
    changes = stand_in.watch_changes()
    client = connect(mortal.start(aws_endpoints=[stand_in.url]))
    made = machine(client, PASS)
    arns = [run(client, made)]
    until(lambda: len(stand_in.logged()) == 4)
    stand_in.leave()
    arns += [run(client, made, input=json.dumps({"n": n})) for n in range(5)]
    until(lambda: client.describe_execution(executionArn=arns[-1])["status"] == "SUCCEEDED")
    mortal.kill()
    mortal.start()
    stand_in.arrive()
    until(lambda: {each["execution_arn"] for each in stand_in.logged() if each["type"] == "ExecutionSucceeded"} == set(arns))
    for arn in arns:
        told = [each for each in stand_in.logged() if each["execution_arn"] == arn]
        assert sorted({each["id"] for each in told}) == ["1", "2", "3", "4"]
    wanted = {(arn, status) for arn in arns for status in ("RUNNING", "SUCCEEDED")}
    until(lambda: {(each["detail"]["executionArn"], each["detail"]["status"]) for each in changes()} == wanted)


def test_a_log_group_that_is_not_there_keeps_nothing_from_running_or_being_told(
    mortal: Server, connect: Connect, stand_in: StandIn
) -> None:
    url = mortal.start(aws_endpoints=[stand_in.url])
    client = connect(url)
    lost = machine(client, PASS, name="lost", group=GROUP_ARN.replace(GROUP, "/nobody/made/this"))
    run(client, lost)
    run(client, machine(client, PASS))
    assert len(until(lambda: len(found := stand_in.logged()) == 4 and found)) == 4
    assert len(read(url, "lost")) == 4


def test_a_change_of_status_is_an_event_of_the_bus(mortal: Server, connect: Connect, stand_in: StandIn) -> None:
    changes = stand_in.watch_changes()
    client = connect(mortal.start(aws_endpoints=[f"events={stand_in.url}"]), inject_host_prefix=False)
    made = machine(client, FAIL)
    arn = run(client, made, name="one", input='{"a": 1}')
    client.start_sync_execution(stateMachineArn=machine(client, PASS, kind="EXPRESS", name="express"))
    until(lambda: len(changes()) == 2)
    client.redrive_execution(executionArn=arn)
    found = until(lambda: len(found := changes()) == 4 and found)
    assert [(each["detail"]["status"], each["detail"]["redriveCount"]) for each in found] == [
        ("RUNNING", 0), ("FAILED", 0), ("RUNNING", 1), ("FAILED", 1),
    ]  # fmt: skip
    assert (found[1]["source"], found[1]["detail-type"]) == ("aws.states", "Step Functions Execution Status Change")
    assert found[1]["resources"] == [arn]
    described = client.describe_execution(executionArn=arn)
    detail = found[1]["detail"]
    assert detail.pop("stopDate") >= detail["startDate"]
    assert detail == {
        "executionArn": arn, "stateMachineArn": made, "name": "one", "status": "FAILED",
        "startDate": int(described["startDate"].timestamp() * 1000), "input": '{"a": 1}', "inputDetails": {"included": True},
        "output": None, "outputDetails": None, "stateMachineVersionArn": None, "stateMachineAliasArn": None,
        "error": "Over", "cause": "for good", "redriveCount": 0, "redriveDate": None, "redriveStatus": "REDRIVABLE",
        "redriveStatusReason": None,
    }  # fmt: skip


def test_a_running_log_is_followed(mortal: Server, connect: Connect) -> None:
    url = mortal.start()
    client = connect(url)
    made = machine(client, PASS)
    command = [sys.executable, "-m", "conductor_local", "logs", "orders", "--follow", "-o", "json", "--url", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        try:
            assert reader.stdout is not None
            started = set()
            first = None
            while first is None:  # a stream begins when the server has it: run until something is seen
                started.add(run(client, made))
                first = _line(reader.stdout)
            assert first["execution_arn"] in started
        finally:
            reader.terminate()


def _line(stream: Any) -> dict[str, Any] | None:
    import select

    ready, _, _ = select.select([stream], [], [], 0.5)
    return dict(json.loads(stream.readline())) if ready else None


def test_without_an_endpoint_the_local_log_has_everything_also_after_a_kill(mortal: Server, connect: Connect) -> None:
    client = connect(mortal.start())
    made = machine(client, PASS)
    arn = run(client, made)
    until(lambda: client.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
    client.delete_state_machine(stateMachineArn=made)
    mortal.kill()
    assert types(read(mortal.start(), "--execution", arn)) == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
