"""What the sinks for CloudWatch Logs and EventBridge send, and what they make of refusals."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conductor_local.errors import InvalidRequest, Unavailable
from conductor_local.payload import Json
from conductor_local.runtime.logged import LogOrder, LogRecord
from conductor_local.runtime.news import News, StatusChange
from conductor_local.runtime.ports import Published
from conductor_local.sinks.cloudwatch import BATCH_BYTES_MAX, CloudWatchSink
from conductor_local.sinks.eventbridge import EventBridgeSink

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = LogOrder("ALL", True, "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/x")
COMMIT = Published(cursor=1, execution_id="e", definition_id="m", definition_name="flow", events=())
Call = tuple[str, str, dict[str, Json]]


class Service:
    """Answers calls: with what `answers` has for the operation, taken from the front, else with an empty object."""

    def __init__(self, **answers: list[Any]) -> None:
        self.calls: list[Call] = []
        self.answers = answers

    async def __call__(self, operation: str, parameters: dict[str, Json], *, region: str) -> dict[str, Json]:
        self.calls.append((region, operation, parameters))
        answer = self.answers[operation].pop(0) if self.answers.get(operation) else {}
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    def of(self, operation: str) -> list[dict[str, Json]]:
        return [parameters for _, name, parameters in self.calls if name == operation]


def news(records: Sequence[LogRecord] = (), changes: Sequence[StatusChange] = ()) -> News:
    async def told(commit: Published) -> Sequence[LogRecord]:
        return records

    async def changed(commit: Published) -> Sequence[StatusChange]:
        return changes

    return News(told, changed)


def record(n: int, machine: str = "orders", text: str = "") -> LogRecord:
    at = AT + timedelta(milliseconds=n)
    fields = {"id": str(n), "event_timestamp": str(int(at.timestamp() * 1000)), "text": text}
    return LogRecord(order=ORDER, region="us-east-1", machine=machine, at=at, fields=fields)


def change(n: int, text: str = "") -> StatusChange:
    return StatusChange(region="us-east-1", entry={"Source": "aws.states", "Detail": {"n": n, "text": text}})


MISSING = InvalidRequest("The specified log group does not exist.", code="ResourceNotFoundException")


async def test_a_stream_is_made_once_in_the_groups_own_region_and_events_are_in_the_order_of_time() -> None:
    service = Service()
    sink = CloudWatchSink(news([record(2), record(1)]), service)
    await sink.publish([COMMIT])
    await sink.publish([COMMIT])
    assert [(region, operation) for region, operation, _ in service.calls] == [
        ("eu-west-1", "CreateLogStream"), ("eu-west-1", "PutLogEvents"), ("eu-west-1", "PutLogEvents"),
    ]  # fmt: skip
    (made,) = service.of("CreateLogStream")
    assert made["logGroupName"] == "/aws/x"
    assert made["logStreamName"].startswith("states/orders/2026-03-01-12-00/")
    put = service.of("PutLogEvents")[0]
    assert [event["timestamp"] for event in put["logEvents"]] == [int(record(n).fields["event_timestamp"]) for n in (1, 2)]
    assert put["logStreamName"] == made["logStreamName"]


async def test_machines_have_streams_of_their_own() -> None:
    service = Service()
    await CloudWatchSink(news([record(1), record(2, "other"), record(3)]), service).publish([COMMIT])
    assert [len(each["logEvents"]) for each in service.of("PutLogEvents")] == [2, 1]


async def test_a_batch_stays_within_the_quotas() -> None:
    service = Service()
    await CloudWatchSink(news([record(n, text="x" * 400_000) for n in range(5)]), service).publish([COMMIT])
    sizes = [[len(event["message"]) + 26 for event in each["logEvents"]] for each in service.of("PutLogEvents")]
    assert [len(size) for size in sizes] == [2, 2, 1]
    assert all(sum(size) <= BATCH_BYTES_MAX for size in sizes)
    service = Service()
    await CloudWatchSink(news([record(n) for n in range(10_001)]), service).publish([COMMIT])
    assert [len(each["logEvents"]) for each in service.of("PutLogEvents")] == [10_000, 1]


async def test_a_stream_that_is_there_already_is_used_and_one_that_went_is_made_again() -> None:
    exists = InvalidRequest("there", code="ResourceAlreadyExistsException")
    service = Service(CreateLogStream=[exists], PutLogEvents=[MISSING])
    await CloudWatchSink(news([record(1)]), service).publish([COMMIT])
    assert [operation for _, operation, _ in service.calls] == ["CreateLogStream", "PutLogEvents"] * 2


async def test_a_group_that_is_not_there_is_told_once_and_holds_nothing_up(caplog: pytest.LogCaptureFixture) -> None:
    service = Service(CreateLogStream=[MISSING, MISSING])
    sink = CloudWatchSink(news([record(1)]), service)
    with caplog.at_level(logging.WARNING):
        await sink.publish([COMMIT])
        await sink.publish([COMMIT])
    (said,) = caplog.messages
    assert "eu-west-1//aws/x" in said
    assert "create-log-group" in said


@pytest.mark.parametrize("operation", ["CreateLogStream", "PutLogEvents"])
async def test_everything_waits_while_the_service_is_away(operation: str) -> None:
    sink = CloudWatchSink(news([record(1)]), Service(**{operation: [Unavailable("away")]}))
    with pytest.raises(Unavailable):
        await sink.publish([COMMIT])


async def test_changes_go_out_ten_at_a_time_in_order() -> None:
    service = Service()
    await EventBridgeSink(news(changes=[change(n) for n in range(12)]), service).publish([COMMIT])
    details = [[entry["Detail"] for entry in each["Entries"]] for each in service.of("PutEvents")]
    assert [len(each) for each in details] == [10, 2]
    assert details[1] == ['{"n":10,"text":""}', '{"n":11,"text":""}']


async def test_large_changes_go_out_alone() -> None:
    service = Service()
    await EventBridgeSink(news(changes=[change(n, "x" * 200_000) for n in range(3)]), service).publish([COMMIT])
    assert [len(each["Entries"]) for each in service.of("PutEvents")] == [1, 1, 1]


async def test_an_entry_that_failed_on_the_services_side_comes_again_and_a_refused_one_does_not() -> None:
    failed = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure", "ErrorMessage": "later"}]}
    with pytest.raises(Unavailable, match="later"):
        await EventBridgeSink(news(changes=[change(1)]), Service(PutEvents=[failed])).publish([COMMIT])
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InvalidArgument", "ErrorMessage": "never"}]}
    await EventBridgeSink(news(changes=[change(1)]), Service(PutEvents=[refused])).publish([COMMIT])
    no = InvalidRequest("no", code="AccessDeniedException")
    await EventBridgeSink(news(changes=[change(1)]), Service(PutEvents=[no])).publish([COMMIT])
