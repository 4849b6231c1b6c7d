"""JSONPath mode: what goes into a state, what comes out, in which order."""

import pytest

from conductor_local.program import Failure

from .machines import END, failed, found, machine, only, output, run, task

NOT_FOUND = "The JSONPath '$.x' specified for the field 'v.$' could not be found in the input '{}'"


def test_input_path_then_parameters_make_the_arguments():
    state = task(InputPath="$.a", Parameters={"n.$": "$.b", "k": "$.b", "list": [{"m.$": "$.b"}]})
    assert output(only(state), {"a": {"b": 1}}) == {"n": 1, "k": "$.b", "list": [{"m": 1}]}


def test_a_null_input_path_gives_an_empty_object():
    assert output(only({"Type": "Pass", "InputPath": None, "ResultPath": "$.r"}), {"a": 1}) == {"a": 1, "r": {}}


def test_a_null_output_path_gives_an_empty_object():
    assert output(only({"Type": "Succeed", "OutputPath": None}), {"a": 1}) == {}


def test_the_result_goes_into_the_raw_input_and_not_into_the_effective_one():
    state = task(InputPath="$.a", ResultSelector={"got.$": "$.b"}, ResultPath="$.r.s", OutputPath="$.r")
    assert output(only(state), {"a": {"b": 1}, "z": 2}) == {"s": {"got": 1}}


def test_a_null_result_path_drops_the_result():
    assert output(only(task(ResultPath=None)), {"a": 1}, lambda invoke: "gone") == {"a": 1}


def test_result_wins_over_parameters():
    assert output(only({"Type": "Pass", "Result": 5, "Parameters": {"a": 1}})) == 5


def test_a_result_does_not_hide_a_wrong_input_path():
    assert failed(only({"Type": "Pass", "Result": 5, "InputPath": "$.x"})) == (
        "States.Runtime", "Invalid path '$.x' : No results for path: $['x']",
    )  # fmt: skip


def test_a_missing_path_in_a_template_fails_with_the_entry_of_the_state_in_its_cause():
    failure = run(only({"Type": "Pass", "Parameters": {"v.$": "$.x"}})).failure
    place = "An error occurred while executing the state 'A' (entered at the event id #2). "
    assert failure == Failure("States.Runtime", place + NOT_FOUND)


def test_a_result_that_cannot_be_placed_can_be_caught():
    catch = [{"ErrorEquals": ["States.ResultPathMatchFailure"], "Next": "Z", "ResultPath": "$.e"}]
    state = task(ResultPath="$.a.b", Next="Z", Catch=catch)
    assert output(machine({"A": state, "Z": END}), {"a": 1})["e"]["Error"] == "States.ResultPathMatchFailure"


def test_a_null_result_selector_is_none():
    assert output(only(task(ResultSelector=None)), {"a": 1}) == {"a": 1}


def test_assign_sees_the_result_before_the_selector_and_holds_from_the_next_state_on():
    states = {
        "A": task(Assign={"v.$": "$.n", "old.$": "$.n"}, ResultSelector={"k": 1}, Next="B"),
        "B": {"Type": "Pass", "Assign": {"v.$": "$old", "w.$": "$v"}, "Parameters": {"v.$": "$v"}, "Next": "C"},
        "C": {"Type": "Pass", "Parameters": {"v.$": "$v", "w.$": "$w"}, "End": True},
    }
    assert output(machine(states), {"n": 7}, lambda invoke: {"n": 9}) == {"v": 9, "w": 9}


def test_the_context_object_names_machine_and_execution():
    state = {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "m.$": "$$.StateMachine", "s.$": "$$.State.Name"}}
    found = output(only(state))
    base = "arn:aws:states:us-east-1:000000000000:"
    assert found["id"] == f"{base}execution:Definition:run"
    assert found["m"] == {"Id": f"{base}stateMachine:Definition", "Name": "Definition"}
    assert found["s"] == "A"


def test_only_states_that_can_retry_count_retries():
    assert output(only(task(Parameters={"n.$": "$$.State.RetryCount"}))) == {"n": 0}
    assert failed(only({"Type": "Pass", "Parameters": {"n.$": "$$.State.RetryCount"}}))[0] == "States.Runtime"


def test_the_token_is_there_only_for_a_callback():
    wait = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}
    template = {"Parameters": {"t.$": "$$.Task.Token"}}
    assert output(only({**wait, **template}))["t"]
    assert failed(only(task(**template)))[0] == "States.Runtime"


@pytest.mark.parametrize(
    ("fields", "error", "cause"),
    [
        ({"Error": "E", "Cause": "why"}, "E", "why"),
        ({}, None, ""),
        ({"ErrorPath": "$.e", "CausePath": "States.Format('{}!', $.c)"}, "bad", "luck!"),
        ({"ErrorPath": "$.n"}, "1", ""),
        (
            {"Error": "E", "CausePath": "$.x"},
            "States.Runtime",
            "The JSONPath '$.x' specified for the field 'CausePath' could not be found in the input "
            '\'{"e":"bad","c":"luck","n":1}\'',
        ),
    ],
)
def test_fail(fields, error, cause):
    assert failed(only({"Type": "Fail", **fields}), {"e": "bad", "c": "luck", "n": 1}) == (error, cause)


def test_credentials_are_for_the_history():
    done = run(only(task(Credentials={"RoleArn.$": "$.role"})), {"role": "arn:r"})
    scheduled = next(event for event in done.events if type(event).__name__ == "TaskScheduled")
    assert scheduled.credentials.value == {"RoleArn": "arn:r"}


def test_texts_that_look_like_paths_are_warned_of():
    state = {"Type": "Pass", "Parameters": {"a": "$.x", "b.$": "$.y", "c": [{"d": "States.UUID()"}, "$.literal"]}}
    assert [(one.code, one.pointer, one.severity) for one in found(only(state))] == [
        ("NO_DOLLAR", "/States/A/Parameters/a", "warning"),
        ("NO_DOLLAR", "/States/A/Parameters/c/0/d", "warning"),
    ]
    assert [one.code for one in found(only({"Type": "Pass", "Result": {"a": "$.x"}}))] == ["PASS_RESULT_IS_STATIC"]
