"""What AWS's API acknowledged is there after SIGKILL: machines and all that belongs to them, tokens, map runs, histories."""

import json
from collections.abc import Callable
from typing import Any

from .conftest import Server
from .stand_in import until

Connect = Callable[..., Any]
ROLE = "arn:aws:iam::000000000000:role/any"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
AFTER = {"Type": "Pass", "Parameters": {"got.$": "$"}, "End": True}
TAGS = [{"key": "team", "value": "core"}]


def create(client: Any, name: str, definition: dict[str, Any], **given: Any) -> str:
    """Create a machine; returns its ARN."""
    return str(client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE, **given)["stateMachineArn"])


def answer(given: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what is of the transport."""
    return {name: value for name, value in given.items() if name != "ResponseMetadata"}


def pages(client: Any, operation: str, **given: Any) -> list[Any]:
    """Return the answers of all pages of a reading operation."""
    return [answer(page) for page in client.get_paginator(operation).paginate(**given)]


def configured(client: Any) -> Callable[[Any], list[Any]]:
    """Make a machine with revisions, versions, an alias, tags and an activity; returns what reads all of it."""
    arn = create(client, "kept", PASS, tags=TAGS, publish=True, versionDescription="first")
    client.update_state_machine(stateMachineArn=arn, definition=json.dumps({**PASS, "Comment": "second"}), publish=True)
    first, second = f"{arn}:1", f"{arn}:2"
    routes = [{"stateMachineVersionArn": first, "weight": 10}, {"stateMachineVersionArn": second, "weight": 90}]
    alias = client.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    activity = client.create_activity(name="clerk", tags=TAGS)["activityArn"]

    def read(reader: Any) -> list[Any]:
        return [
            *(answer(reader.describe_state_machine(stateMachineArn=each)) for each in (arn, first, second)),
            answer(reader.describe_state_machine_alias(stateMachineAliasArn=alias)),
            answer(reader.describe_activity(activityArn=activity)),
            *(answer(reader.list_tags_for_resource(resourceArn=each)) for each in (arn, activity)),
            answer(reader.list_state_machine_versions(stateMachineArn=arn)),
            answer(reader.list_state_machine_aliases(stateMachineArn=arn)),
            *pages(reader, "list_state_machines"),
            *pages(reader, "list_activities"),
        ]

    return read


def test_machines_and_all_that_belongs_to_them_are_there_after_a_kill(mortal: Server, connect: Connect) -> None:
    client = connect(mortal.start())
    read = configured(client)
    before = read(client)
    mortal.kill()
    assert read(connect(mortal.start())) == before


def test_tokens_stay_valid_and_executions_go_on_after_a_kill(mortal: Server, connect: Connect) -> None:
    client = connect(mortal.start())
    activity = client.create_activity(name="clerk")["activityArn"]
    work = {"StartAt": "W", "States": {"W": {"Type": "Task", "Resource": activity, "Next": "After"}, "After": AFTER}}
    machine = create(client, "waits", work)
    taken, untaken = (client.start_execution(stateMachineArn=machine, input=f'"{n}"')["executionArn"] for n in ("taken", "untaken"))
    task = client.get_activity_task(activityArn=activity)
    token = task["taskToken"]
    assert task["input"] == '"taken"', "calls are handed out in the order in which they came"
    until(lambda: _has_begun(client, taken))  # the worker has its task a moment before the history tells
    history = client.get_execution_history(executionArn=taken)["events"]
    mortal.kill()

    again = connect(mortal.start())
    assert again.get_execution_history(executionArn=taken)["events"] == history
    again.send_task_heartbeat(taskToken=token)
    again.send_task_success(taskToken=token, output='"done"')
    ended = until(lambda: _ended(again, taken))
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '{"got":"done"}')
    assert again.describe_execution(executionArn=untaken)["status"] == "RUNNING"
    other = again.get_activity_task(activityArn=activity)
    assert other["input"] == '"untaken"'
    again.send_task_failure(taskToken=other["taskToken"], error="No", cause="not today")
    ended = until(lambda: _ended(again, untaken))
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "No", "not today")


def _has_begun(client: Any, arn: str) -> bool:
    return any(event["type"] == "ActivityStarted" for event in client.get_execution_history(executionArn=arn)["events"])


def _ended(client: Any, arn: str) -> Any:
    described = client.describe_execution(executionArn=arn)
    return described if described["status"] != "RUNNING" else None


def test_a_map_run_goes_on_and_what_had_ended_stays_as_it_was_after_a_kill(mortal: Server, connect: Connect) -> None:
    client = connect(mortal.start())
    done = client.start_execution(stateMachineArn=create(client, "done", PASS), name="one", input='{"a": 1}')["executionArn"]
    until(lambda: _ended(client, done))
    item = {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": True}}}
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **item}
    state = {"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": processor, "Label": "items", "End": True}
    arn = client.start_execution(
        stateMachineArn=create(client, "maps", {"StartAt": "M", "States": {"M": state}}), input="[0, 0, 3, 3, 0]"
    )["executionArn"]
    (run,) = until(lambda: client.list_map_runs(executionArn=arn)["mapRuns"])
    succeeded = until(lambda: _counts(client, run)["succeeded"] == 2 and _listed(client, run, "SUCCEEDED"))
    before = answer(client.describe_execution(executionArn=done)), pages(client, "get_execution_history", executionArn=done)
    mortal.kill()

    again = connect(mortal.start())
    assert before == (answer(again.describe_execution(executionArn=done)), pages(again, "get_execution_history", executionArn=done))
    assert again.list_map_runs(executionArn=arn)["mapRuns"] == [run]
    assert _counts(again, run)["total"] == 5
    assert until(lambda: _ended(again, arn))["status"] == "SUCCEEDED"
    assert (_counts(again, run)["succeeded"], again.describe_map_run(mapRunArn=run["mapRunArn"])["status"]) == (5, "SUCCEEDED")
    assert succeeded <= _listed(again, run, "SUCCEEDED"), "an item that had ended ran again"


def _counts(client: Any, run: dict[str, Any]) -> dict[str, int]:
    return dict(client.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"])


def _listed(client: Any, run: dict[str, Any], status: str) -> set[tuple[str, Any]]:
    found = client.list_executions(mapRunArn=run["mapRunArn"], statusFilter=status)["executions"]
    return {(each["executionArn"], each["stopDate"]) for each in found}
