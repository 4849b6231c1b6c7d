"""The types of state and the fields of each. `TYPES` is the table of the specification (reference sheet 2).

Rules: a state is read whole even when part of it is wrong, so that every problem is told at once; Choice, Wait and Map have files
of their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conductor_local.language.asl.choice import read_choice
from conductor_local.language.asl.composites import read_map, read_parallel
from conductor_local.language.asl.fields import SECONDS_MAX, Fields
from conductor_local.language.asl.handlers import read_catch, read_retry
from conductor_local.language.asl.resources import read_resource
from conductor_local.language.asl.state import State
from conductor_local.language.asl.wait import read_wait
from conductor_local.program import Fail, Node, Pass, Succeed, Task


def read_task(state: State) -> Task:
    """Read a Task state."""
    fields, slots = state.fields, state.slots
    fields.require("Resource")
    resource = read_resource(fields)
    _check_heartbeat(fields)
    _check_credentials(fields)
    return Task(
        name=state.name, title=state.name, next=state.next, resource=resource,
        arguments=slots.arguments("Parameters"), output=slots.output(), assign=slots.assign(), credentials=slots.credentials(),
        retry=read_retry(fields), catch=read_catch(state),
        timeout_s=slots.number("TimeoutSeconds", 1, SECONDS_MAX),
        heartbeat_s=slots.number("HeartbeatSeconds", 1, SECONDS_MAX),
    )  # fmt: skip


def read_pass(state: State) -> Pass:
    """Read a Pass state: its result is Result, else what Parameters or InputPath give."""
    slots = state.slots
    arguments = slots.constant("Result") if "Result" in state.fields else slots.arguments("Parameters")
    return Pass(
        name=state.name, title=state.name, next=state.next,
        arguments=arguments, output=slots.output(), assign=slots.assign(),
    )  # fmt: skip


def read_succeed(state: State) -> Succeed:
    """Read a Succeed state."""
    return Succeed(name=state.name, title=state.name, arguments=state.slots.arguments(), output=state.slots.output())


def read_fail(state: State) -> Fail:
    """Read a Fail state."""
    error, cause = state.slots.text("Error"), state.slots.text("Cause")
    return Fail(name=state.name, title=state.name, error=error, cause=cause)


def _check_heartbeat(fields: Fields) -> None:
    timeout, heartbeat = fields.value.get("TimeoutSeconds"), fields.value.get("HeartbeatSeconds")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        fields.error("HeartbeatSeconds", "HeartbeatSeconds must be smaller than TimeoutSeconds")


def _check_credentials(fields: Fields) -> None:
    credentials = fields.object("Credentials")
    if credentials is not None and not {"RoleArn", "RoleArn.$"} & credentials.value.keys():
        credentials.error_here("The field 'RoleArn' is required but was missing")


@dataclass(frozen=True, slots=True)
class Type:
    """A type of state: its fields beside those that all have, each with its query language, and how it is read."""

    fields: Mapping[str, str]
    read: Callable[[State], Node]

    @property
    def goes_on(self) -> bool:
        """Whether it has Next or End."""
        return "Next" in self.fields


COMMON = dict.fromkeys(("Type", "Comment", "QueryLanguage"), "B")
_THROUGH = {"Next": "B", "End": "B"}
_PATHS = {"InputPath": "P", "OutputPath": "P"}
_FLOW = {**_PATHS, "Output": "A", "Assign": "B"}
_RESULT = {**_THROUGH, **_FLOW, "Parameters": "P", "ResultPath": "P"}
_WORK = {**_RESULT, "Arguments": "A", "ResultSelector": "P", "Retry": "B", "Catch": "B"}
_TASK = {
    "Resource": "B", "Credentials": "B", "TimeoutSeconds": "B", "TimeoutSecondsPath": "P",
    "HeartbeatSeconds": "B", "HeartbeatSecondsPath": "P",
}  # fmt: skip
_MAP = {
    "ItemProcessor": "B", "Iterator": "B", "Items": "A", "ItemsPath": "P", "ItemSelector": "B", "ItemReader": "B",
    "ItemBatcher": "B", "ResultWriter": "B", "Label": "B", "MaxConcurrency": "B", "MaxConcurrencyPath": "P",
    "ToleratedFailureCount": "B", "ToleratedFailureCountPath": "P",
    "ToleratedFailurePercentage": "B", "ToleratedFailurePercentagePath": "P",
}  # fmt: skip
_WAIT = {"Seconds": "B", "SecondsPath": "P", "Timestamp": "B", "TimestampPath": "P"}

TYPES: Mapping[str, Type] = {
    "Task": Type({**_WORK, **_TASK}, read_task),
    "Wait": Type({**_THROUGH, **_FLOW, **_WAIT}, read_wait),
    "Pass": Type({**_RESULT, "Result": "P"}, read_pass),
    "Succeed": Type({**_PATHS, "Output": "A"}, read_succeed),
    "Fail": Type({"Error": "B", "Cause": "B", "ErrorPath": "P", "CausePath": "P"}, read_fail),
    "Choice": Type({**_FLOW, "Choices": "B", "Default": "B"}, read_choice),
    "Parallel": Type({**_WORK, "Branches": "B"}, read_parallel),
    "Map": Type({name: mode for name, mode in _WORK.items() if name != "Arguments"} | _MAP, read_map),
}
"""Every type of state, in the order in which AWS names them."""
