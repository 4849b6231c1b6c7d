"""What people see of definitions, instances and functions: the JSON shapes of the REST contract, as pure folds.

Field names are the contract's in camelCase; times are RFC 3339 UTC with milliseconds.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from conductor_local.engine.state import Status
from conductor_local.errors import Problem
from conductor_local.language.asl import function_name
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure
from conductor_local.runtime.latency import Latency
from conductor_local.runtime.ports import Definition

STATUS_NAMES = {
    Status.PENDING: "PENDING",
    Status.RUNNING: "RUNNING",
    Status.SUSPENDED: "RUNNING",
    Status.SUCCEEDED: "COMPLETED",
    Status.FAILED: "FAILED",
    Status.TIMED_OUT: "TIMED_OUT",
    Status.ABORTED: "CANCELLED",
}
"""The contract's word for each status. A suspended instance is still running; its `suspended` field says more."""


def json(payload: Payload | None) -> Json:
    """Give a payload to the encoder as it stands, without decoding it."""
    return None if payload is None else msgspec.Raw(payload.encoded)


def failure_text(failure: Failure) -> str:
    """Say in one line what a failure was: its cause, else its name."""
    return failure.cause or failure.error or "no cause given"


def cancel_text(failure: Failure) -> str:
    """Say why somebody cancelled an instance, if they said."""
    return failure.cause or failure.error or "Cancelled."


def function_text(name: str | None) -> str | None:
    """Name what a step calls: a Lambda ARN means the function it names."""
    return function_name(name) or name if name and name.startswith("arn:") else name


def timestamp(at: datetime) -> str:
    """Write an aware UTC time as RFC 3339 with milliseconds and Z."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


class StepRecord(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """One visit of a step in an instance's history. `path` locates it inside branches and map items; absent at the top."""

    step_id: str
    function_name: str | None
    status: str
    started_at: str
    ended_at: str | None
    input: Json
    output: Json | msgspec.UnsetType = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.UNSET
    attempts: int
    path: tuple[str | int, ...] = ()


class StartedBy(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The version and the alias of a state machine that an instance was started by; neither: the machine itself."""

    version: int | None = None
    alias: str | None = None


class Instance(msgspec.Struct, kw_only=True, rename="camel"):
    """One run of a workflow. In lists `history` is left out, and so is what AWS's API calls it, from `arn` to `started_by`."""

    instance_id: str
    workflow_definition_id: str
    workflow_definition_name: str
    status: str
    initial_payload: Json
    current_payload: Json
    current_step_id: str | None
    history: list[StepRecord] | msgspec.UnsetType = msgspec.UNSET
    started_at: str
    ended_at: str | msgspec.UnsetType = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.UNSET
    error_details: Json | msgspec.UnsetType = msgspec.UNSET
    suspended: str | msgspec.UnsetType = msgspec.UNSET
    redrives: int | msgspec.UnsetType = msgspec.UNSET
    arn: str | msgspec.UnsetType = msgspec.UNSET
    execution_name: str | msgspec.UnsetType = msgspec.UNSET
    type: str | msgspec.UnsetType = msgspec.UNSET
    started_by: StartedBy | msgspec.UnsetType = msgspec.UNSET

    @property
    def has_ended(self) -> bool:
        """Whether it will not change any more unless it is redriven."""
        return self.status not in {"PENDING", "RUNNING"}


class InstancePage(msgspec.Struct, kw_only=True):
    """One page of a list; `cursor` is absent on the last one."""

    items: list[Instance]
    cursor: str | msgspec.UnsetType = msgspec.UNSET


class Defined(msgspec.Struct, kw_only=True):
    """A definition with the warnings found while it was checked."""

    definition: Definition
    warnings: Sequence[Problem] = ()

    def document(self) -> dict[str, Json]:
        """The contract's shape: what the author sent, its id, and `warnings` when there are any."""
        document = {"id": self.definition.id, "name": self.definition.name, **self.definition.document.value}
        if self.warnings:
            document["warnings"] = [msgspec.to_builtins(warning) for warning in self.warnings]
        return document


class FunctionView(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """A registered function: where it comes from, what it says of itself, and how its calls went since the process started."""

    name: str
    description: str = ""
    file: str = ""
    line: int = 0
    is_async: bool = False
    timeout_seconds: float | None = None
    calls: int | msgspec.UnsetType = msgspec.UNSET
    failures: int | msgspec.UnsetType = msgspec.UNSET
    running: int | msgspec.UnsetType = msgspec.UNSET
    mean_seconds: float | msgspec.UnsetType = msgspec.UNSET
    """Of the latest calls, as `p95_seconds`; absent before the first has ended."""
    p95_seconds: float | msgspec.UnsetType = msgspec.UNSET
    last_called_at: str | msgspec.UnsetType = msgspec.UNSET


class Statistics(msgspec.Struct, kw_only=True, rename="camel"):
    """Figures of this process since it started; `instances` counts what the store holds, by contract status."""

    instances: dict[str, int]
    started: int = 0
    commits: int = 0
    commit_seconds: float = 0.0
    commit_latency: Latency = msgspec.field(default_factory=Latency)
    store_errors: int = 0
    """How often an owner of a partition could not reach the store."""
    partitions_owned: int = 0
    function_calls: int = 0
    function_failures: int = 0
    functions_running: int = 0
    backlog: int = 0
    """Messages taken in and not yet committed."""
    relay_lag: int = 0
    """How far event sinks are behind in the partitions of this process, in positions of the outbox."""
    sink_lag: dict[str, int] = {}
    """The same by sink."""
