"""What may come into an execution. A message is durable before it is handled and is consumed by the commit that handles it.

`at` is the instant the engine uses as now. `work_id` names the work this answers: a frame that no longer waits for that
work ignores the message.
"""

from base64 import b64decode, urlsafe_b64encode
from datetime import datetime

import msgspec

from conductor_local.payload import Payload
from conductor_local.program import Failure

WorkId = str
"""Unique within its execution; `<frame>.<counter>` for what the engine asked for, `in-<id>` for what was posted from outside."""


class Message(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every message has."""

    at: datetime


class Start(Message, frozen=True, kw_only=True, tag=True):
    """Begin the execution; its input lies in its head."""


class Continue(Message, frozen=True, kw_only=True, tag=True):
    """Go on with frames that were ready when a step's budget ran out."""


class TaskSubmitted(Message, frozen=True, kw_only=True, tag=True):
    """The call was accepted and will be answered by callback; running it again after a crash is not wanted.

    `output` is the answer to the call itself; None when there is none that the history could show.
    """

    work_id: WorkId
    output: Payload | None
    started_at: datetime | None = None
    worker: str | None = None


class TaskAccepted(Message, frozen=True, kw_only=True, tag=True):
    """The job that the call waits for was accepted with `output`; the call goes on, and after a crash it is made again."""

    work_id: WorkId
    output: Payload
    started_at: datetime


class TaskSucceeded(Message, frozen=True, kw_only=True, tag=True):
    """`started_at` is when the call began, for the history; None where a callback answered.

    `submitted` is what a job that was waited for answered when it was accepted, if `TaskAccepted` has not said so before. `logs` is
    what the function said, a list of `{"at", "level", "message"}`; None: nothing.
    """

    work_id: WorkId
    result: Payload
    started_at: datetime | None = None
    worker: str | None = None
    submitted: Payload | None = None
    logs: Payload | None = None


class TaskFailed(Message, frozen=True, kw_only=True, tag=True):
    work_id: WorkId
    failure: Failure
    started_at: datetime | None = None
    worker: str | None = None
    submitted: Payload | None = None
    logs: Payload | None = None


class Heartbeat(Message, frozen=True, kw_only=True, tag=True):
    """The worker behind `work_id` is alive."""

    work_id: WorkId


class TimerFired(Message, frozen=True, kw_only=True, tag=True):
    """`at` is the timer's own due time, or later."""

    work_id: WorkId


class Stop(Message, frozen=True, kw_only=True, tag=True):
    """End the execution now as aborted; with a `round`, unless it has been redriven in a later one: a message may come late."""

    failure: Failure
    round: int | None = None


class Lost(Message, frozen=True, kw_only=True, tag=True):
    """End the execution now as failed: the process that ran it ended, and it may run at most once."""


class Redrive(Message, frozen=True, kw_only=True, tag=True):
    """Run an unsuccessful execution again from the nodes that had not succeeded, or with `is_anew` from its beginning.

    `round` is for the executions of a map run: how often the run has now been redriven; each execution takes part once a round.
    """

    round: int = 0
    is_anew: bool = False


class RunCounted(Message, frozen=True, kw_only=True, tag=True):
    """The map run behind `work_id` has read its items; now it is known how many they are."""

    work_id: WorkId
    items: int


class RunUpdated(Message, frozen=True, kw_only=True, tag=True):
    """Change the limits of the map run behind `work_id`; None: leave that one as it is."""

    work_id: WorkId
    concurrency: int | None = None
    tolerated_count: int | None = None
    tolerated_percentage: float | None = None


def encode_token(execution_id: str, work_id: WorkId) -> str:
    """Write the token by which a callback names the task it ends: opaque, and safe in URLs."""
    return urlsafe_b64encode(f"{execution_id}/{work_id}".encode()).decode().rstrip("=")


def decode_token(token: str) -> tuple[str, WorkId] | None:
    """Return execution and work that a token names, None when it is not a token."""
    execution_id, _, work_id = _decoded(token).rpartition("/")
    return (execution_id, work_id) if execution_id and work_id else None


def _decoded(token: str) -> str:
    try:
        return b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        return ""


AnyMessage = (
    Start
    | Continue
    | TaskSubmitted
    | TaskAccepted
    | TaskSucceeded
    | TaskFailed
    | Heartbeat
    | TimerFired
    | Stop
    | Lost
    | Redrive
    | RunCounted
    | RunUpdated
)
"""The closed set that `advance` accepts and the stores persist."""
