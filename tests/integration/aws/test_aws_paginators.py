"""boto3's paginators see everything once and in order. Waiters it has none for this service."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, served

ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
MANY = 7


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("server")
    with served(port=0, data=str(folder / "conductor.db"), sample=False) as address:
        yield address


@pytest.fixture
def sfn(url: str, connect: Callable[..., Any]) -> Any:
    return connect(url, inject_host_prefix=False)


def pages(sfn: Any, operation: str, member: str, size: int, **params: Any) -> list[list[Any]]:
    found = sfn.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}, **params)
    return [page[member] for page in found]


def test_boto3_has_these_paginators_and_no_waiters(sfn: Any) -> None:
    operations = [
        name
        for name in dir(sfn)
        if name.startswith(("list_", "get_")) and name not in ("get_paginator", "get_waiter") and sfn.can_paginate(name)
    ]
    assert operations == ["get_execution_history", "list_activities", "list_executions", "list_map_runs", "list_state_machines"]
    assert sfn.waiter_names == []


@pytest.mark.parametrize("size", [1, 3, MANY, 1_000])
def test_every_list_is_given_once_and_in_order(sfn: Any, size: int) -> None:
    names = [f"m-{number}" for number in range(MANY)]
    for name in names:  # which changes nothing the second time
        machine = sfn.create_state_machine(name=name, definition=PASS, roleArn=ROLE)["stateMachineArn"]
        sfn.create_activity(name=name)
    if not sfn.list_executions(stateMachineArn=machine)["executions"]:
        for name in names:
            sfn.start_execution(stateMachineArn=machine, name=name)
    execution = machine.replace("stateMachine", "execution") + f":{names[0]}"
    wanted = -(-MANY // size)
    for operation, member, params, expected in (
        ("list_state_machines", "stateMachines", {}, names),
        ("list_activities", "activities", {}, names),
        ("list_executions", "executions", {"stateMachineArn": machine}, names[::-1]),
    ):
        found = pages(sfn, operation, member, size, **params)
        assert [one["name"] for page in found for one in page] == expected
        assert len(found) == wanted
    while sfn.describe_execution(executionArn=execution)["status"] == "RUNNING":
        pass
    for is_reverse in (False, True):
        events = pages(sfn, "get_execution_history", "events", size, executionArn=execution, reverseOrder=is_reverse)
        ids = [event["id"] for page in events for event in page]
        assert ids == ([4, 3, 2, 1] if is_reverse else [1, 2, 3, 4])


def test_reading_can_be_resumed_where_it_stopped(serve: Callable[..., str], connect: Callable[..., Any]) -> None:
    sfn = connect(serve(), inject_host_prefix=False)
    for number in range(MANY):
        sfn.create_activity(name=f"resumed-{number}")
    paginator = sfn.get_paginator("list_activities")
    first = paginator.paginate(PaginationConfig={"MaxItems": 2, "PageSize": 2}).build_full_result()
    rest = paginator.paginate(PaginationConfig={"StartingToken": first["NextToken"]}).build_full_result()
    everything = paginator.paginate().build_full_result()
    assert first["activities"] + rest["activities"] == everything["activities"]
