"""What is to be logged of an execution: the logging configuration it was started under, kept in one of its labels.

Rules: an execution is logged as its machine, or the version of it, was configured when it was started, whatever becomes of either;
the executions of a map run's items are logged as the one that started them. Nothing is kept where nothing is logged.
"""

from datetime import datetime
from typing import Literal

import msgspec

from conductor_local.engine.state import Head
from conductor_local.payload import Json
from conductor_local.runtime.records import Machine, Version

LABEL = "logging"
Level = Literal["ALL", "ERROR", "FATAL"]


class LogOrder(msgspec.Struct, frozen=True):
    """Which events are logged, whether with their payloads, and the ARN of the log group that they are for."""

    level: Level
    includes_data: bool
    group: str


class LogRecord(msgspec.Struct, kw_only=True, frozen=True):
    """One line of an execution's log: `fields` as AWS writes them. `region` and `machine` are those of the execution's machine."""

    order: LogOrder
    region: str
    machine: str
    at: datetime
    fields: dict[str, Json]


def logging_label(of: Machine | Version) -> dict[str, str]:
    """Return the label for an execution that is started; none when nothing of it is logged."""
    given = of.logging or {}
    if given.get("level", "OFF") == "OFF":
        return {}
    groups = [each["cloudWatchLogsLogGroup"]["logGroupArn"] for each in given.get("destinations") or ()]
    order = LogOrder(given["level"], bool(given.get("includeExecutionData")), groups[0].removesuffix(":*") if groups else "")
    return {LABEL: msgspec.json.encode(order).decode()}


def inherited(parent: Head) -> dict[str, str]:
    """Return the label for an execution that another one starts for an item."""
    return {LABEL: parent.labels[LABEL]} if LABEL in parent.labels else {}


def log_order(head: Head) -> LogOrder | None:
    """Return what is to be logged of an execution; None: nothing."""
    text = head.labels.get(LABEL)
    return None if text is None else msgspec.json.decode(text, type=LogOrder)
