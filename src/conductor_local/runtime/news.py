"""What AWS-compatible services are told of executions: log records for CloudWatch Logs, changes of status for EventBridge.

What a commit tells is a projection that a face makes; sinks only carry it, through calls that whoever connects them gives.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from conductor_local.payload import Json
from conductor_local.runtime.chronicle import Chronicle
from conductor_local.runtime.logged import LogRecord
from conductor_local.runtime.ports import Published


class StatusChange(msgspec.Struct, kw_only=True, frozen=True):
    """One change of an execution's status: an entry of PutEvents as the API has it, for the event bus of a region."""

    region: str
    entry: dict[str, Json]


@dataclass(frozen=True, slots=True)
class News:
    """The projections. Both raise `Unavailable` when the store cannot answer."""

    records: Callable[[Published], Awaitable[Sequence[LogRecord]]]
    changes: Callable[[Published], Awaitable[Sequence[StatusChange]]]


MakeNews = Callable[[Chronicle], News]


class Send(Protocol):
    """Calls of one service at its endpoint."""

    async def __call__(self, operation: str, parameters: dict[str, Json], *, region: str) -> dict[str, Json]:
        """Make one call; names are the API's, capitalised in answers.

        Raises `Unavailable` when the endpoint cannot answer now, `InvalidRequest` with the service's code when it refuses.
        """
