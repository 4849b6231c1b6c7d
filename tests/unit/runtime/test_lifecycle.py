"""Lifecycle events: the contract's types and fields, ids dense per instance, secrets masked."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from conductor_local.engine import events as ev
from conductor_local.payload import Payload
from conductor_local.program import Failure
from conductor_local.runtime.lifecycle import lifecycle_event
from conductor_local.runtime.ports import Published

from .rig import T0, HandClock, Process, call, process, wait, workflow


async def lifecycle(p: Process, instance_id: str) -> list[dict[str, Any]]:
    """Return the lifecycle events of an instance as they go to a sink."""
    commits = [commit for commit in (await p.service.feed.page(None, 500))[0] if commit.execution_id == instance_id]
    events = [lifecycle_event(commit, event) for commit in commits for event in commit.events]
    return [msgspec.json.decode(msgspec.json.encode(event)) for event in events if event is not None]


async def test_the_events_of_a_run_that_succeeds() -> None:
    async with process(functions={"a": lambda call: {"y": 2}}) as p:
        done = await p.run(workflow(call("a", name="First")), {"x": 1})
        id, at = done.instance_id, "2026-03-01T12:00:00.000Z"
        assert await lifecycle(p, id) == [
            {
                "id": f"{id}:1", "type": "WORKFLOW_STARTED", "instanceId": id, "workflowName": "flow",
                "workflowDefinitionId": done.workflow_definition_id, "startedAt": at, "initialPayload": {"x": 1},
            },
            {
                "id": f"{id}:2", "type": "STEP_STARTED", "instanceId": id, "stepId": "first", "stepName": "First",
                "functionName": "a", "input": {"x": 1}, "startedAt": at,
            },
            {
                "id": f"{id}:3", "type": "STEP_COMPLETED", "instanceId": id, "stepId": "first", "stepName": "First",
                "output": {"y": 2}, "endedAt": at,
            },
            {"id": f"{id}:4", "type": "WORKFLOW_COMPLETED", "instanceId": id, "workflowName": "flow", "endedAt": at},
        ]  # fmt: skip


async def test_the_events_of_a_run_that_fails() -> None:
    async with process(functions={"a": lambda call: Failure("E", "oh")}) as p:
        events = await lifecycle(p, (await p.run(workflow(call("a")))).instance_id)
        failed, ended = events[-2:]
        assert (failed["type"], failed["stepId"], failed["stepName"], failed["error"]) == ("STEP_FAILED", "a", "A", "oh")
        assert (ended["type"], ended["error"], ended["workflowName"]) == ("WORKFLOW_FAILED", "Error in step A: oh", "flow")
        assert failed["endedAt"] == ended["endedAt"] == "2026-03-01T12:00:00.000Z"


async def test_a_retry_is_announced_with_its_time() -> None:
    step = call("a", retry=[{"errorEquals": ["E"], "intervalSeconds": 10}])
    async with process(functions={"a": lambda call: Failure("E", "oh") if call.invoke.attempt == 1 else 1}) as p:
        events = await lifecycle(p, (await p.run(workflow(step))).instance_id)
        assert [event["type"] for event in events[1:-1]] == ["STEP_STARTED", "STEP_RETRY_SCHEDULED", "STEP_COMPLETED"]
        assert (events[2]["attempt"], events[2]["error"], events[2]["retryAt"]) == (1, "oh", "2026-03-01T12:00:10.000Z")


async def test_a_caught_failure_is_a_failed_step() -> None:
    step = call("a", catch=[{"errorEquals": ["States.ALL"], "nextStepId": "b"}])
    async with process(functions={"a": lambda call: Failure("E", "oh")}) as p:
        events = await lifecycle(p, (await p.run(workflow(step, call("b")))).instance_id)
        assert [event["type"] for event in events[1:-1]] == ["STEP_STARTED", "STEP_FAILED", "STEP_STARTED", "STEP_COMPLETED"]


async def test_a_cancelled_run() -> None:
    async with process(clock=HandClock()) as p:
        started = await p.start(workflow(wait(60)))
        await p.service.cancel(started.instance_id, cause="enough")
        ended = (await lifecycle(p, started.instance_id))[-1]
        assert (ended["type"], ended["error"]) == ("WORKFLOW_CANCELLED", "enough")


async def test_a_run_that_takes_too_long() -> None:
    async with process() as p:
        done = await p.run(workflow(wait(60), timeoutSeconds=5))
        assert (await lifecycle(p, done.instance_id))[-1]["type"] == "WORKFLOW_TIMED_OUT"


async def test_a_redrive_goes_on_with_the_numbers() -> None:
    outcomes: list[Any] = [Failure("No", "no"), 1]
    async with process(functions={"a": lambda call: outcomes.pop(0)}) as p:
        failed = await p.run(workflow(call("a")))
        before = len(await lifecycle(p, failed.instance_id))
        await p.service.redrive(failed.instance_id)
        await p.wait(failed.instance_id)
        events = await lifecycle(p, failed.instance_id)
        assert (events[before]["type"], events[before]["redrives"]) == ("WORKFLOW_REDRIVEN", 1)
        assert events[-1]["type"] == "WORKFLOW_COMPLETED"
        assert [event["id"] for event in events] == [f"{failed.instance_id}:{n}" for n in range(1, len(events) + 1)]


async def test_steps_inside_a_map_say_where_and_ids_stay_dense() -> None:
    step = {"name": "Each", "type": "map", "itemsPath": "$.n", "iterator": {"startAt": "z", "steps": {"z": call("c")}}}
    async with process() as p:
        done = await p.run(workflow(step), {"n": [1, 2, 3]})
        events = await lifecycle(p, done.instance_id)
        assert [event["id"] for event in events] == [f"{done.instance_id}:{n}" for n in range(1, len(events) + 1)]
        assert sorted(event["path"] for event in events if event.get("stepId") == "z" and event["type"] == "STEP_COMPLETED") == [
            ["each", 0], ["each", 1], ["each", 2],
        ]  # fmt: skip
        assert [event["type"] for event in events].count("WORKFLOW_COMPLETED") == 1


async def test_secrets_never_leave() -> None:
    async with process(functions={"a": lambda call: {"apiToken": "t", "name": "n"}}) as p:
        done = await p.run(workflow(call("a", resultPath="$.login")), {"user": {"password": "hunter2"}})
        text = msgspec.json.encode(await lifecycle(p, done.instance_id)).decode()
        assert "hunter2" not in text
        assert '"apiToken":"t"' not in text
        assert '"password":"***"' in text


def test_what_is_internal_is_no_lifecycle_event() -> None:
    commit = Published(cursor=1, execution_id="i", definition_id="d", definition_name="flow", events=())
    assert lifecycle_event(commit, ev.ParallelStarted(at=T0, node="p", branches=2)) is None


def test_an_event_that_claims_to_be_shown_and_is_not_is_a_fault_of_ours() -> None:
    commit = Published(cursor=1, execution_id="i", definition_id="d", definition_name="flow", events=())
    with pytest.raises(AssertionError, match="ParallelStarted"):
        lifecycle_event(commit, ev.ParallelStarted(at=T0, node="p", branches=2, lifecycle_id=1))


def test_times_have_milliseconds() -> None:
    commit = Published(cursor=1, execution_id="i", definition_id="d", definition_name="flow", events=())
    event = ev.ExecutionSucceeded(at=T0 + timedelta(milliseconds=7), output=Payload({}), lifecycle_id=9)
    assert lifecycle_event(commit, event) == {
        "id": "i:9", "type": "WORKFLOW_COMPLETED", "instanceId": "i", "workflowName": "flow", "endedAt": "2026-03-01T12:00:00.007Z",
    }  # fmt: skip
