"""The comparison can fail: each rule of the recordings, and what it does not forgive."""

from datetime import UTC, datetime
from typing import Any

import pytest

from .replay.cases import read
from .replay.compare import ABSENT, Comparison, Difference
from .replay.histories import difference, has_branches
from .replay.verdicts import judge

ARN = "arn:aws:states:us-east-1:111111111111:execution:machine:run"
MASKED = "arn:<partition>:states:<region>:111111111111:execution:<ArnPart_0idx>:<ExecArnPart_0idx>"


def compare(expected: Any, got: Any) -> Difference | None:
    return Comparison().difference(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ({"a": [1, "x", None, True]}, {"a": [1, "x", None, True]}),
        ({"input": {"a": 1}}, {"input": '{"a": 1}'}),
        ({"input": {"a": {"b": 1}}}, {"input": '{"a": "{\\"b\\":1}"}'}),
        ({"output": [1, 2]}, {"output": "[1,2]"}),
        ({"timestamp": "timestamp"}, {"timestamp": datetime(2026, 1, 1, tzinfo=UTC)}),
        ({"startAt": '"date"'}, {"startAt": '"2026-01-01"'}),
        ({"arn": MASKED}, {"arn": ARN}),
        ("The function <name:1> is not <name:1>.", "The function f is not f."),
        ("role snf_role_arn may not", "role arn:aws:iam::1:role/x may not"),
        ({"SdkHttpMetadata": {"a": 1}}, {"SdkHttpMetadata": {}}),
        ({"cause": {"errorType": "E", "stackTrace": ["x"]}}, {"cause": '{"errorType":"E","stackTrace":[]}'}),
        ('[{"a":1,"stackTrace":["x"]}]', '[{"a":1,"stackTrace":[]}]'),
        ({"a": 1, "ResponseMetadata": {"HTTPStatusCode": 200}}, {"a": 1}),
    ],
)
def test_what_is_the_same_is_the_same(expected: Any, got: Any) -> None:
    assert compare(expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "path"),
    [
        ({"a": 1}, {"a": 2}, "a"),
        ({"a": 1}, {"a": 1.0}, "a"),
        ({"a": 1}, {"a": True}, "a"),
        ({"a": 0}, {"a": False}, "a"),
        ({"a": "1"}, {"a": 1}, "a"),
        ({"a": None}, {}, "a"),
        ({}, {"a": None}, "a"),
        ({"a": [1, 2]}, {"a": [1]}, "a[1]"),
        ({"a": [1]}, {"a": [1, 2]}, "a[1]"),
        ({"a": {"b": [{"c": "x"}]}}, {"a": {"b": [{"c": "y"}]}}, "a.b[0].c"),
        ({"output": "[1,2]"}, {"output": "[1, 2]"}, "output"),
        ({"output": '"x"'}, {"output": "x"}, "output"),
        ({"input": {"a": 1}}, {"input": '{"a":2}'}, "input.a"),
        ({"input": {"a": 1}}, {"input": "{'a': 1}"}, "input"),
        ({"timestamp": "timestamp"}, {}, "timestamp"),
        ({"startAt": '"date"'}, {"startAt": "1"}, "startAt"),
        ({"SdkHttpMetadata": {}}, {}, "SdkHttpMetadata"),
        ({"arn": MASKED}, {"arn": ARN.replace("execution", "express")}, "arn"),
        ({"a": "<uuid:1>", "b": "<uuid:1>"}, {"a": "x", "b": "y"}, "b"),
        ({"a": "<uuid:1>"}, {"a": ""}, "a"),
        ({"a": "timeless"}, {"a": "endless"}, "a"),
    ],
)
def test_what_differs_differs_and_is_located(expected: Any, got: Any, path: str) -> None:
    found = compare(expected, got)
    assert found is not None
    assert found.path == path


def test_a_numbered_placeholder_means_the_same_throughout_a_case() -> None:
    comparison = Comparison()
    assert comparison.difference({"a": "<uuid:1>"}, {"a": "x"}) is None
    assert comparison.difference({"b": "<uuid:1>"}, {"b": "y"}) == Difference("b", "<uuid:1>", "y")


def event(id: Any, previous: int, type: str, **details: Any) -> dict[str, Any]:
    return {"id": id, "previousEventId": previous, "type": type, **details}


