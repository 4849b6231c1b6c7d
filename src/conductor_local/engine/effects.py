"""What an execution asks of the world. Each is a durable row of work that stays until a commit consumes it.

That is the whole recovery story: whatever was asked for and not yet answered is still in the table when a process starts.
"""

from datetime import datetime

import msgspec

from conductor_local.engine.messages import AnyMessage, WorkId
from conductor_local.payload import Payload
from conductor_local.program import Path, Resource


class Work(msgspec.Struct, gc=False, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every row of work has; it may be claimed from `due_at` on."""

    id: WorkId
    due_at: datetime


class Invoke(Work, frozen=True, kw_only=True, tag=True):
    """Call `resource` with `arguments`. At least once: after a crash the same row, with the same id and attempt, is run again."""

    node: str
    path: Path = ()
    resource: Resource
    arguments: Payload
    attempt: int


class Timer(Work, frozen=True, kw_only=True, tag=True):
    """Send `TimerFired` when due."""


class Deliver(Work, frozen=True, kw_only=True, tag=True):
    """Hand `message` to the execution."""

    message: AnyMessage


AnyWork = Invoke | Timer | Deliver
"""The closed set that a `Step` asks for and the stores persist."""
