"""Over the wire Conductor answers as AWS did, except where `exceptions.toml` says why not."""

import json
from collections import Counter

import pytest

from .replay.accepted import accepted
from .replay.cases import ACCOUNT, ROLE_ARN, folder, load
from .replay.verdicts import Verdict
from .wire.play import judge_all
from .wire.refusals import as_aws_says
from .wire.scripts import load_scripts, params_of, read_script

is_here = pytest.mark.skipif(not folder().is_dir(), reason="the recordings from AWS are not here (CONDUCTOR_AWS_RECORDED)")


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    judged = list(judge_all(load_scripts(folder())))
    print("\nrecorded scripts:", dict(Counter(verdict.status for verdict in judged)))
    return judged


@is_here
def test_no_recorded_script_differs_that_is_not_accepted(verdicts: list[Verdict]) -> None:
    reasons = accepted()
    failing = [verdict for verdict in verdicts if verdict.status == "fail" and verdict.id not in reasons]
    told = "\n".join(
        f"{verdict.id}\n    at {verdict.path}: {verdict.expected!r:.150} but {verdict.got!r:.150}" for verdict in failing
    )
    assert not failing, f"{len(failing)} of {len(verdicts)} differ:\n{told}"


@is_here
def test_every_accepted_difference_is_still_there(verdicts: list[Verdict]) -> None:
    passing = {verdict.id for verdict in verdicts if verdict.status == "pass"}
    known = {verdict.id for verdict in verdicts} | {case.id for case in load(folder())}
    assert not [id for id in accepted() if id in passing or id not in known], "take these out of exceptions.toml"


@is_here
def test_validation_is_played(verdicts: list[Verdict]) -> None:
    assert [verdict.status for verdict in verdicts if verdict.kind == "validate"] == ["pass"] * 12


ANSWER = {
    "result": "FAIL", "truncated": False, "ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": 200},
    "diagnostics": [
        {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "location": "/", "message": "These fields are required: [States]"}
    ],
}  # fmt: skip
RECORDING = {
    "id": "module/test_x.py::test_x", "kind": "validate", "group": "A", "needs": [],
    "steps": [{"op": "ValidateStateMachineDefinition", "params": {"definition": '{"StartAt": "A"}'}, "expect": "answer"}],
    "expected": {"answer": ANSWER},
}  # fmt: skip


def test_a_script_is_played_and_judged() -> None:
    wrong = json.loads(json.dumps(RECORDING).replace("[States]", "[StartAt]"))
    refused = json.loads(json.dumps(RECORDING).replace('"HTTPStatusCode": 200', '"HTTPStatusCode": 400'))
    (same, other, status) = judge_all([next(read_script(each)) for each in (RECORDING, wrong, refused)])
    assert (same.status, same.module, same.kind) == ("pass", "module", "validate")
    assert (other.status, other.path) == ("fail", "steps[0] answer.diagnostics[0].message")
    assert (status.status, status.path, status.expected) == ("fail", "steps[0] answer.HTTPStatusCode", 400)


def test_refusals_are_compared_in_both_forms() -> None:
    text = "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: "
    text += "Member must have value less than or equal to 100"
    spoken = f"An error occurred (ValidationException) when calling the ValidateStateMachineDefinition operation: {text}"
    forms = (
        {
            "Error": {"Code": "ValidationException", "Message": text}, "message": text,
            "ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": 400},
        },
        {"exception_typename": "ValidationException", "exception_value": spoken},
    )  # fmt: skip
    step = {"op": "ValidateStateMachineDefinition", "params": {"definition": "{}", "maxResults": 101}, "expect": "answer"}
    scripts = [next(read_script({**RECORDING, "steps": [step], "expected": {"answer": form}})) for form in forms]
    scripts.append(next(read_script({**RECORDING, "steps": [step], "expected": {"answer": {**forms[1], "exception_value": "x"}}})))
    assert [verdict.status for verdict in judge_all(scripts)] == ["pass", "pass", "fail"]


def test_placeholders_are_filled_from_earlier_answers() -> None:
    given = {"stateMachineArn": "arn:{{account_id}}", "runs": ["{{steps[0].events[1].run.arn}}-x"]}
    (script,) = read_script({**RECORDING, "steps": [{"op": "ListExecutions", "params": given}]})
    assert params_of(script.steps[0], [{"events": [{}, {"run": {"arn": "r"}}]}]) == {
        "stateMachineArn": f"arn:{ACCOUNT}", "runs": ["r-x"],
    }  # fmt: skip


def test_an_emulator_s_refusal_is_read_as_aws_s() -> None:
    told = """Error=ValueError Args=["Label has '|'"] in definition '{}'."""
    read = as_aws_says({"Error": {"Code": "InvalidDefinition", "Message": told}, "message": told})
    assert read["Error"]["Code"] == "InvalidDefinition"
    assert read["message"] == "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Label has '|' at <place>'"
    assert as_aws_says(ANSWER) is ANSWER


def test_roles_are_those_that_the_next_description_shows() -> None:
    steps = [
        {"op": "CreateStateMachine", "params": {"roleArn": "{{role_arn}}"}, "expect": "made"},
        {"op": "DescribeStateMachine", "params": {}, "expect": "before"},
        {"op": "UpdateStateMachine", "params": {"roleArn": "{{role_arn}}"}},
        {"op": "DescribeStateMachine", "params": {}, "expect": "after"},
    ]
    expected = {"made": {}, "before": {"roleArn": "snf_role_arn"}, "after": {"roleArn": "snf_role_arn_t1"}}
    (script,) = read_script({**RECORDING, "steps": steps, "expected": expected})
    assert [step.params.get("roleArn") for step in script.steps] == [ROLE_ARN, None, f"{ROLE_ARN}-1", None]


def test_what_cannot_be_played_says_why() -> None:
    (needy,) = read_script({**RECORDING, "kind": "script", "needs": ["cloudformation", "jsonata"]})
    (missing,) = read_script({**RECORDING, "steps": [{"op": "Fly", "params": {}}]})
    assert (needy.obstacle, missing.obstacle) == ("it needs cloudformation", "there is no Fly")
    assert [verdict.status for verdict in judge_all([needy])] == ["not yet"]
    assert not list(read_script({**RECORDING, "kind": "execution"}))
