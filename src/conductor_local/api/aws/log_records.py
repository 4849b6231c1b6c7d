"""What AWS writes to CloudWatch Logs of an execution: one record per event of its history, where the level lets it through.

Rules: pure; a record has the event's own details, payloads only where the configuration includes them; a payload whose text takes
more than `DATA_BYTES_MAX` when it is escaped is cut there and says so (Developer Guide, "Using CloudWatch Logs to log execution
history"); numbers and times are texts (recorded 2024).
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from conductor_local.api.aws.history import member
from conductor_local.payload import Json
from conductor_local.runtime.logged import Level

DATA_BYTES_MAX = 248 * 1024
_FATAL = frozenset({"ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted"})
_ERROR_ENDINGS = ("Failed", "TimedOut", "Aborted")
_DATA = {"input": "inputDetails", "output": "outputDetails", "parameters": None}
"""Members that hold payloads, and the member that tells whether they were cut."""


def is_logged(kind: str, level: Level) -> bool:
    """Whether events of this type are logged at a level."""
    match level:
        case "ALL":
            return True
        case "ERROR":
            return kind == "FailStateEntered" or kind.endswith(_ERROR_ENDINGS)
        case "FATAL":
            return kind in _FATAL


def log_fields(event: Mapping[str, Json], *, arn: str, redrives: int) -> dict[str, Json]:
    """Write the record of an event that the history shows; `redrives`: how often the execution had been redriven."""
    kind: str = event["type"]
    return {
        "id": str(event["id"]),
        "type": kind,
        "details": _cut(event.get(member(kind), {})),
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(milliseconds(event["timestamp"])),
        "execution_arn": arn,
        "redrive_count": str(redrives),
    }


def milliseconds(at: datetime) -> int:
    """Return an instant as milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def _cut(details: Mapping[str, Json]) -> dict[str, Json]:
    cut = dict(details)
    for name, flag in _DATA.items():
        if name in cut and (shorter := shortened(cut[name])) is not None:
            cut[name] = shorter
            if flag is not None:
                cut[flag] = {"truncated": True}
    return cut


def shortened(text: str) -> str | None:
    """Return what remains of a payload's text at the quota; None when it is within."""
    if 2 * len(text.encode()) <= DATA_BYTES_MAX or _escaped_bytes(text) <= DATA_BYTES_MAX:
        return None
    kept, over = 0, len(text)
    while over - kept > 1:
        middle = (kept + over) // 2
        kept, over = (middle, over) if _escaped_bytes(text[:middle]) <= DATA_BYTES_MAX else (kept, middle)
    return text[:kept]


def _escaped_bytes(text: str) -> int:
    return len(msgspec.json.encode(text)) - 2
