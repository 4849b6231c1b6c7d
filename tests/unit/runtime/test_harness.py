"""The harness that users test their workflows with."""

import inspect
import re
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conductor_local.errors import Bug, Conflict, DefinitionError, NotFound
from conductor_local.functions import Context
from conductor_local.testing import harness as harness_module
from conductor_local.testing.harness import Harness

from .rig import call, wait, workflow

FLOW = workflow(call("pay", retry=[{"errorEquals": ["TimeoutError"], "intervalSeconds": 30}]))


async def test_the_example_of_the_docstring_runs() -> None:
    example = textwrap.dedent((inspect.getdoc(harness_module) or "").partition("\n\n")[2].partition("\n\nRules:")[0])
    names: dict[str, Any] = {"Harness": Harness, "definition": FLOW}
    exec(example, names)
    (test,) = re.findall(r"async def (\w+)", example)
    await names[test]()


async def test_a_function_may_be_a_value_an_exception_a_callable_or_a_list_of_attempts() -> None:
    functions = {
        "value": {"v": 1},
        "call": lambda payload: {"c": payload["v"] + 1},
        "flaky": [TimeoutError, TimeoutError("again"), {"f": 3}],
        "broken": ValueError("no such order"),
    }
    steps = [call("value"), call("call"), call("flaky", retry=[{"errorEquals": ["TimeoutError"]}]), call("broken")]
    async with Harness(functions) as harness:
        instance = await harness.run(workflow(*steps))
        assert instance.status == "FAILED"
        assert instance.current_payload == {"v": 1, "c": 2, "f": 3}
        assert instance.error == "Error in step Broken: no such order"
        assert [record.attempts for record in instance.history or []] == [1, 1, 3, 1]


async def test_the_last_outcome_stays() -> None:
    async with Harness({"pay": [1, 2]}) as harness:
        assert (await harness.run(FLOW)).current_payload == 1
        assert (await harness.run(FLOW)).current_payload == 1  # each visit begins with its first attempt


async def test_callables_may_be_async_and_take_a_context() -> None:
    async def pay(payload: dict[str, int], context: Context) -> dict[str, object]:
        return {"step": context.step, "attempt": context.attempt, "amount": payload["amount"]}

    async with Harness({"pay": pay}) as harness:
        instance = await harness.run(FLOW, {"amount": 5})
        assert instance.current_payload == {"step": "pay", "attempt": 1, "amount": 5}


async def test_a_list_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="'pay' is empty"):
        Harness({"pay": []})


async def test_waits_and_back_offs_take_no_time() -> None:
    async with Harness({"pay": [TimeoutError, {"paid": True}]}) as harness:
        began = harness.clock.now()
        instance = await harness.run(workflow(wait(86_400), call("pay", retry=[{"errorEquals": ["TimeoutError"]}])))
        assert instance.status == "COMPLETED"
        assert harness.clock.now() - began == timedelta(days=1, seconds=1)


async def test_instances_that_are_started_run_side_by_side() -> None:
    async with Harness({"pay": {}}) as harness:
        started = [await harness.start(workflow(wait(n + 1), call("pay"), name=f"n{n}")) for n in range(5)]
        assert {(await harness.wait(each.instance_id)).status for each in started} == {"COMPLETED"}


async def test_a_definition_may_be_named_once_it_is_there() -> None:
    async with Harness({"pay": {}}) as harness:
        await harness.run(FLOW)
        assert (await harness.run("flow")).status == "COMPLETED"
        with pytest.raises(NotFound):
            await harness.run("other")


async def test_a_key_starts_once() -> None:
    async with Harness({"pay": {}}) as harness:
        first = await harness.start(FLOW, key="k")
        assert (await harness.start(FLOW, key="k")).instance_id == first.instance_id
        with pytest.raises(Conflict):
            await harness.start(FLOW, {"other": 1}, key="k")


async def test_a_wrong_definition_is_refused() -> None:
    async with Harness() as harness:
        with pytest.raises(DefinitionError):
            await harness.run({"name": "flow"})


async def test_events_are_those_that_consumers_get() -> None:
    async with Harness({"pay": {}}) as harness:
        instance = await harness.run(FLOW, {"password": "x"})
        events = await harness.events(instance)
        assert [event["type"] for event in events] == ["WORKFLOW_STARTED", "STEP_STARTED", "STEP_COMPLETED", "WORKFLOW_COMPLETED"]
        assert events[0]["initialPayload"] == {"password": "***"}
        assert await harness.events(instance.instance_id) == events


async def test_functions_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "functions.py").write_text("def pay(payload): return {'paid': True}\n")
    async with Harness(places=[str(tmp_path)]) as harness:
        assert (await harness.run(FLOW)).current_payload == {"paid": True}


async def test_everything_else_goes_through_the_service() -> None:
    async with Harness({"pay": [ValueError("no"), {}]}) as harness:
        failed = await harness.run(FLOW)
        await harness.service.redrive(failed.instance_id)
        assert (await harness.wait(failed.instance_id)).status == "FAILED"
        await harness.service.delete_instance(failed.instance_id)


async def test_outside_of_its_block_the_harness_is_closed() -> None:
    harness = Harness()
    with pytest.raises(RuntimeError, match="async with"):
        await harness.run(FLOW)


async def test_a_fault_of_conductor_is_an_error_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    from conductor_local.functions.python import PythonRunner

    async def broken(self: PythonRunner, call: object) -> None:
        raise RuntimeError("the runner is broken")

    monkeypatch.setattr(PythonRunner, "run", broken)
    async with Harness({"pay": {}}) as harness:
        with pytest.raises(Bug, match="the runner is broken"):
            await harness.run(FLOW)
