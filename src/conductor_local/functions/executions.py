"""`states:startExecution` and its patterns: one execution starts another.

Rules: the child's name follows from the call unless the workflow gives one, so that a call repeated after a crash meets its own
child instead of starting a second. Waiting for the child (`.sync`) takes no place among the running calls: otherwise parents could
fill them all and wait for children that never get one. When the step that waits is over (`UNWANTED`), the child is stopped; when
only the process ends, it is not, and the next process waits on.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

import msgspec
from msgspec.structs import replace

from conductor_local.engine.state import ENDED, Status
from conductor_local.errors import Conflict, InvalidRequest, NotFound
from conductor_local.functions.aws_wording import Fields, cause_v1, cause_v2, request_id
from conductor_local.functions.executions_answers import described, started
from conductor_local.functions.executions_patience import patiently, unless_unwanted
from conductor_local.functions.integrations import SYNC, SYNC_2, Integration
from conductor_local.payload import Json, Payload
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.ports import UNWANTED, Child, Executions, Failed, Later, Succeeded, TaskCall

STOPPED = Failure(None, "The execution that waited for this one no longer wants it.")


class StartExecution:
    """The service behind `states:startExecution` and `aws-sdk:sfn:startExecution`."""

    def __init__(self, executions: Executions) -> None:
        self._executions = executions

    async def __call__(self, integration: Integration, call: TaskCall) -> Succeeded | Failed | Later:
        """Start the child, and wait for its end where the pattern says so."""
        asked = _asked(call)
        if isinstance(asked, Refusal):
            return Failed(asked.failure(integration, call))
        is_waiting = integration.pattern in (SYNC, SYNC_2)
        starting = self._start(asked, call)
        child = await (unless_unwanted(starting, self._stop) if is_waiting else starting)
        if isinstance(child, Refusal):
            return Failed(child.failure(integration, call))
        answer = started(child, call, is_sdk=integration.is_sdk)
        if not is_waiting:
            return Succeeded(answer)
        return Later(partial(self._end_of, child, answer, is_parsed=integration.pattern == SYNC_2), answer)

    async def _start(self, asked: "Asked", call: TaskCall) -> "Child | Refusal":
        try:
            child = await patiently(partial(self._executions.start_child, asked.machine, asked.input, name=asked.name))
        except NotFound:
            return Refusal("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{asked.machine}'")
        except Conflict:
            return Refusal("ExecutionAlreadyExists", f"Execution Already Exists: '{asked.name}'")
        except InvalidRequest as error:
            if error.code == "MACHINE_DELETING":
                return Refusal("StateMachineDeleting", f"State Machine is Deleting: '{asked.machine}'")
            return Refusal("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
        if child.head.status in ENDED and child.head.started_at < call.invoke.due_at:  # from before this call was asked for
            return Refusal("ExecutionAlreadyExists", f"Execution Already Exists: '{child.arn}'")
        return child

    async def _stop(self, child: "Child | Refusal") -> None:
        if isinstance(child, Child):
            await patiently(partial(self._executions.stop, child.head.id, STOPPED))

    async def _end_of(self, child: Child, answer: Payload, *, is_parsed: bool) -> Succeeded | Failed:
        try:
            ended = await patiently(partial(self._executions.ended, child.head.id))
        except NotFound:
            return Failed(Failure(ErrorName.TASK_FAILED, f"The execution {child.arn} was deleted."), answer)
        except asyncio.CancelledError as cancelled:
            if UNWANTED in cancelled.args:
                await self._stop(child)
            raise
        told = described(replace(child, head=ended), is_parsed=is_parsed)
        if ended.status is Status.SUCCEEDED:
            return Succeeded(Payload(told), answer)
        return Failed(Failure(ErrorName.TASK_FAILED, Payload(told).encoded.decode()), answer)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call asks for."""

    machine: str
    input: Json
    name: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the States service: `code` as on the wire."""

    code: str
    message: str

    def failure(self, integration: Integration, call: TaskCall) -> Failure:
        """Name the error as this kind of integration does."""
        request = request_id(call)
        if integration.is_sdk:
            return Failure(f"Sfn.{self.code}Exception", cause_v2(self.message, "Sfn", 400, request))
        return Failure(f"StepFunctions.{self.code}Exception", cause_v1(self.message, "AWSStepFunctions", 400, self.code, request))


def _asked(call: TaskCall) -> Asked | Refusal:
    arguments: Fields = call.invoke.arguments.value if isinstance(call.invoke.arguments.value, dict) else {}
    machine, name = arguments.get("StateMachineArn"), arguments.get("Name")
    if not isinstance(machine, str) or not machine:
        return Refusal("InvalidArn", f"Invalid Arn: '{machine}'. Give the ARN or the name of a state machine as StateMachineArn.")
    if name is not None and (not isinstance(name, str) or not 1 <= len(name) <= 80):
        return Refusal("InvalidName", f"Invalid Name: '{name}'")
    input = arguments.get("Input")
    if isinstance(input, str):
        try:
            input = msgspec.json.decode(input)
        except (msgspec.DecodeError, RecursionError) as error:
            return Refusal("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
    return Asked(machine, {} if input is None else input, name or request_id(call))