STARTED = [event(1, 0, "ExecutionStarted"), event(2, 0, "ParallelStateEntered"), event(3, 2, "ParallelStateStarted")]
ENDED = [event(9, 7, "ParallelStateExited"), event(10, 9, "ExecutionSucceeded")]
INSIDE = [event(4, 3, "PassStateEntered", name="A"), event(5, 3, "PassStateEntered", name="B")]
INSIDE += [event(6, 4, "PassStateExited", name="A"), event(7, 5, "PassStateExited", name="B")]
OURS = [*STARTED, *INSIDE, event(8, 7, "ParallelStateSucceeded"), *ENDED]
MASKED_EVENTS = [event([0], 0, inner["type"], name=inner["name"]) for inner in reversed(INSIDE)]


def normalised(got: list[dict[str, Any]]) -> Difference | None:
    expected = [*STARTED, *MASKED_EVENTS, *ENDED]
    return difference(Comparison(), expected, got, is_normalised=True, is_concurrent=True)


def test_a_normalised_history_is_a_multiset_inside_and_exact_outside() -> None:
    assert normalised(OURS) is None
    assert normalised([*OURS[:3], *OURS[4:]]) is not None
    assert normalised([*OURS, event(11, 10, "PassStateEntered", name="A")]) is not None
    assert normalised([*OURS[:4], event(5, 3, "PassStateEntered", name="C"), *OURS[5:]]) is not None
    assert normalised([*OURS[:-2], event(9, 6, "ParallelStateExited"), OURS[-1]]) is not None


def test_branches_may_be_interleaved_in_any_order_but_not_changed() -> None:
    other = [*STARTED, event(4, 3, "PassStateEntered", name="B"), event(5, 4, "PassStateExited", name="B")]
    other += [event(6, 3, "PassStateEntered", name="A"), event(7, 6, "PassStateExited", name="A")]
    other += [event(8, 7, "ParallelStateSucceeded"), *ENDED]
    assert difference(Comparison(), OURS, other, is_normalised=False, is_concurrent=True) is None
    assert difference(Comparison(), OURS, other, is_normalised=False, is_concurrent=False) is not None
    crossed = [*other[:6], event(7, 6, "PassStateExited", name="B"), *other[7:]]
    assert difference(Comparison(), OURS, crossed, is_normalised=False, is_concurrent=True) is not None


def test_numbers_of_events_count() -> None:
    found = difference(
        Comparison(), STARTED, [*STARTED[:2], event(3, 1, "ParallelStateStarted")], is_normalised=False, is_concurrent=False
    )
    assert found == Difference("events[2].previousEventId", 2, 1)
    found = difference(Comparison(), STARTED, STARTED[:2], is_normalised=False, is_concurrent=False)
    assert found == Difference("events[2]", STARTED[2], ABSENT)


def test_a_map_may_run_side_by_side_unless_it_says_one_at_a_time() -> None:
    assert has_branches({"States": {"M": {"Type": "Map"}}})
    assert not has_branches({"States": {"M": {"Type": "Map", "MaxConcurrency": 1}, "P": {"Branches": [{}]}}})
    assert has_branches({"States": {"P": {"Branches": [{}, {}]}}})


RECORDING = {
    "id": "base/test_x.py::test_x", "kind": "executions", "group": "A", "definition": {},
    "cases": [{"input": {"n": 1}, "expected": {"output": {"n": 1}}}, {"input_text": "[1]", "expected": {"output": "[2]"}}],
}  # fmt: skip


def test_a_recording_is_read_replayed_and_judged() -> None:
    recording = {**RECORDING, "definition": {"name": "x", "startAt": "a", "steps": {"a": {"name": "A", "type": "succeed"}}}}
    verdicts = [judge(case) for case in read(recording)]
    assert [(verdict.id[-2:], verdict.module, verdict.status) for verdict in verdicts] == [
        ("#0", "base", "pass"),
        ("#1", "base", "fail"),
    ]
    assert (verdicts[1].path, verdicts[1].expected, verdicts[1].got) == ("output.output", "[2]", "[1]")


def test_a_refused_definition_fails_unless_its_language_is_not_supported_yet() -> None:
    recording = {**RECORDING, "definition": {"name": "x", "startAt": "a", "steps": {}}}
    assert {judge(case).status for case in read(recording)} == {"fail"}


def test_other_kinds_and_what_nobody_stands_in_for_are_left_out() -> None:
    assert [*read({**RECORDING, "group": "C", "needs": ["apigateway"]}), *read({**RECORDING, "kind": "script"})] == []


def test_calls_of_services_go_to_the_stand_in() -> None:
    (case, *_) = read({**RECORDING, "group": "C", "needs": ["sqs"]})
    assert case.is_outside
