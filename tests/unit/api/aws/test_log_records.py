"""The records of CloudWatch Logs and the changes of status, as pure projections."""

from datetime import UTC, datetime
from typing import Any

import pytest

from conductor_local.api.aws.log import ExecutionLog
from conductor_local.api.aws.log_records import DATA_BYTES_MAX, is_logged, log_fields, shortened
from conductor_local.api.aws.status_changes import StatusChanges
from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.state import Head
from conductor_local.language.asl import Identity
from conductor_local.payload import Payload
from conductor_local.program import Failure
from conductor_local.runtime.chronicle import Chronicle
from conductor_local.runtime.logged import Level, inherited, log_order, logging_label
from conductor_local.runtime.ports import Published
from conductor_local.runtime.records import Machine

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/x"


def configuration(level: str) -> dict[str, Any]:
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": f"{GROUP}:*"}}
    return {"level": level, "includeExecutionData": True, "destinations": [destination]}


def head(**more: Any) -> Head:
    labels = logging_label(Machine(logging=configuration("ALL")))
    given = {"labels": labels, "input": Payload({"a": 1}), **more}
    return Head(
        id="e", name="one", definition="d", definition_id="m", definition_name="flow", seed=1, started_at=AT, at=AT, **given
    )


class Told(Chronicle):
    """A chronicle of one execution; counts how many events were read anew."""

    def __init__(self, head: Head, *events: AnyEvent, is_express: bool = False) -> None:
        self._head, self._events, self._identity = head, events, Identity(is_express=is_express)
        self.read = 0

    async def head(self, execution_id: str) -> Head | None:
        return self._head if execution_id == self._head.id else None

    async def identity(self, head: Head) -> Identity:
        return self._identity

    async def events_before(self, execution_id: str, seq: int) -> list[AnyEvent]:
        found = [event for event in self._events if event.seq < seq]
        self.read += len(found)
        return found


def commit(*events: AnyEvent, id: str = "e") -> Published:
    return Published(cursor=1, execution_id=id, definition_id="m", definition_name="flow", events=events)


STARTED = ev.ExecutionStarted(seq=1, at=AT, history_id=1, input=Payload({"a": 1}))
SCHEDULED = ev.TaskScheduled(
    seq=2, at=AT, history_id=2, cause=1, frame=1, node="T", resource="arn:aws:lambda:f", resource_kind="lambda", attempt=1,
    arguments=Payload({}),
)  # fmt: skip
SUCCEEDED = ev.TaskSucceeded(seq=3, at=AT, history_id=3, cause=2, frame=1, node="T", result=Payload(7))
FAILED = ev.ExecutionFailed(seq=4, at=AT, history_id=4, cause=3, failure=Failure("Over", "for good"))
REDRIVEN = ev.ExecutionRedriven(seq=5, at=AT, history_id=5, cause=4, redrives=1)
ENDED = ev.ExecutionSucceeded(seq=6, at=AT, history_id=6, cause=5, output=Payload({"b": 2}))
ALL = (STARTED, SCHEDULED, SUCCEEDED, FAILED, REDRIVEN, ENDED)


@pytest.mark.parametrize(
    ("level", "logged"),
    [
        ("ALL", {"PassStateEntered", "FailStateEntered", "TaskTimedOut", "MapIterationAborted", "ExecutionFailed"}),
        ("ERROR", {"FailStateEntered", "TaskTimedOut", "MapIterationAborted", "ExecutionFailed"}),
        ("FATAL", {"ExecutionFailed"}),
    ],
)
def test_a_level_lets_through_what_aws_lists(level: Level, logged: set[str]) -> None:
    kinds = {"PassStateEntered", "FailStateEntered", "TaskTimedOut", "MapIterationAborted", "ExecutionFailed"}
    assert {kind for kind in kinds if is_logged(kind, level)} == logged


