"""Express executions: at most once, five minutes at most, and what may not be in them."""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from .conftest import Server
from .stand_in import GROUP_ARN, until
from .test_aws_logs import read

Connect = Callable[..., Any]
ROLE = "arn:aws:iam::000000000000:role/any"
FUNCTIONS = '''
import time
from pathlib import Path
from conductor_local.functions import function

@function
def note(event):
    """Note the call, and take the time that the event says."""
    with Path(event["file"]).open("a") as file:
        file.write(event["who"] + "\\n")
    time.sleep(event.get("s", 0))
    return event["who"]
'''
NOTE = "arn:aws:lambda:us-east-1:111111111111:function:note"
LOGGING = {
    "level": "ALL", "includeExecutionData": True,
    "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP_ARN}}],
}  # fmt: skip


def machine(client: Any, *states: dict[str, Any], name: str, kind: str = "EXPRESS") -> str:
    """Create a machine of states that follow each other; returns its ARN."""
    names = [f"S{number}" for number in range(len(states))]
    following = [{"Next": name} for name in names[1:]] + [{"End": True}]
    placed = {name: {**state, **then} for name, state, then in zip(names, states, following, strict=True)}
    definition = json.dumps({"StartAt": names[0], "States": placed})
    made = client.create_state_machine(name=name, definition=definition, roleArn=ROLE, type=kind, loggingConfiguration=LOGGING)
    return str(made["stateMachineArn"])


def started_in_a_thread(client: Any, **given: Any) -> list[Any]:
    """Start a synchronous execution that nobody waits for here; its answer or error will be in the list."""
    answers: list[Any] = []

    def call() -> None:
        try:
            answers.append(client.start_sync_execution(**given))
        except (BotoCoreError, ClientError) as error:
            answers.append(error)

    threading.Thread(target=call, daemon=True).start()
    return answers


def test_an_express_execution_that_was_under_way_when_the_server_died_fails_and_a_standard_one_goes_on(
    mortal: Server, connect: Connect, tmp_path: Path
) -> None:
    functions, calls = tmp_path / "functions.py", tmp_path / "calls"
    functions.write_text(FUNCTIONS)
    calls.touch()
    client = connect(mortal.start(functions=[str(functions)]), inject_host_prefix=False, read_timeout=60)
    task, after = {"Type": "Task", "Resource": NOTE}, {"Type": "Pass"}
    express, standard = machine(client, task, after, name="express"), machine(client, task, after, name="standard", kind="STANDARD")
    sync = started_in_a_thread(client, stateMachineArn=express, input=json.dumps({"who": "sync", "file": str(calls), "s": 3}))
    asynchronous = client.start_execution(
        stateMachineArn=express, name="async", input=json.dumps({"who": "async", "file": str(calls), "s": 3})
    )["executionArn"]
    kept = client.start_execution(
        stateMachineArn=standard, input=json.dumps({"who": "standard", "file": str(calls), "s": 3})
    )["executionArn"]  # fmt: skip
    until(lambda: sorted(calls.read_text().split()) == ["async", "standard", "sync"])
    mortal.kill()
    assert isinstance(until(lambda: sync)[0], Exception), "the caller of a synchronous execution hears that the server is gone"

    url = mortal.start()
    again = connect(url, inject_host_prefix=False)
    until(lambda: again.describe_execution(executionArn=kept)["status"] == "SUCCEEDED")
    records = until(lambda: len(found := read(url, "express", "--level", "FATAL")) == 2 and found)
    assert {each["type"] for each in records} == {"ExecutionFailed"}
    assert asynchronous in {each["execution_arn"] for each in records}
    for each in records:
        assert each["details"]["error"] == "States.Runtime"
        assert "runs at most once" in each["details"]["cause"]
    assert sorted(calls.read_text().split()) == ["async", "standard", "standard", "sync"]


def test_an_express_execution_that_waited_when_the_server_died_does_not_go_on(
    mortal: Server, connect: Connect, tmp_path: Path
) -> None:
    functions, calls = tmp_path / "functions.py", tmp_path / "calls"
    functions.write_text(FUNCTIONS)
    calls.touch()
    client = connect(mortal.start(functions=[str(functions)]))
    made = machine(client, {"Type": "Wait", "Seconds": 2}, {"Type": "Task", "Resource": NOTE}, name="waits")
    client.start_execution(stateMachineArn=made, input=json.dumps({"who": "late", "file": str(calls)}))
    until(lambda: "WaitStateEntered" in {each["type"] for each in read(mortal_url(client))})
    mortal.kill()
    url = mortal.start()
    until(lambda: read(url, "--level", "FATAL"))
    assert calls.read_text() == ""
    fresh = connect(url, inject_host_prefix=False)
    done = fresh.start_sync_execution(stateMachineArn=made, input=json.dumps({"who": "new", "file": str(calls)}))
    assert (done["status"], calls.read_text()) == ("SUCCEEDED", "new\n")


def mortal_url(client: Any) -> str:
    """Return where a client calls."""
    return str(client.meta.endpoint_url)


def test_a_synchronous_execution_that_runs_out_of_time_says_so_and_what_it_costs(mortal: Server, connect: Connect) -> None:
    client = connect(mortal.start(), inject_host_prefix=False)
    definition = {"StartAt": "W", "TimeoutSeconds": 1, "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}}
    made = client.create_state_machine(name="late", definition=json.dumps(definition), roleArn=ROLE, type="EXPRESS")
    began = time.monotonic()
    answer = client.start_sync_execution(stateMachineArn=made["stateMachineArn"])
    assert time.monotonic() - began < 10
    assert (answer["status"], answer["outputDetails"], "output" in answer) == ("TIMED_OUT", {"included": True}, False)
    assert answer["billingDetails"]["billedMemoryUsedInMB"] == 64
    assert answer["billingDetails"]["billedDurationInMilliseconds"] in range(1000, 3001, 100)


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", ".waitForTaskToken"),
        ("arn:aws:states:::states:startExecution.sync:2", ".sync"),
        ("arn:aws:states:us-east-1:111111111111:activity:any", "Activity ARN"),
    ],
)
def test_what_waits_for_others_is_refused_in_express(mortal: Server, connect: Connect, resource: str, reason: str) -> None:
    client = connect(mortal.start())
    state = {"Type": "Task", "Resource": resource, "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}, "End": True}
    definition = json.dumps({"StartAt": "T", "States": {"T": state}})
    with pytest.raises(ClientError) as refusal:
        client.create_state_machine(name="no", definition=definition, roleArn=ROLE, type="EXPRESS")
    assert refusal.value.response["Error"]["Code"] == "InvalidDefinition"
    assert "Express state machine does not support" in str(refusal.value)
    assert reason in str(refusal.value)


def test_express_executions_have_no_history_and_cannot_be_described_or_listed(mortal: Server, connect: Connect) -> None:
    client = connect(mortal.start())
    made = machine(client, {"Type": "Pass"}, name="quick")
    arn = client.start_execution(stateMachineArn=made)["executionArn"]
    for call in (client.get_execution_history, client.describe_execution, client.stop_execution, client.redrive_execution):
        with pytest.raises(ClientError) as refusal:
            call(executionArn=arn)
        assert refusal.value.response["Error"]["Code"] == "InvalidArn"
    with pytest.raises(ClientError) as refusal:
        client.list_executions(stateMachineArn=made)
    assert refusal.value.response["Error"]["Code"] == "StateMachineTypeNotSupported"
