import pytest

from conductor_local.program import Failure

from .fakes import call, only, problems_of, refusals, warnings_of, workflow

INNER = {"startAt": "i", "steps": {"i": call()}}


def test_a_retry_has_the_defaults_of_the_states_language():
    retrier = only(call(retry=[{"errorEquals": ["Boom"]}])).retry[0]
    assert (retrier.interval_s, retrier.attempts_max, retrier.backoff_rate, retrier.delay_max_s, retrier.jitter) == (
        1.0,
        3,
        2.0,
        None,
        False,
    )
    assert retrier.matches(Failure("Boom"))


def test_a_retry_takes_every_field():
    item = {
        "errorEquals": ["States.ALL"], "intervalSeconds": 2.5, "maxAttempts": 0, "backoffRate": 1, "maxDelaySeconds": 60,
        "jitterStrategy": "FULL",
    }  # fmt: skip
    retrier = only(call(retry=[item])).retry[0]
    assert (retrier.interval_s, retrier.attempts_max, retrier.backoff_rate, retrier.delay_max_s, retrier.jitter) == (
        2.5,
        0,
        1.0,
        60.0,
        True,
    )


@pytest.mark.parametrize("step", [call(), {"type": "parallel", "branches": [INNER]}, {"type": "map", "iterator": INNER}])
def test_steps_that_work_may_retry_and_catch(step):
    node = only({**step, "retry": [{"errorEquals": ["X"]}], "catch": [{"errorEquals": ["X"], "nextStepId": "z"}]})
    assert len(node.retry) == 1
    assert node.catch[0].next == "z"


def test_empty_lists_of_handlers_are_fine():
    node = only(call(retry=[], catch=[]))
    assert (node.retry, node.catch) == ((), ())


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"errorEquals": []}, "/errorEquals", "EMPTY"),
        ({"errorEquals": "X"}, "/errorEquals", "WRONG_TYPE"),
        ({"errorEquals": ["X", 5]}, "/errorEquals/1", "WRONG_TYPE"),
        ({"errorEquals": [""]}, "/errorEquals/0", "WRONG_TYPE"),
        ({"errorEquals": ["X", "States.ALL"]}, "/errorEquals", "ALL_NOT_ALONE"),
        ({"intervalSeconds": 0}, "/intervalSeconds", "OUT_OF_RANGE"),
        ({"maxAttempts": -1}, "/maxAttempts", "OUT_OF_RANGE"),
        ({"maxAttempts": 1.5}, "/maxAttempts", "OUT_OF_RANGE"),
        ({"maxAttempts": "3"}, "/maxAttempts", "WRONG_TYPE"),
        ({"backoffRate": 0.5}, "/backoffRate", "OUT_OF_RANGE"),
        ({"maxDelaySeconds": 31_622_400}, "/maxDelaySeconds", "OUT_OF_RANGE"),
        ({"maxDelaySeconds": 1}, "/maxDelaySeconds", "OUT_OF_RANGE"),
        ({"maxDelaySeconds": 5, "intervalSeconds": 5}, "/maxDelaySeconds", "OUT_OF_RANGE"),
        ({"jitterStrategy": "full"}, "/jitterStrategy", "WRONG_VALUE"),
        ({"jitterStrategy": True}, "/jitterStrategy", "WRONG_TYPE"),
        ({"nextStepId": "z"}, "/nextStepId", "UNKNOWN_FIELD"),
    ],
)
def test_a_retry_is_checked(change, pointer, code):
    assert refusals({"a": call(retry=[{"errorEquals": ["X"], **change}])}) == [(f"/steps/a/retry/0{pointer}", code)]


@pytest.mark.parametrize(
    ("item", "pointer", "code"),
    [
        (5, "", "WRONG_TYPE"),
        ({"errorEquals": ["X"]}, "", "MISSING_FIELD"),
        ({"nextStepId": "a2"}, "", "MISSING_FIELD"),
        ({"errorEquals": ["X"], "nextStepId": 5}, "/nextStepId", "WRONG_TYPE"),
        ({"errorEquals": ["X"], "nextStepId": "a2", "resultPath": "$[0]"}, "/resultPath", "PATH_NOT_WRITABLE"),
        ({"errorEquals": ["X"], "nextStepId": "a2", "maxAttempts": 1}, "/maxAttempts", "UNKNOWN_FIELD"),
    ],
)
def test_a_catch_is_checked(item, pointer, code):
    assert refusals({"a": call(catch=[item]), "a2": call()}) == [(f"/steps/a/catch/0{pointer}", code)]


def test_states_all_must_come_last():
    items = [{"errorEquals": ["States.ALL"]}, {"errorEquals": ["X"]}, {"errorEquals": "X"}, {"errorEquals": ["States.ALL"]}]
    assert refusals({"a": call(retry=items)}) == [
        ("/steps/a/retry/0/errorEquals", "ALL_NOT_LAST"),
        ("/steps/a/retry/2/errorEquals", "WRONG_TYPE"),
    ]


def test_a_handler_of_what_is_never_handled_is_a_warning():
    assert warnings_of({"a": call(retry=[{"errorEquals": ["States.Runtime"]}])}) == [
        ("/steps/a/retry/0/errorEquals/0", "NEVER_MATCHES")
    ]


def test_messages_name_step_and_item():
    problem = problems_of(workflow({"a": call(retry=[{"errorEquals": ["X"], "backoffRate": 0}])}))[0]
    assert problem.message == "step 'a', retry[0]: 'backoffRate' must be a number of at least 1"
