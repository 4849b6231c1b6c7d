"""What an instance looks like: the contract's field names, status words, texts and times, exactly."""

import asyncio
from typing import Any

import msgspec

from conductor_local.program import Failure

from .rig import HandClock, Process, call, process, until, wait, workflow


async def shown(p: Process, instance_id: str) -> dict[str, Any]:
    """Return an instance as it goes over the wire."""
    return msgspec.json.decode(msgspec.json.encode(await p.service.instance(instance_id)))


async def test_a_completed_instance() -> None:
    async with process(functions={"a": lambda call: {"done": True}}) as p:
        done = await p.run(workflow(call("a", name="First", resultPath="$.made"), wait(1.5)), {"x": 1})
        assert await shown(p, done.instance_id) == {
            "instanceId": done.instance_id,
            "workflowDefinitionId": done.workflow_definition_id,
            "workflowDefinitionName": "flow",
            "status": "COMPLETED",
            "initialPayload": {"x": 1},
            "currentPayload": {"x": 1, "made": {"done": True}},
            "currentStepId": None,
            "history": [
                {
                    "stepId": "first", "functionName": "a", "status": "SUCCESS", "startedAt": "2026-03-01T12:00:00.000Z",
                    "endedAt": "2026-03-01T12:00:00.000Z", "input": {"x": 1}, "output": {"done": True}, "attempts": 1,
                },
                {
                    "stepId": "wait", "functionName": None, "status": "SUCCESS", "startedAt": "2026-03-01T12:00:00.000Z",
                    "endedAt": "2026-03-01T12:00:01.500Z", "input": {"x": 1, "made": {"done": True}},
                    "output": {"x": 1, "made": {"done": True}}, "attempts": 1,
                },
            ],
            "startedAt": "2026-03-01T12:00:00.000Z",
            "endedAt": "2026-03-01T12:00:01.500Z",
            "arn": f"arn:aws:states:us-east-1:000000000000:execution:flow:{done.instance_id}",
            "executionName": done.instance_id,
            "type": "STANDARD",
            "startedBy": {},
        }  # fmt: skip


async def test_a_running_instance_shows_how_far_it_has_got() -> None:
    async with process(clock=HandClock()) as p:
        started = await p.start(workflow(call("a"), wait(60, "Rest")), {"x": 1})
        await until(lambda: p.owner.is_idle and p.functions.calls)
        running = await shown(p, started.instance_id)
        assert (running["status"], running["currentStepId"], running["currentPayload"]) == ("RUNNING", "rest", {"x": 1, "a": True})
        assert [record["stepId"] for record in running["history"]] == ["a"]
        assert "endedAt" not in running
        assert "error" not in running


async def test_a_failed_instance_names_the_step_and_the_message() -> None:
    failure = Failure("TypeError", "no such user", {"traceback": ["functions.py:3 in a: boom"]})
    async with process(functions={"a": lambda call: failure}) as p:
        failed = await shown(p, (await p.run(workflow(call("a", name="Create User")))).instance_id)
        assert (failed["status"], failed["error"], failed["currentStepId"]) == (
            "FAILED", "Error in step Create User: no such user", "create user",
        )  # fmt: skip
        assert failed["errorDetails"] == {"error": "TypeError", "traceback": ["functions.py:3 in a: boom"]}
        [record] = failed["history"]
        assert (record["status"], record["error"], record["attempts"]) == ("ERROR", "no such user", 1)
        assert "output" not in record
        assert failed["endedAt"]


async def test_a_failure_without_a_cause_is_told_by_its_name() -> None:
    async with process(functions={"a": lambda call: Failure("Teapot")}) as p:
        assert (await p.run(workflow(call("a")))).error == "Error in step A: Teapot"


async def test_a_failure_without_words_says_so() -> None:
    async with process(functions={"a": lambda call: Failure()}) as p:
        assert (await p.run(workflow(call("a")))).error == "Error in step A: no cause given"


async def test_attempts_are_counted_in_one_record() -> None:
    step = call("a", retry=[{"errorEquals": ["E"], "intervalSeconds": 10, "maxAttempts": 2}])
    async with process(functions={"a": lambda call: Failure("E") if call.invoke.attempt < 3 else 1}) as p:
        [record] = (await p.run(workflow(step))).history or []
        assert (record.attempts, record.status) == (3, "SUCCESS")
        assert (record.started_at, record.ended_at) == ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:30.000Z")


