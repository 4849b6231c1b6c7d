"""TestState: a state that is really run."""

import asyncio
import json
import time
from typing import Any

import pytest

from .trying import FUNCTION, INVOKE, answer, refused, task


async def test_a_state_says_where_it_goes() -> None:
    assert await answer({"Type": "Pass", "Next": "B"}, input={"a": 1}) == {
        "status": "SUCCEEDED", "output": '{"a": 1}', "nextState": "B",
    }  # fmt: skip


async def test_a_state_may_go_to_itself() -> None:
    assert (await answer({"Type": "Pass", "Next": "StateName"}))["nextState"] == "StateName"


async def test_a_task_calls_the_local_function() -> None:
    got = await answer(task(FUNCTION + "double"), {"double": lambda event: event["n"] * 2}, input={"n": 4})
    assert got == {"status": "SUCCEEDED", "output": "8"}


async def test_a_failing_function_is_retriable_caught_or_failed() -> None:
    def refuse(event: Any) -> None:
        raise ValueError("no")

    functions, retry, catch = {"f": refuse}, [{"ErrorEquals": ["ValueError"]}], [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
    states = [task(FUNCTION + "f", Retry=retry), task(FUNCTION + "f", Catch=catch), task(FUNCTION + "f")]
    got = [await answer(state, functions) for state in states]
    assert [(one["status"], one["error"]) for one in got] == [
        ("RETRIABLE", "ValueError"), ("CAUGHT_ERROR", "ValueError"), ("FAILED", "ValueError"),
    ]  # fmt: skip
    assert json.loads(got[1]["output"])["Error"] == "ValueError"
    assert got[1]["nextState"] == "C"


async def test_a_task_has_its_own_time_limit() -> None:
    async def sleep(event: Any) -> None:
        await asyncio.sleep(60)

    began = time.monotonic()
    got = await answer(task(FUNCTION + "f", TimeoutSeconds=1), {"f": sleep})
    assert (got["status"], got["error"]) == ("FAILED", "States.Timeout")
    assert time.monotonic() - began < 30


async def test_a_wait_is_waited_for_and_a_longer_one_than_five_minutes_fails_at_once() -> None:
    assert (await answer({"Type": "Wait", "Seconds": 200, "Next": "B"}))["nextState"] == "B"
    got = await answer({"Type": "Wait", "Seconds": 301, "Next": "B"})
    assert (got["status"], got["error"]) == ("FAILED", "States.Timeout")


async def test_a_cause_does_not_name_a_place_in_a_history() -> None:
    by_path = await answer(task(FUNCTION + "f", Parameters={"a.$": "$.no"}))
    in_jsonata = await answer(task(FUNCTION + "f", QueryLanguage="JSONata", Arguments="{% $states.input.no %}"))
    assert by_path["cause"].startswith("The JSONPath '$.no' specified for the field 'a.$' could not be found")
    assert in_jsonata["cause"].startswith("The JSONata expression '$states.input.no' specified for the field 'Arguments' returned")


async def test_a_state_of_a_machine_is_found_by_name_also_inside_another() -> None:
    inner = {"StartAt": "B", "States": {"B": {"Type": "Pass", "Output": "{% $states.context.State.Name %}", "End": True}}}
    machine = {
        "QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Parallel", "Branches": [inner], "End": True}},
    }  # fmt: skip
    assert (await answer(machine, stateName="B"))["output"] == '"B"'
    assert await refused(machine, stateName="C") == "ValidationException: State not found in definition"


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ({"Type": "Pass"}, "There should be one of the following fields: [Next, End]"),
        ({"StartAt": "A", "States": {}}, "These fields are required: [Type]"),
    ],
)
async def test_a_wrong_state_is_refused_with_its_place(definition: dict[str, Any], text: str) -> None:
    told = f"SCHEMA_VALIDATION_FAILED: {text} at /States/StateName"
    assert await refused(definition) == f"InvalidDefinition: Invalid State Machine Definition: '{told}'"


async def test_what_is_no_json_is_refused() -> None:
    assert (await refused("nope")).startswith("InvalidDefinition: Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION")
    assert (await refused({"Type": "Succeed"}, input="nope")).startswith(
        "InvalidExecutionInput: Invalid State Machine Execution Input"
    )
    assert await refused({"Type": "Succeed"}, input="") == "InvalidExecutionInput: Invalid execution input."
    assert (await refused({"Type": "Succeed"}, variables="nope")).startswith("ValidationException: Variables must be valid JSON")
    assert await refused({"Type": "Succeed"}, variables=[1]) == "ValidationException: Variables must be a JSON object."


async def test_a_role_must_look_like_one() -> None:
    assert await refused({"Type": "Succeed"}, roleArn="me") == "InvalidArn: Invalid Arn: 'Invalid ARN prefix: me'"


async def test_what_only_a_mock_can_stand_for_is_refused_without_one() -> None:
    for resource in ("arn:aws:states:::states:startExecution.sync", "arn:aws:states:eu-west-1:123456789012:activity:a"):
        text = await refused(task(resource))
        assert text.startswith("InvalidDefinition: TestState API does not support activities and the service integration patterns")
    assert await refused(task(), roleArn=None) == "ValidationException: RoleArn must be specified when testing a Task state"
    assert await refused({"Type": "Succeed"}, context={}) == (
        "ValidationException: A Context object can only be specified when a mock is specified."
    )
    assert await refused({"Type": "Succeed"}, stateConfiguration={"retrierRetryCount": 1}) == (
        "ValidationException: A state configuration can only be specified when a mock is specified."
    )


async def test_variables_are_seen_and_shown_with_what_the_state_assigns() -> None:
    state = {"Type": "Pass", "Parameters": {"n.$": "$y[1]"}, "Assign": {"z.$": "$y[0]"}, "End": True}
    got = await answer(state, variables={"y": [1, 2]}, inspectionLevel="DEBUG")
    assert got["output"] == '{"n":2}'
    assert json.loads(got["inspectionData"]["variables"]) == {"y": [1, 2], "z": 1}


async def test_a_failed_state_shows_the_variables_it_was_given() -> None:
    got = await answer({"Type": "Fail"}, variables={"y": 1}, inspectionLevel="DEBUG")
    assert got == {"status": "FAILED", "inspectionData": {"input": "{}", "afterInputPath": "{}", "variables": '{"y": 1}'}}


async def test_the_stages_show_what_really_happened() -> None:
    state = task(
        INVOKE, Parameters={"FunctionName": "f", "Payload": {"id.$": "States.UUID()"}}, ResultSelector={"p.$": "$.Payload"}
    )
    got = await answer(state, {"f": lambda event: event}, inspectionLevel="DEBUG")
    shown = {name: json.loads(text) for name, text in got["inspectionData"].items()}
    assert list(shown) == ["input", "afterInputPath", "afterParameters", "result", "afterResultSelector", "afterResultPath"]
    assert shown["result"]["Payload"] == shown["afterParameters"]["Payload"]
    assert shown["afterResultSelector"] == json.loads(got["output"]) == {"p": shown["afterParameters"]["Payload"]}


async def test_what_was_sent_keeps_its_blanks_and_what_was_made_has_none() -> None:
    state = {"Type": "Pass", "InputPath": "$.a", "ResultPath": "$.b", "End": True}
    got = await answer(state, input='{"a": [1,  {"c": 2}]}', inspectionLevel="DEBUG")
    assert got["inspectionData"]["afterInputPath"] == '[1,  {"c": 2}]'
    assert got["inspectionData"]["afterResultPath"] == '{"a":[1,{"c":2}],"b":[1,{"c":2}]}'
