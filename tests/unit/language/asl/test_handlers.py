import pytest

from conductor_local.program import Failure

from .machines import END, built, machine, only, output, run, task, told


def answers(*outcomes):
    return lambda invoke: outcomes[min(invoke.attempt, len(outcomes)) - 1]


def test_retry_has_the_defaults_of_the_specification():
    retrier = built(only(task(Retry=[{"ErrorEquals": ["E"]}]))).program.body.nodes["A"].retry[0]
    assert (retrier.interval_s, retrier.attempts_max, retrier.backoff_rate, retrier.delay_max_s, retrier.jitter) == (
        1,
        3,
        2,
        None,
        False,
    )


def test_retry_evaluates_the_parameters_again_and_counts():
    state = task(Parameters={"n.$": "$$.State.RetryCount"}, Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}])
    seen = []

    def answer(invoke):
        seen.append(invoke.arguments.value["n"])
        return Failure("E") if len(seen) < 3 else {}

    output(only(state), answer=answer)
    assert seen == [0, 1, 2]


def test_every_field_of_a_retrier_is_taken_over():
    written = {
        "ErrorEquals": ["E"], "IntervalSeconds": 2, "MaxAttempts": 5, "BackoffRate": 1.5, "MaxDelaySeconds": 9,
        "JitterStrategy": "FULL", "Comment": "patience",
    }  # fmt: skip
    retrier = built(only(task(Retry=[written]))).program.body.nodes["A"].retry[0]
    assert (retrier.interval_s, retrier.attempts_max, retrier.backoff_rate, retrier.delay_max_s, retrier.jitter) == (
        2,
        5,
        1.5,
        9,
        True,
    )


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, {"Error": "E", "Cause": "why"}),
        ({"ResultPath": "$.e"}, {"in": 1, "e": {"Error": "E", "Cause": "why"}}),
        ({"ResultPath": None}, {"in": 1}),
    ],
)
def test_a_catcher_writes_the_error_into_the_raw_input(fields, found):
    state = task(InputPath="$.in", OutputPath=None, Next="Z", Catch=[{"ErrorEquals": ["E"], "Next": "Z", **fields}])
    assert output(machine({"A": state, "Z": END}), {"in": 1}, lambda invoke: Failure("E", "why")) == found


def test_a_catcher_assigns_from_the_error():
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Z", "Assign": {"v.$": "$.Error"}}]
    end = {"Type": "Pass", "Parameters": {"v.$": "$v"}, "End": True}
    state = task(Next="Z", Catch=catch, Assign={"v": "never"})
    assert output(machine({"A": state, "Z": end}), answer=lambda invoke: Failure("E")) == {"v": "E"}


def test_a_cause_that_is_missing_is_null():
    state = task(Next="Z", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Z"}])
    assert output(machine({"A": state, "Z": END}), answer=lambda invoke: Failure("E")) == {"Error": "E", "Cause": None}


def test_a_runtime_error_is_never_caught():
    catch = [{"ErrorEquals": ["States.Runtime"], "Next": "Z"}, {"ErrorEquals": ["States.ALL"], "Next": "Z"}]
    done = run(machine({"A": task(Parameters={"v.$": "$.x"}, Next="Z", Catch=catch), "Z": END}))
    assert done.failure.error == "States.Runtime"


@pytest.mark.parametrize(
    ("retrier", "text", "field"),
    [
        ({"IntervalSeconds": 0}, "Minimum value is 1", "/IntervalSeconds"),
        ({"IntervalSeconds": 1.5}, "Expected value of type Integer", "/IntervalSeconds"),
        ({"MaxAttempts": -1}, "Minimum value is 0", "/MaxAttempts"),
        ({"BackoffRate": 0.5}, "Minimum value is 1.0", "/BackoffRate"),
        ({"BackoffRate": "2"}, "Expected value of type Number", "/BackoffRate"),
        ({"MaxDelaySeconds": 1}, "MaxDelaySeconds must be greater than IntervalSeconds", "/MaxDelaySeconds"),
        ({"MaxDelaySeconds": 99_999_999}, "Maximum value is 31622399", "/MaxDelaySeconds"),
        ({"JitterStrategy": "SOME"}, "The field 'JitterStrategy' should have one of these values: [FULL, NONE]", "/JitterStrategy"),
        ({"Retries": 3}, "Field 'Retries' is not supported", ""),
        ({"ErrorEquals": []}, "Value cannot be empty", "/ErrorEquals"),
        ({"ErrorEquals": [5]}, "Expected value of type String", "/ErrorEquals[0]"),
        ({"ErrorEquals": ["E", "States.ALL"]}, "States.ALL must appear alone", "/ErrorEquals"),
        ({"Comment": 5}, "Expected value of type String", "/Comment"),
    ],
)
def test_refused_retriers(retrier, text, field):
    assert told(only(task(Retry=[{"ErrorEquals": ["E"], **retrier}]))) == [(text, f"/States/A/Retry[0]{field}")]


def test_states_all_must_come_last():
    retry = [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]
    assert told(only(task(Retry=retry))) == [("States.ALL must appear in the last item", "/States/A/Retry[0]/ErrorEquals")]


def test_a_catcher_needs_both_its_fields():
    assert told(only(task(Catch=[{"ResultPath": "$$.x"}]))) == [
        ("These fields are required: [ErrorEquals, Next]", "/States/A/Catch[0]"),
        ("Value is not a Reference Path", "/States/A/Catch[0]/ResultPath"),
    ]
