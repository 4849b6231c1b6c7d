"""Heads as DescribeExecution and StartSyncExecution show them."""

from datetime import timedelta
from typing import Any

import pytest

from conductor_local.api.aws import Machine, describe_execution, sync_execution
from conductor_local.program import Body, Fail, Node, Pass, Program, Scope, Wait
from conductor_local.testing.kernel import BEGIN, Run

MACHINE = Machine(arn="arn:machine", role_arn="arn:role", region="us-east-1")
PASS = Pass(name="P", title="P")
FAIL = Fail(name="F", title="F", error=lambda _: "E", cause=lambda _: "c" * 40_000)


def _later(scope: Scope) -> Any:
    return scope.now + timedelta(milliseconds=1250)


WAIT = Wait(name="W", title="W", until=_later)


def started(node: Node, timeout_s: float | None = None) -> Run:
    run = Run(Program(body=Body(node.name, {node.name: node}), timeout_s=timeout_s), input={"a": 1})
    run.start()
    return run


def described(run: Run, **options: Any) -> dict[str, Any]:
    return describe_execution(run.execution.head, machine=MACHINE, arn=run.execution.head.id, **options)


def test_a_success_is_described_in_full() -> None:
    assert described(started(PASS)) == {
        "executionArn": "run-id", "stateMachineArn": "arn:machine", "name": "run", "status": "SUCCEEDED",
        "startDate": BEGIN, "stopDate": BEGIN,
        "input": '{"a":1}', "inputDetails": {"included": True}, "output": '{"a":1}', "outputDetails": {"included": True},
        "redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }  # fmt: skip


def test_what_runs_has_no_stop_date_and_no_output() -> None:
    shown = described(started(WAIT))
    assert shown["status"] == "RUNNING"
    assert not shown.keys() & {"stopDate", "output", "outputDetails", "error", "cause"}
    assert shown["redriveStatusReason"] == "Execution is RUNNING and cannot be redriven"


def test_a_failure_has_error_and_cause_and_can_be_redriven() -> None:
    shown = described(started(FAIL))
    assert (shown["status"], shown["error"], len(shown["cause"]), shown["redriveStatus"]) == ("FAILED", "E", 32_768, "REDRIVABLE")
    assert not shown.keys() & {"output", "outputDetails", "redriveStatusReason"}


@pytest.mark.parametrize(("end", "status"), [("stop", "ABORTED"), ("fire", "TIMED_OUT")])
def test_what_was_ended_from_outside_names_no_error(end: str, status: str) -> None:
    run = started(WAIT, timeout_s=1)
    getattr(run, end)()
    shown = described(run)
    assert (shown["status"], shown["redriveStatus"]) == (status, "REDRIVABLE")
    assert not shown.keys() & {"error", "cause"}


def test_a_redriven_execution_says_when() -> None:
    run = started(WAIT)
    run.stop("E")
    run.redrive()
    assert (described(run)["redriveCount"], described(run)["redriveDate"]) == (1, BEGIN)


def test_without_data_only_that_there_is_some() -> None:
    shown = described(started(PASS), include_data=False)
    assert not shown.keys() & {"input", "output"}
    assert shown["outputDetails"] == {"included": False}


def test_a_synchronous_run_is_billed_in_steps_of_a_tenth_of_a_second() -> None:
    run = started(WAIT)
    run.fire()
    shown = sync_execution(run.execution.head, machine=MACHINE, arn=run.execution.head.id)
    assert shown["billingDetails"] == {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 1300}
    assert not shown.keys() & {"redriveCount", "redriveStatus"}


def test_a_synchronous_failure_has_output_details_without_output() -> None:
    shown = sync_execution(started(FAIL).execution.head, machine=MACHINE, arn="arn")
    assert (shown["status"], shown["outputDetails"], "output" in shown) == ("FAILED", {"included": True}, False)
    assert shown["billingDetails"]["billedDurationInMilliseconds"] == 100