async def test_a_caught_failure_is_an_error_in_the_history_of_a_completed_instance() -> None:
    step = call("a", catch=[{"errorEquals": ["States.ALL"], "nextStepId": "b", "resultPath": "$.why"}])
    async with process(functions={"a": lambda call: Failure("E", "oh")}) as p:
        done = await p.run(workflow(step, call("b")))
        assert (done.status, [(each.step_id, each.status) for each in done.history or []]) == (
            "COMPLETED", [("a", "ERROR"), ("b", "SUCCESS")],
        )  # fmt: skip
        assert done.error is msgspec.UNSET


async def test_records_inside_branches_and_items_say_where() -> None:
    branches = [{"startAt": "x", "steps": {"x": call("a")}}, {"startAt": "y", "steps": {"y": call("b")}}]
    both = {"name": "Both", "type": "parallel", "branches": branches, "resultPath": "$.both"}
    each = {
        "name": "Each", "type": "map", "itemsPath": "$.n", "resultPath": "$.each", "maxConcurrency": 1,
        "iterator": {"startAt": "z", "steps": {"z": call("c")}},
    }  # fmt: skip
    async with process() as p:
        done = await p.run(workflow(both, each), {"n": [7, 8]})
        records = {(*record.path, record.step_id): record for record in done.history or []}
        assert list(records) == [
            ("both", 0, "x"), ("both", 1, "y"), ("both",), ("each", 0, "z"), ("each", 1, "z"), ("each",),
        ]  # fmt: skip
        assert records["each", 1, "z"].input == 8
        assert done.current_payload["each"] == [{"c": True}, {"c": True}]


async def test_a_failure_inside_a_branch_names_the_inner_step() -> None:
    branches = [{"startAt": "x", "steps": {"x": call("a", name="Inner")}}]
    async with process(functions={"a": lambda call: Failure("E", "oh")}) as p:
        failed = await p.run(workflow({"name": "Outer", "type": "parallel", "branches": branches}))
        assert (failed.error, failed.current_step_id) == ("Error in step Inner: oh", "x")


async def test_a_workflow_that_takes_too_long_is_timed_out() -> None:
    async with process() as p:
        done = await p.run(workflow(wait(60), timeoutSeconds=10))
        assert (done.status, done.error) == ("TIMED_OUT", "The workflow ran longer than its timeoutSeconds.")
        assert done.ended_at == "2026-03-01T12:00:10.000Z"


async def test_a_redrive_adds_to_the_history() -> None:
    outcomes: list[Any] = [Failure("No", "no"), 1]
    async with process(functions={"a": lambda call: outcomes.pop(0)}) as p:
        failed = await p.run(workflow(call("a")))
        await p.service.redrive(failed.instance_id)
        done = await shown(p, (await p.wait(failed.instance_id)).instance_id)
        assert (done["status"], done["redrives"]) == ("COMPLETED", 1)
        assert [(each["status"], each["attempts"]) for each in done["history"]] == [("ERROR", 1), ("SUCCESS", 1)]
        assert "error" not in done


async def test_a_parked_instance_is_running_and_says_why() -> None:
    async with process(functions={"a": lambda call: object()}) as p:
        started = await p.start(workflow(call("a")))
        await until(lambda: p.faults.counts["suspend"] and p.owner.is_idle)
        parked = await shown(p, started.instance_id)
        assert parked["status"] == "RUNNING"
        assert "Traceback" in parked["suspended"]


async def test_an_instance_shows_its_payload_in_clear_to_its_owner() -> None:
    async with process() as p:
        done = await p.run(workflow(call("a")), {"password": "x"})
        assert done.initial_payload == {"password": "x"}


async def test_aborted_siblings_leave_no_record() -> None:
    branches = [{"startAt": "x", "steps": {"x": call("a")}}, {"startAt": "y", "steps": {"y": call("b")}}]

    async def hang(_: object) -> None:
        await asyncio.Event().wait()

    async with process(functions={"a": hang, "b": lambda call: Failure("E", "oh")}) as p:
        failed = await p.run(workflow({"name": "Both", "type": "parallel", "branches": branches}))
        assert [(record.step_id, record.status) for record in failed.history or []] == [("y", "ERROR"), ("both", "ERROR")]
