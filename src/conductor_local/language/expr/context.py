"""The context object, `$$` (reference sheet 8): what a workflow may ask about its own execution.

Rules: nothing is made before an expression asks; a path into one part makes only that part. Keys stand in AWS's order (observed
2024-09). What no scope knows, ARNs and the role, comes from the `Machine` that is given when a definition is compiled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from conductor_local.language.expr.text import time_text
from conductor_local.payload import Json
from conductor_local.program import Scope

STATE_DATA = "STATE_DATA"
"""AWS's word for items that come from the workflow's own data, not from a file."""
Section: TypeAlias = Callable[[Scope], Json]


def _same(execution_id: str) -> str:
    return execution_id


@dataclass(frozen=True, slots=True)
class Machine:
    """The state machine as its executions see it.

    `execution_arn_of` turns `scope.execution_id` into the execution's ARN. `counts_redrives` is False for a synchronous Express
    execution, whose context has no `RedriveCount` (observed on AWS).
    """

    arn: str
    name: str
    role_arn: str
    execution_arn_of: Callable[[str], str] = _same
    counts_redrives: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """The context object as one state sees it.

    `counts_retries` for states that can retry; `gives_token` only while the parameters of a task are made that waits for a
    callback: asking a scope for the token reserves the work.
    """

    machine: Machine
    counts_retries: bool = False
    gives_token: bool = False

    def whole(self, scope: Scope) -> dict[str, Json]:
        """Make all of it."""
        sections = ((name, section(scope)) for name, section in self.sections().items())
        return {name: value for name, value in sections if value is not None}

    def sections(self) -> dict[str, Section]:
        """Return what makes each part; a part gives None where the state has none."""
        return {
            "Execution": self._execution,
            "StateMachine": self._machine,
            "State": self._state,
            "Map": self._map,
            "Task": self._task,
        }

    def _execution(self, scope: Scope) -> Json:
        found = {
            "Id": self.machine.execution_arn_of(scope.execution_id),
            "Input": scope.execution_input,
            "StartTime": time_text(scope.started_at),
            "Name": scope.execution_name,
            "RoleArn": self.machine.role_arn,
        }
        if self.machine.counts_redrives:
            found["RedriveCount"] = scope.redrives
        return found

    def _machine(self, _scope: Scope) -> Json:
        return {"Id": self.machine.arn, "Name": self.machine.name}

    def _state(self, scope: Scope) -> Json:
        found: dict[str, Json] = {"Name": scope.node, "EnteredTime": time_text(scope.entered_at)}
        if self.counts_retries:
            found["RetryCount"] = scope.retries
        return found

    def _map(self, scope: Scope) -> Json:
        if scope.item is None:
            return None
        item = scope.item
        named = {} if item.key is None else {"Key": item.key}
        return {"Item": {"Index": item.index, **named, "Value": item.value, "Source": item.source or STATE_DATA}}

    def _task(self, scope: Scope) -> Json:
        return {"Token": scope.task_token} if self.gives_token else None
