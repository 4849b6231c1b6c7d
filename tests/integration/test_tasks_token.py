"""Tasks that wait for a callback, on a whole runtime."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conductor_local.engine import events as ev
from conductor_local.engine.messages import decode_token, encode_token
from conductor_local.errors import Conflict, InvalidRequest, NotFound
from conductor_local.functions.registry import Function, describe
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime
from conductor_local.testing.harness import Harness

PATIENCE_S = 20.0
MACHINE: dict[str, Any] = {
    "name": "waiting",
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
            "End": True,
        }
    },
}


def machine(**fields: Any) -> dict[str, Any]:
    states = {"Ask": MACHINE["States"]["Ask"] | fields}
    caught = {"Caught": {"Type": "Pass", "End": True}} if "Catch" in fields else {}
    return MACHINE | {"States": states | caught}


class Asked:
    """A function that keeps the tokens it is given."""

    def __init__(self) -> None:
        self.tokens: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, event: Any) -> str:
        self.tokens.put_nowait(event["token"])
        return "asked"

    async def token(self) -> str:
        async with asyncio.timeout(PATIENCE_S):
            return await self.tokens.get()

    @property
    def functions(self) -> list[Function]:
        return [describe(self, name="ask")]


def settings(data: Path | str = ":memory:") -> Settings:
    return Settings(data=Path(data), sample=False)


async def until_pending(service: Service) -> str:
    """Wait until exactly one task waits for its callback; return its token."""
    async with asyncio.timeout(PATIENCE_S):
        while not (pending := (await service.tasks.pending()).items):
            await asyncio.sleep(0.01)
    assert len(pending) == 1
    return pending[0].token


async def ended(service: Service, id: str) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        return await service.wait(id)


async def test_the_callback_gives_the_result_and_the_answer_is_in_the_history() -> None:
    ask = Asked()
    async with open_runtime(settings(), functions=ask.functions) as runtime:
        service = runtime.service
        await service.publish(machine())
        started = await service.start("waiting", {})
        token = await ask.token()
        assert decode_token(await until_pending(service)) == decode_token(token)
        await service.tasks.send_task_success(token, '{"ok": true}')
        instance = await ended(service, started.instance_id)
        assert (instance.status, json.loads(bytes(instance.current_payload))) == ("COMPLETED", {"ok": True})
        events = await service.events(started.instance_id)
        submitted = next(event for event in events if isinstance(event, ev.TaskSubmitted))
        assert submitted.output is not None
        assert submitted.output.value["Payload"] == "asked"
        assert (await service.tasks.pending()).items == []


async def test_a_reported_failure_can_be_caught() -> None:
    ask = Asked()
    async with open_runtime(settings(), functions=ask.functions) as runtime:
        service = runtime.service
        await service.publish(machine(Catch=[{"ErrorEquals": ["Denied"], "Next": "Caught"}]))
        started = await service.start("waiting", {})
        await service.tasks.send_task_failure(await ask.token(), "Denied", "by the boss")
        instance = await ended(service, started.instance_id)
        assert json.loads(bytes(instance.current_payload)) == {"Error": "Denied", "Cause": "by the boss"}


async def test_a_missing_heartbeat_ends_the_task_and_a_late_answer_is_refused() -> None:
    ask = Asked()
    async with Harness(functions={"ask": ask}) as harness:
        instance = await harness.run(machine(HeartbeatSeconds=5))
        assert instance.status == "FAILED"
        assert instance.error_details == {"error": "States.Timeout"}
        token = await ask.token()
        for send in (harness.service.tasks.send_task_success(token, "1"), harness.service.tasks.send_task_heartbeat(token)):
            with pytest.raises(Conflict):
                await send


async def test_a_heartbeat_keeps_the_task_waiting() -> None:
    ask = Asked()
    async with open_runtime(settings(), functions=ask.functions) as runtime:
        service = runtime.service
        await service.publish(machine(HeartbeatSeconds=1))
        started = await service.start("waiting", {})
        token = await ask.token()
        for _ in range(4):
            await asyncio.sleep(0.4)
            await service.tasks.send_task_heartbeat(token)
        await service.tasks.send_task_success(token, "1")
        assert (await ended(service, started.instance_id)).status == "COMPLETED"


async def test_what_is_wrong_with_an_answer_is_told_apart() -> None:
    ask = Asked()
    async with open_runtime(settings(), functions=ask.functions) as runtime:
        service = runtime.service
        await service.publish(machine())
        await service.start("waiting", {})
        token = await ask.token()
        with pytest.raises(InvalidRequest) as invalid:
            await service.tasks.send_task_success("NoSuchTaskToken", "1")
        assert invalid.value.code == "INVALID_TOKEN"
        with pytest.raises(InvalidRequest) as not_json:
            await service.tasks.send_task_success(token, "not json")
        assert not_json.value.code == "INVALID_OUTPUT"
        with pytest.raises(NotFound):
            await service.tasks.send_task_success(encode_token("nowhere", "0.1"), "1")


async def test_an_answer_to_an_earlier_attempt_is_refused() -> None:
    ask = Asked()
    async with Harness(functions={"ask": ask}) as harness:
        await harness.run(machine(TimeoutSeconds=5, Retry=[{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}]))
        first, second = await ask.token(), await ask.token()
        assert first != second
        with pytest.raises(Conflict):
            await harness.service.tasks.send_task_success(first, "1")


async def test_a_token_outlives_the_process(tmp_path: Path) -> None:
    ask = Asked()
    async with open_runtime(settings(tmp_path / "conductor.db"), functions=ask.functions) as runtime:
        await runtime.service.publish(machine())
        started = await runtime.service.start("waiting", {})
        token = await ask.token()
        await until_pending(runtime.service)
    async with open_runtime(settings(tmp_path / "conductor.db"), functions=ask.functions) as runtime:
        assert await until_pending(runtime.service) == encode_token(*(decode_token(token) or ("", "")))
        await runtime.service.tasks.send_task_success(token, "[1]")
        instance = await ended(runtime.service, started.instance_id)
        assert (instance.status, bytes(instance.current_payload)) == ("COMPLETED", b"[1]")
        assert ask.tokens.empty()


async def test_an_answer_outlives_the_process_that_took_it(tmp_path: Path) -> None:
    ask = Asked()
    async with open_runtime(settings(tmp_path / "conductor.db"), functions=ask.functions) as runtime:
        await runtime.service.publish(machine())
        started = await runtime.service.start("waiting", {})
        await until_pending(runtime.service)
        for owner in runtime.service._worker.owners:
            await owner.stop()
        await runtime.service.tasks.send_task_success(await ask.token(), "2")
    async with open_runtime(settings(tmp_path / "conductor.db"), functions=ask.functions) as runtime:
        assert bytes((await ended(runtime.service, started.instance_id)).current_payload) == b"2"


async def test_a_token_outlives_a_killed_process(tmp_path: Path) -> None:
    killed = subprocess.Popen([sys.executable, __file__, str(tmp_path / "conductor.db")], stdout=subprocess.PIPE, text=True)
    try:
        assert killed.stdout is not None
        id, token = (await asyncio.to_thread(killed.stdout.readline)).split()
    finally:
        killed.kill()
        killed.communicate()
    async with open_runtime(settings(tmp_path / "conductor.db")) as runtime:
        await runtime.service.tasks.send_task_success(token, "[1]")
        instance = await ended(runtime.service, id)
        assert (instance.status, bytes(instance.current_payload)) == ("COMPLETED", b"[1]")


async def be_killed(data: str) -> None:
    """Start an instance, say its id and token once it waits for its callback, and wait for the end of this process."""
    ask = Asked()
    async with open_runtime(settings(data), functions=ask.functions) as runtime:
        await runtime.service.publish(machine())
        started = await runtime.service.start("waiting", {})
        print(started.instance_id, await until_pending(runtime.service), flush=True)
        await asyncio.Event().wait()


def answering(action: str, **parameters: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::aws-sdk:sfn:{action}"
    parameters["TaskToken.$"] = "$.token"
    send = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    return {"name": "answering", "StartAt": "Send", "States": {"Send": send}}


async def test_a_workflow_reports_the_failure_of_another_task_once() -> None:
    ask = Asked()
    async with Harness(functions={"ask": ask}) as harness:
        waiting = await harness.start(machine())
        token = await ask.token()
        assert (await harness.run(answering("sendTaskHeartbeat"), {"token": token})).status == "COMPLETED"
        refused = await harness.run(answering("sendTaskSuccess", Output="{not json"), {"token": token})
        assert refused.error_details["error"] == "Sfn.InvalidOutputException"
        await harness.run(answering("sendTaskFailure", Error="Denied", Cause="No."), {"token": token})
        assert (await harness.wait(waiting.instance_id)).error_details == {"error": "Denied"}
        late = await harness.run(answering("sendTaskSuccess", Output="1"), {"token": token})
        assert late.error_details["error"] == "Sfn.TaskTimedOutException"
        unknown = await harness.run(answering("sendTaskSuccess", Output="1"), {"token": encode_token("nowhere", "0.1")})
        assert unknown.error_details["error"] == "Sfn.TaskDoesNotExistException"


async def test_a_workflow_answers_the_task_of_another() -> None:
    ask = Asked()
    async with Harness(functions={"ask": ask}) as harness:
        waiting = await harness.start(machine())
        sending = answering("sendTaskSuccess", Output={"from": "another"})
        answered = await harness.run(sending, {"token": await ask.token()})
        assert (answered.status, answered.current_payload) == ("COMPLETED", {})
        assert (await harness.wait(waiting.instance_id)).current_payload == {"from": "another"}
        refused = await harness.run(sending, {"token": "NoSuchTaskToken"})
        assert refused.error_details["error"] == "Sfn.InvalidTokenException"
        assert "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: " in refused.error


if __name__ == "__main__":
    asyncio.run(be_killed(sys.argv[1]))
