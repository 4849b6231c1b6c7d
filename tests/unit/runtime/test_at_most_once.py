"""Executions of type Express end with the owner that began them; all others go on."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from conductor_local.engine.state import Head, Status
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure
from conductor_local.runtime.executions import Asked
from conductor_local.runtime.ports import TaskCall
from conductor_local.runtime.records import Machine
from conductor_local.stores.memory import MemoryStore

from .rig import T0, HandClock, Process, process, until

A = "arn:aws:lambda:us-east-1:000000000000:function:a"
CALL = {"Type": "Task", "Resource": A}


async def hang(call: TaskCall) -> Any:
    await asyncio.Event().wait()


def wait(seconds: int) -> dict[str, Json]:
    return {"Type": "Wait", "Seconds": seconds}


async def start(p: Process, *states: dict[str, Any], is_express: bool = True, **more: Json) -> Head:
    """Start an execution of a machine of states that follow each other."""
    names = [f"S{number}" for number in range(len(states))]
    following = [{"Next": name} for name in names[1:]] + [{"End": True}]
    placed = {name: {**state, **then} for name, state, then in zip(names, states, following, strict=True)}
    text = json.dumps({"StartAt": names[0], "States": placed, **more})
    made = await p.service.machines.create("m", text, Machine(is_express=is_express))
    asked = Asked(definition=made.definition, digest=made.definition.digest, input=Payload({}), name="one")
    return (await p.service.executions.start(asked)).head


async def test_a_call_that_was_under_way_is_not_made_again() -> None:
    store = MemoryStore()
    async with process(store, {A: hang}) as first:
        head = await start(first, CALL)
        await until(lambda: first.functions.calls)
    async with process(store) as second:
        ended = await second.service.ended(head.id)
        assert (ended.status, ended.failure.error if ended.failure else None) == (Status.FAILED, "States.Runtime")
        assert second.functions.names == []
    assert await second.work(head.id) == []


async def test_a_call_of_a_standard_execution_is_made_again() -> None:
    store = MemoryStore()
    async with process(store, {A: hang}) as first:
        head = await start(first, CALL, is_express=False)
        await until(lambda: first.functions.calls)
    async with process(store) as second:
        assert (await second.service.ended(head.id)).status is Status.SUCCEEDED


async def test_one_that_waited_does_not_go_on_when_its_timer_is_due() -> None:
    store, clock = MemoryStore(), HandClock()
    async with process(store, clock=clock) as first:
        head = await start(first, wait(10), CALL)
        await until(lambda: first.owner.is_idle and first.faults.counts["commit"] == 1)
    async with process(store, clock=clock) as second:
        await until(lambda: second.owner.is_idle)
        await clock.pass_by(10)
        assert (await second.service.ended(head.id)).status is Status.FAILED
        assert second.functions.names == []


async def test_one_that_waits_goes_on_in_the_process_that_began_it() -> None:
    async with process() as p:
        assert (await p.service.ended((await start(p, wait(10), CALL)).id)).status is Status.SUCCEEDED


async def test_one_that_was_parked_is_not_tried_again() -> None:
    store = MemoryStore()
    async with process(store, {A: hang}) as first:
        head = await start(first, CALL)
        await until(lambda: first.functions.calls)
        epoch = first.owner.epoch
        assert epoch is not None
        await store.suspend(head.id, epoch, "a fault")
    async with process(store) as second:
        assert (await second.service.ended(head.id)).status is Status.FAILED
        assert second.functions.names == []


async def test_one_that_had_not_begun_begins() -> None:
    store = MemoryStore()
    async with process(store) as first:
        await store.acquire(0)  # another process came: this one stores the execution and can do nothing for it
        head = await start(first, CALL)
        await until(lambda: first.owner.is_fenced)
    async with process(store) as second:
        assert (await second.service.ended(head.id)).status is Status.SUCCEEDED


async def test_one_that_failed_may_be_redriven_and_goes_on() -> None:
    store = MemoryStore()
    async with process(store, {A: hang}) as first:
        head = await start(first, CALL, wait(10))
        await until(lambda: first.functions.calls)
        await first.service.stop(head.id, Failure("Enough"))
        await first.service.ended(head.id)
    async with process(store) as second:
        await second.service.redrive(head.id)
        assert (await second.service.ended(head.id)).status is Status.SUCCEEDED


async def test_five_minutes_is_the_most() -> None:
    async with process() as p:
        ended = await p.service.ended((await start(p, wait(301))).id)
        assert (ended.status, ended.ended_at) == (Status.TIMED_OUT, T0 + timedelta(seconds=300))
    async with process() as p:
        ended = await p.service.ended((await start(p, wait(301), TimeoutSeconds=600)).id)
        assert (ended.status, ended.ended_at) == (Status.TIMED_OUT, T0 + timedelta(seconds=300))
