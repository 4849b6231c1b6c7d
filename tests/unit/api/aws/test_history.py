"""Events as GetExecutionHistory shows them. The numbers and members are those AWS gave, recorded 2023 to 2025."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from conductor_local.api.aws import Machine, history
from conductor_local.api.aws.tasks import split_resource
from conductor_local.engine.messages import TaskSucceeded
from conductor_local.errors import EvaluationError
from conductor_local.payload import Payload
from conductor_local.program import Body, Catcher, Fail, Map, Node, Parallel, Pass, Program, Resource, Retrier, Scope, Task, Wait
from conductor_local.testing.kernel import BEGIN, Run

MACHINE = Machine(arn="arn:aws:states:r:1:stateMachine:m", role_arn="arn:aws:iam::1:role/r", region="us-east-1")
LAMBDA = "arn:aws:lambda:us-east-1:1:function:f"
ACTIVITY = "arn:aws:states:us-east-1:1:activity:a"
SQS = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
NO_DATA = {"truncated": False}


def started(*nodes: Node, input: Any = None) -> Run:
    run = Run(Program(body=Body(nodes[0].name, {node.name: node for node in nodes})), input={} if input is None else input)
    run.start()
    return run


def task(kind: str, resource: str, **slots: Any) -> Task:
    return Task(name="T", title="T", resource=Resource(kind, resource), **slots)


def shown(run: Run, **options: Any) -> list[dict[str, Any]]:
    return history(run.events, machine=MACHINE, **options)


def line(run: Run) -> list[tuple[int, int, str]]:
    return [(event["id"], event["previousEventId"], event["type"]) for event in shown(run)]


def details(run: Run, kind: str) -> Any:
    event = next(event for event in shown(run) if event["type"] == kind)
    return next((value for name, value in event.items() if name.endswith("Details")), None)


def raising(location: str | None) -> Callable[[Scope], Any]:
    def fails(scope: Scope) -> Any:
        raise EvaluationError("States.QueryEvaluationError", "nothing", location=location)

    return fails


def test_a_pass_is_shown_as_aws_shows_it() -> None:
    run = started(Pass(name="P", title="P", output=lambda _: {"a": [1, 2.0]}, assign=lambda _: {"x": "t", "n": 1}))
    assert shown(run) == [
        {
            "timestamp": BEGIN, "type": "ExecutionStarted", "id": 1, "previousEventId": 0,
            "executionStartedEventDetails": {"input": "{}", "inputDetails": NO_DATA, "roleArn": MACHINE.role_arn},
        },
        {
            "timestamp": BEGIN, "type": "PassStateEntered", "id": 2, "previousEventId": 0,
            "stateEnteredEventDetails": {"name": "P", "input": "{}", "inputDetails": NO_DATA},
        },
        {
            "timestamp": BEGIN, "type": "PassStateExited", "id": 3, "previousEventId": 2,
            "stateExitedEventDetails": {
                "name": "P", "output": '{"a":[1,2.0]}', "outputDetails": NO_DATA,
                "assignedVariables": {"x": '"t"', "n": "1"}, "assignedVariablesDetails": NO_DATA,
            },
        },
        {
            "timestamp": BEGIN, "type": "ExecutionSucceeded", "id": 4, "previousEventId": 3,
            "executionSucceededEventDetails": {"output": '{"a":[1,2.0]}', "outputDetails": NO_DATA},
        },
    ]  # fmt: skip


def test_without_execution_data_no_payload_is_shown() -> None:
    run = started(Pass(name="P", title="P", assign=lambda _: {"x": 1}))
    assert [event.get("stateExitedEventDetails") for event in shown(run, include_data=False)][2] == {"name": "P"}


def test_nothing_assigned_is_not_shown() -> None:
    run = started(Pass(name="P", title="P", assign=lambda _: {}))
    assert details(run, "PassStateExited") == {"name": "P", "output": "{}", "outputDetails": NO_DATA}


def test_text_that_passes_through_keeps_its_blanks() -> None:
    branch = Body("B", {"B": Pass(name="B", title="B")})
    run = started(Parallel(name="P", title="P", branches=(branch,)), input=None)
    run = Run(run.program)
    run.execution.head.input = Payload.from_encoded(b"[[1, 2],  [3]]")
    run.start()
    assert details(run, "ExecutionSucceeded")["output"] == "[[[1, 2],  [3]]]"


def test_a_lambda_task_has_events_of_its_own() -> None:
    run = started(task("lambda", LAMBDA, timeout_s=lambda _: 5, heartbeat_s=lambda _: 2))
    run.succeed("T", {"a": 1})
    assert line(run)[2:5] == [(3, 2, "LambdaFunctionScheduled"), (4, 3, "LambdaFunctionStarted"), (5, 4, "LambdaFunctionSucceeded")]
    scheduled = {"resource": LAMBDA, "input": "{}", "inputDetails": NO_DATA, "timeoutInSeconds": 5}
    assert details(run, "LambdaFunctionScheduled") == scheduled
    assert details(run, "LambdaFunctionStarted") is None
    assert details(run, "LambdaFunctionSucceeded") == {"output": '{"a":1}', "outputDetails": NO_DATA}


def test_a_lambda_task_that_times_out_had_started() -> None:
    run = started(task("lambda", LAMBDA, timeout_s=lambda _: 5))
    run.fire()
    assert line(run)[2:] == [
        (3, 2, "LambdaFunctionScheduled"), (4, 3, "LambdaFunctionStarted"), (5, 4, "LambdaFunctionTimedOut"),
        (6, 5, "ExecutionFailed"),
    ]  # fmt: skip
    assert details(run, "LambdaFunctionTimedOut") == {"error": "States.Timeout"}
    assert [event["timestamp"] - BEGIN for event in shown(run)][3:5] == [timedelta(0), timedelta(seconds=5)]


def test_an_activity_names_its_worker() -> None:
    run = started(task("activity", ACTIVITY, timeout_s=lambda _: 60, heartbeat_s=lambda _: 10))
    work = run.invoke_of("T").id
    run.send(TaskSucceeded(at=run.now, work_id=work, result=Payload(1), started_at=run.now, worker="W"))
    assert line(run)[2:5] == [(3, 2, "ActivityScheduled"), (4, 3, "ActivityStarted"), (5, 4, "ActivitySucceeded")]
    limits = {"timeoutInSeconds": 60, "heartbeatInSeconds": 10}
    assert details(run, "ActivityScheduled") == {"resource": ACTIVITY, "input": "{}", "inputDetails": NO_DATA, **limits}
    assert details(run, "ActivityStarted") == {"workerName": "W"}


def test_an_integration_names_service_and_action_in_every_event() -> None:
    run = started(task("integration", SQS, credentials=lambda _: {"RoleArn": "arn:other"}))
    work = run.submit("T")
    run.post(TaskSucceeded(at=run.now, work_id=work, result=Payload("done")))
    named = {"resourceType": "sqs", "resource": "sendMessage.waitForTaskToken"}
    credentials = {"taskCredentials": {"roleArn": "arn:other"}}
    assert details(run, "TaskScheduled") == {**named, "region": "us-east-1", "parameters": "{}", **credentials}
    assert details(run, "TaskStarted") == named
    assert details(run, "TaskSubmitted") == {**named, "output": "{}", "outputDetails": NO_DATA}
    assert details(run, "TaskSucceeded") == {**named, "output": '"done"', "outputDetails": NO_DATA}


def test_a_failure_without_error_and_cause_has_neither_key() -> None:
    run = started(task("integration", SQS))
    run.fail("T")
    assert details(run, "TaskFailed") == {"resourceType": "sqs", "resource": "sendMessage.waitForTaskToken"}
    assert details(run, "ExecutionFailed") == {}


def test_a_retry_follows_the_failure_and_a_catch_exits_the_state() -> None:
    retry = Retrier(matches=lambda _: True, attempts_max=1)
    catch = Catcher(matches=lambda _: True, next="P", output=lambda _: "caught", assign=lambda _: {"x": 1})
    run = started(task("lambda", LAMBDA, retry=(retry,), catch=(catch,)), Pass(name="P", title="P"))
    run.fail("T", "E", "c")
    run.fire()
    run.fail("T", "E", "c")
    assert line(run)[4:9] == [
        (5, 4, "LambdaFunctionFailed"), (6, 5, "LambdaFunctionScheduled"), (7, 6, "LambdaFunctionStarted"),
        (8, 7, "LambdaFunctionFailed"), (9, 8, "TaskStateExited"),
    ]  # fmt: skip
    assert details(run, "TaskStateExited")["assignedVariables"] == {"x": "1"}


def test_a_task_that_ends_a_parallel_is_shown_as_aborted_after_its_siblings() -> None:
    bodies = [Body("T", {"T": task("integration", SQS)}), Body("W", {"W": Wait(name="W", title="W", until=_later)})]
    run = started(Parallel(name="P", title="P", branches=tuple(bodies)))
    run.fail("T", "E")
    assert line(run)[6:] == [
        (7, 5, "TaskStarted"), (8, 7, "TaskFailed"), (9, 8, "WaitStateAborted"),
        (10, 8, "TaskStateAborted"), (11, 8, "ParallelStateFailed"), (12, 11, "ExecutionFailed"),
    ]  # fmt: skip
    assert details(run, "TaskStateAborted") is None


def _later(scope: Scope) -> Any:
    return scope.now + timedelta(hours=1)


def test_a_failing_map_names_its_iterations() -> None:
    run = started(Map(name="M", title="M", items=lambda _: [1], body=Body("F", {"F": Fail(name="F", title="F")})))
    assert line(run)[2:] == [
        (3, 2, "MapStateStarted"), (4, 3, "MapIterationStarted"), (5, 4, "FailStateEntered"), (6, 5, "MapIterationFailed"),
        (7, 5, "MapStateFailed"), (8, 7, "ExecutionFailed"),
    ]  # fmt: skip
    assert (details(run, "MapStateStarted"), details(run, "MapIterationFailed")) == ({"length": 1}, {"name": "M", "index": 0})


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Pass(name="S", title="S", output=raising("Output/x")), [(3, 0, "EvaluationFailed"), (4, 3, "ExecutionFailed")]),
        (Pass(name="S", title="S", output=raising(None)), [(3, 2, "ExecutionFailed")]),
        (Wait(name="S", title="S", until=raising("Timestamp")), [(3, 2, "EvaluationFailed"), (4, 3, "ExecutionFailed")]),
        (
            Map(name="S", title="S", items=raising("Items"), body=Body("F", {})),
            [(3, 0, "EvaluationFailed"), (4, 3, "MapStateFailed"), (5, 4, "ExecutionFailed")],
        ),
        (
            Map(name="S", title="S", items=lambda _: [1], window=raising(None), body=Body("F", {})),
            [(3, 2, "MapStateStarted"), (4, 3, "ExecutionFailed")],
        ),
    ],
)
def test_failed_evaluations_are_shown_where_the_language_says_so(node: Node, expected: list[Any]) -> None:
    run = started(node)
    assert line(run)[2:] == expected
    if expected[0][2] == "EvaluationFailed":
        assert details(run, "EvaluationFailed")["state"] == "S"


def test_the_whole_node_has_no_location() -> None:
    run = started(Pass(name="S", title="S", output=raising("")))
    cause = {"error": "States.QueryEvaluationError", "cause": "nothing"}
    assert details(run, "EvaluationFailed") == {"state": "S", **cause}


def test_a_stop_and_a_redrive_are_shown() -> None:
    run = started(Wait(name="W", title="W", until=_later))
    run.stop()
    run.redrive()
    assert line(run)[2:4] == [(3, 0, "ExecutionAborted"), (4, 3, "ExecutionRedriven")]
    assert (details(run, "ExecutionAborted"), details(run, "ExecutionRedriven")) == ({}, {"redriveCount": 1})


def test_a_start_by_alias_names_alias_and_version() -> None:
    run = started(Pass(name="P", title="P"))
    machine = Machine(arn="m", role_arn="r", region="x", version_arn="m:1", alias_arn="m:live")
    shown_details = history(run.events, machine=machine)[0]["executionStartedEventDetails"]
    assert (shown_details["stateMachineVersionArn"], shown_details["stateMachineAliasArn"]) == ("m:1", "m:live")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", ("sqs", "sendMessage.waitForTaskToken")),
        ("arn:aws:states:::states:startExecution.sync:2", ("states", "startExecution.sync:2")),
        ("arn:aws-cn:states:::aws-sdk:dynamodb:putItem", ("aws-sdk:dynamodb", "putItem")),
        ("arn:aws:states:::lambda:invoke", ("lambda", "invoke")),
        ("sendEmail", ("function", "sendEmail")),
    ],
)
def test_a_resource_is_split_into_service_and_action(name: str, expected: tuple[str, str]) -> None:
    assert split_resource("function", name) == expected
