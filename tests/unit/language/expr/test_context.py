"""The context object."""

from datetime import UTC, datetime
from typing import Any

import pytest

from conductor_local.language.expr import Context, Machine
from conductor_local.program import Item

from .helpers import CONTEXT, MACHINE, at, value_of

STARTED = datetime(2024, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
FIELDS: dict[str, Any] = {"execution_id": "e1", "execution_name": "n1", "execution_input": {"i": 1}, "started_at": STARTED}


def test_keys_stand_in_the_order_of_aws() -> None:
    whole = CONTEXT.whole(at(**FIELDS))
    assert list(whole) == ["Execution", "StateMachine", "State"]
    assert list(whole["Execution"]) == ["Id", "Input", "StartTime", "Name", "RoleArn", "RedriveCount"]
    assert list(whole["State"]) == ["Name", "EnteredTime"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$$.Execution.Id", "arn:x:e1"),
        ("$$.Execution.Input", {"i": 1}),
        ("$$.Execution.Input.i", 1),
        ("$$['Execution'].Name", "n1"),
        ("$$.Execution.RoleArn", "arn:role"),
        ("$$.Execution.StartTime", "2024-01-02T03:04:05.678Z"),
        ("$$.Execution.RedriveCount", 0),
        ("$$.State.Name", "a"),
        ("$$.State.EnteredTime", "2030-01-01T00:00:00.000Z"),
        ("$$.StateMachine", {"Id": "arn:m", "Name": "m"}),
        ("$$..Name", ["n1", "m", "a"]),
    ],
)
def test_a_context_path_reads(path: str, expected: Any) -> None:
    assert value_of(path, **FIELDS) == expected


def test_a_state_that_can_retry_counts_its_retries() -> None:
    assert value_of("$$.State.RetryCount", context=Context(MACHINE, counts_retries=True), retries=2) == 2


def test_a_token_is_there_only_where_one_is_given() -> None:
    assert "Task" not in CONTEXT.whole(at(task_token="t"))
    assert value_of("$$.Task.Token", context=Context(MACHINE, gives_token=True), task_token="t") == "t"


def test_a_map_item_is_there_inside_a_map() -> None:
    assert value_of("$$.Map.Item", item=Item(3, None)) == {"Index": 3, "Value": None, "Source": "STATE_DATA"}
    assert CONTEXT.whole(at(item=Item(0, "v", "k", "S3://b/k")))["Map"] == {
        "Item": {"Index": 0, "Key": "k", "Value": "v", "Source": "S3://b/k"}
    }


def test_a_synchronous_express_execution_counts_no_redrives() -> None:
    machine = Machine("arn:m", "m", "r", counts_redrives=False)
    assert "RedriveCount" not in Context(machine).whole(at())["Execution"]
    assert value_of("$$.Execution.Id", context=Context(machine), execution_id="e2") == "e2"