def test_a_payload_above_the_quota_is_cut_where_its_escaped_text_reaches_it() -> None:
    text = '"' + "x" * (DATA_BYTES_MAX - 4) + '"'
    assert shortened(text) is None
    cut = shortened(text + " ")
    assert cut == text
    quotes = '"' * DATA_BYTES_MAX
    assert shortened(quotes) == '"' * (DATA_BYTES_MAX // 2)
    details = {"name": "A", "input": text + "  ", "inputDetails": {"truncated": False}}
    event = {"timestamp": AT, "type": "PassStateEntered", "id": 2, "previousEventId": 0, "stateEnteredEventDetails": details}
    assert log_fields(event, arn="arn", redrives=0)["details"] == {"name": "A", "input": text, "inputDetails": {"truncated": True}}


def test_what_is_logged_is_kept_with_the_execution_and_its_items() -> None:
    assert logging_label(Machine()) == logging_label(Machine(logging={"level": "OFF"})) == {}
    order = log_order(head())
    assert order is not None
    assert (order.level, order.includes_data, order.group) == ("ALL", True, GROUP)
    assert log_order(head(labels=inherited(head()))) == order
    assert inherited(head(labels={})) == {}


async def test_a_commit_is_told_alike_after_the_ones_before_it_and_on_its_own() -> None:
    going_on, chronicle = ExecutionLog(one := Told(head(), *ALL)), Told(head(), *ALL)
    for event in ALL:
        (told,) = await going_on.records(commit(event))
        (alone,) = await ExecutionLog(chronicle).records(commit(event))
        assert told == alone
    assert told.fields["redrive_count"] == "1"
    assert one.read == 0, "what was just seen is not read again"


async def test_a_commit_that_comes_again_is_told_as_the_first_time() -> None:
    log = ExecutionLog(Told(head(), *ALL))
    first = [await log.records(commit(event)) for event in ALL]
    assert [await log.records(commit(event)) for event in ALL] == first


async def test_nothing_is_told_of_an_execution_that_logs_nothing_or_is_gone() -> None:
    assert await ExecutionLog(Told(head(labels={}), *ALL)).records(commit(STARTED)) == ()
    assert await ExecutionLog(Told(head(), *ALL)).records(commit(STARTED, id="gone")) == ()


async def test_of_two_events_with_one_id_the_later_is_logged() -> None:
    taken_back = ev.NodeEntered(seq=2, at=AT, history_id=2, node="A", kind="pass", input=Payload({}))
    failed = ev.ExecutionFailed(seq=3, at=AT, history_id=2, failure=Failure("Over"))
    records = await ExecutionLog(Told(head())).records(commit(STARTED, taken_back, failed))
    assert [each.fields["type"] for each in records] == ["ExecutionStarted", "ExecutionFailed"]


async def test_a_change_tells_the_status_of_its_moment() -> None:
    changes = StatusChanges(Told(head(redrives=1), *ALL))
    found = [change.entry["Detail"] for event in ALL for change in await changes.changes(commit(event))]
    assert [each["status"] for each in found] == ["RUNNING", "FAILED", "RUNNING", "SUCCEEDED"]
    assert [each["redriveCount"] for each in found] == [0, 0, 1, 1]
    assert [each["redriveDate"] is None for each in found] == [True, True, False, False]
    assert (found[1]["error"], found[1]["output"], found[3]["output"]) == ("Over", None, '{"b":2}')


async def test_a_payload_above_the_quota_is_left_out_of_a_change() -> None:
    large = head(input=Payload("x" * DATA_BYTES_MAX))
    (change,) = await StatusChanges(Told(large, *ALL)).changes(commit(STARTED))
    assert (change.entry["Detail"]["input"], change.entry["Detail"]["inputDetails"]) == (None, {"included": False})


async def test_express_executions_have_no_changes() -> None:
    assert await StatusChanges(Told(head(), *ALL, is_express=True)).changes(commit(*ALL)) == ()
