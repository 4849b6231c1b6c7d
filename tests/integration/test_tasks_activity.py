"""State machines whose tasks are done by activity workers, on a whole runtime."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from conductor_local.engine import events as ev
from conductor_local.errors import Conflict
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime
from conductor_local.testing.harness import Harness

ARN = "arn:aws:states:us-east-1:000000000000:activity:pack"
PATIENCE_S = 20.0


def machine(**fields: Any) -> dict[str, Any]:
    return {"name": "packing", "StartAt": "Pack", "States": {"Pack": {"Type": "Task", "Resource": ARN, "End": True, **fields}}}


def settings(data: Path | str = ":memory:", **fields: Any) -> Settings:
    return Settings(data=Path(data), sample=False, **fields)


async def kinds(service: Service, id: str) -> list[str]:
    events = await service.events(id)
    return [type(event).__name__ for event in events if isinstance(event, (ev.TaskScheduled, ev.TaskStarted, ev.TaskSubmitted))]


async def test_a_worker_takes_a_call_and_answers_it() -> None:
    async with open_runtime(settings()) as runtime:
        service = runtime.service
        await service.publish(machine())
        await service.activities.create(ARN, "pack")
        polling = asyncio.create_task(service.get_activity_task(ARN, "anna", wait_s=PATIENCE_S))
        started = await service.start("packing", {"n": 1})
        task = await polling
        assert task is not None
        assert task.input.value == {"n": 1}
        await service.tasks.send_task_success(task.token, '"packed"')
        ended = await service.wait(started.instance_id)
        assert json.loads(bytes(ended.current_payload)) == "packed"
        events = await service.events(started.instance_id)
    workers = [event.worker for event in events if isinstance(event, ev.TaskStarted)]
    assert workers in (["anna"], [])  # the answer may be handled before the news that somebody took the call
    assert not any(isinstance(event, ev.TaskSubmitted) for event in events)


async def test_the_history_names_the_worker() -> None:
    async with open_runtime(settings()) as runtime:
        service = runtime.service
        await service.publish(machine())
        await service.activities.create(ARN, "pack")
        started = await service.start("packing", {})
        task = await service.get_activity_task(ARN, "anna", wait_s=PATIENCE_S)
        assert task is not None
        async with asyncio.timeout(PATIENCE_S):
            while not any(task.taken for task in (await service.tasks.pending()).items):
                await asyncio.sleep(0.01)
        await service.tasks.send_task_failure(task.token, "Broken", "The box broke.")
        assert (await service.wait(started.instance_id)).error == "Error in step Pack: The box broke."
        assert await kinds(service, started.instance_id) == ["TaskScheduled", "TaskStarted"]
        with pytest.raises(Conflict):
            await service.tasks.send_task_success(task.token, "1")


async def test_each_call_goes_to_one_worker_in_order_and_takes_no_place() -> None:
    async with open_runtime(settings(invocations_max=1)) as runtime:
        service = runtime.service
        await service.publish(machine())
        await service.activities.create(ARN, "pack")
        assert await service.get_activity_task(ARN, wait_s=0.01) is None
        for number in range(3):
            await service.start("packing", number)
        tasks = [await service.get_activity_task(ARN, wait_s=PATIENCE_S) for _ in range(3)]
        assert sorted(task.input.value for task in tasks if task) == [0, 1, 2]
        assert await service.get_activity_task(ARN, wait_s=0.01) is None


async def test_a_call_that_nobody_takes_times_out_and_leaves_the_queue() -> None:
    async with Harness() as harness:
        await harness.service.activities.create(ARN, "pack")
        ended = await harness.run(machine(TimeoutSeconds=5))
        assert ended.error_details == {"error": "States.Timeout"}
        assert await kinds(harness.service, ended.instance_id) == ["TaskScheduled"]
        assert await harness.service.get_activity_task(ARN, wait_s=0.01) is None


async def test_calls_wait_again_after_a_restart(tmp_path: Path) -> None:
    async with open_runtime(settings(tmp_path / "conductor.db")) as runtime:
        await runtime.service.publish(machine())
        await runtime.service.activities.create(ARN, "pack")
        started = await runtime.service.start("packing", {})
    async with open_runtime(settings(tmp_path / "conductor.db")) as runtime:
        task = await runtime.service.get_activity_task(ARN, wait_s=PATIENCE_S)
        assert task is not None
        await runtime.service.tasks.send_task_success(task.token, "1")
        assert (await runtime.service.wait(started.instance_id)).status == "COMPLETED"


async def test_an_activity_that_is_not_there_fails_the_execution_as_if_it_had_never_been_asked_for() -> None:
    async with Harness() as harness:
        ended = await harness.run(machine())
        place = "An error occurred while executing the state 'Pack' (entered at the event id #2). "
        assert ended.error_details == {"error": "States.Runtime"}
        assert ended.error == f"Error in step Pack: {place}The activity {ARN} does not exist."
        events = await harness.service.events(ended.instance_id)
        assert [event.history_id for event in events if isinstance(event, (ev.TaskScheduled, ev.ExecutionFailed))] == [3, 3]
