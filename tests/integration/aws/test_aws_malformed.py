"""Every operation under input that is wrong: AWS's error, never a fault of the server, and the server goes on."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import ACCOUNT, REGION, served

Json = Any
Call = Callable[[str, Any], httpx.Response]
MODEL: Json = Loader().load_service_model("stepfunctions", "service-2")
OPERATIONS = sorted(MODEL["operations"])
UNDECLARED = {"ListStateMachineVersions": {"StateMachineDoesNotExist"}}
"""What AWS's description does not have: it names no refusal for a machine that is not there."""
COMMON = frozenset({"ValidationException", "SerializationException", "InvalidArn", "MissingRequiredParameter"})
SIGNATURE = f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20250101/{REGION}/states/aws4_request, SignedHeaders=host, Signature=00"
PREFIX = f"arn:aws:states:{REGION}:{ACCOUNT}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
WAIT = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 600, "End": True}}})
TEXTS = [
    "", " ", "a", "x" * 81, "é", "\x00", "\ud800", "m", "m:1", "m:live", "{", "{}", "null", PASS, '{"StartAt": 1}', "9" * 400,
    *(f"{PREFIX}:{rest}" for rest in (
        "stateMachine:m", "stateMachine:m:1", "stateMachine:m:live", "stateMachine:m/label", "stateMachine:gone",
        "stateMachine:m:007",
        "execution:m:e", "execution:m/label:e", "express:m:e:1", "activity:gone", "mapRun:m/label:1", "nothing:m", "stateMachine:",
    )),
    ROLE, "arn:", "arn:aws:states:us-east-1:1:stateMachine:m", "arn:aws:states:::sqs:sendMessage",
]  # fmt: skip
PATIENCE_S = 30.0


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("server")
    with served(port=0, data=str(folder / "conductor.db"), sample=False, time_scale=0.0) as address:
        yield address


@pytest.fixture(scope="module")
def call(url: str) -> Iterator[Call]:
    """Makes calls as they are given: `call(operation, parameters)`."""
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:

        def call(operation: str, params: Json) -> httpx.Response:
            headers = {"x-amz-target": f"AWSStepFunctions.{operation}", "authorization": SIGNATURE}
            return client.post(url, content=json.dumps(params).encode(), headers=headers)

        call("CreateStateMachine", {"name": "m", "definition": PASS, "roleArn": ROLE, "publish": True})
        routes = [{"stateMachineVersionArn": f"{PREFIX}:stateMachine:m:1", "weight": 100}]
        call("CreateStateMachineAlias", {"name": "live", "routingConfiguration": routes})
        call("StartExecution", {"stateMachineArn": f"{PREFIX}:stateMachine:m", "name": "e"})
        yield call


def kind_of(answer: httpx.Response) -> str:
    return str(answer.json().get("__type", ""))


def check(operation: str, answer: httpx.Response) -> None:
    """Whatever was asked: an answer, or one of the refusals that the operation may give."""
    assert answer.status_code in (200, 400, 413), (operation, answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/x-amz-json-1.0"
    assert len(answer.headers["x-amzn-requestid"]) == 36
    if answer.status_code == 400:
        declared = {reference["shape"] for reference in MODEL["operations"][operation].get("errors", [])}
        assert kind_of(answer) in declared | COMMON | UNDECLARED.get(operation, set()), (operation, answer.text)


def alive(call: Call) -> None:
    assert call("ListStateMachines", {}).status_code == 200


# --- from the model --------------------------------------------------------------------------------------------------------------

_scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=9)
junk = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3))


def values(name: str) -> st.SearchStrategy[Json]:
    """Return values of a shape: some that it allows, some of the right type only, and now and then something else."""
    right = _right(MODEL["shapes"][name])
    return st.integers(0, 4).flatmap(lambda chance: right if chance else junk)


def _right(shape: Json) -> st.SearchStrategy[Json]:
    match shape["type"]:
        case "structure":
            members = {name: values(one["shape"]) for name, one in shape.get("members", {}).items()}
            required = {name: members[name] for name in shape.get("required", [])}
            others = {name: one for name, one in members.items() if name not in required}
            return st.fixed_dictionaries(required, optional=others) | st.fixed_dictionaries({}, optional=members)
        case "list":
            return st.lists(values(shape["member"]["shape"]), max_size=3)
        case "boolean":
            return st.booleans()
        case "integer" | "long" | "float":
            return st.sampled_from([-1, 0, 1, 2, 100, 1_001, 2**31, 2**63, 0.5, 1e300])
        case _:
            oversize = "x" * min(shape.get("max", 80) + 1, 300_000)
            return st.sampled_from([*TEXTS, *shape.get("enum", []), oversize]) | st.text(max_size=20)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_input_is_too_strange(call: Call, operation: str) -> None:
    input = MODEL["operations"][operation].get("input")

    @settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(values(input["shape"]) if input else junk)
    def every_answer_is_aws_s(params: Json) -> None:
        check(operation, call(operation, params))

    every_answer_is_aws_s()
    alive(call)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_missing_members_are_named(url: str, call: Call, connect: Callable[..., Any], operation: str) -> None:
    required = MODEL["shapes"][MODEL["operations"][operation]["input"]["shape"]].get("required", [])
    if not required or operation == "TestState":  # which has no required member but its definition
        required = ["definition"] if operation == "TestState" else []
    client = connect(url, inject_host_prefix=False, parameter_validation=False)
    if not required:
        check(operation, call(operation, {"maxResults": "many"}))
        return
    with pytest.raises(ClientError) as refusal:
        getattr(client, xform_name(operation))()
    error = refusal.value.response["Error"]
    assert error["Code"] == "ValidationException"
    for member in required:
        assert f"Value null at '{member}' failed to satisfy constraint: Member must not be null" in error["Message"]


# --- by hand ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "ValidationException"), (b"{", "SerializationException"), (b"[]", "SerializationException"),
        (b"null", "SerializationException"), (b'{"a": 1', "SerializationException"), (b"\xff\xfe", "SerializationException"),
        (b'{"name": "\\ud800"}', "SerializationException"), (b"[" * 100_000, "SerializationException"),
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(url: str, call: Call, body: bytes, kind: str) -> None:
    headers = {"x-amz-target": "AWSStepFunctions.CreateStateMachine", "authorization": SIGNATURE}
    answer = httpx.post(url, content=body, headers=headers, trust_env=False)
    assert (answer.status_code, kind_of(answer)) == (400, kind)
    alive(call)


@pytest.mark.parametrize(
    "target", ["AWSStepFunctions.Fly", "AWSStepFunctions", "Fly", "A.B.C", "é.x", "AWSStepFunctions.__class__"]
)
def test_a_target_that_is_none_is_refused(url: str, target: str) -> None:
    answer = httpx.post(url, content=b"{}", headers={b"x-amz-target": target.encode()}, trust_env=False)
    assert (answer.status_code, kind_of(answer)) == (400, "UnknownOperationException")


def test_what_is_too_large_is_refused(call: Call) -> None:
    machine = f"{PREFIX}:stateMachine:m"
    huge = call("CreateStateMachine", {"name": "huge", "definition": "x" * 9_000_000, "roleArn": ROLE})
    assert (huge.status_code, kind_of(huge)) == (413, "RequestEntityTooLargeException")
    assert (
        kind_of(call("CreateStateMachine", {"name": "h", "definition": " " * 1_048_577, "roleArn": ROLE})) == "ValidationException"
    )
    assert kind_of(call("CreateStateMachine", {"name": "x" * 81, "definition": PASS, "roleArn": ROLE})) == "ValidationException"
    too_long = call("StartExecution", {"stateMachineArn": machine, "input": json.dumps("x" * 262_145)})
    assert kind_of(too_long) in ("ValidationException", "InvalidExecutionInput")
    alive(call)


ARNS = {
    "stateMachineArn": "stateMachine:m", "executionArn": "execution:m:e", "activityArn": "activity:a", "mapRunArn": "mapRun:m/l:1",
    "stateMachineVersionArn": "stateMachine:m:1", "stateMachineAliasArn": "stateMachine:m:live",
}  # fmt: skip


def _with_arn() -> list[tuple[str, str]]:
    members = ((operation, MODEL["shapes"][MODEL["operations"][operation]["input"]["shape"]]) for operation in OPERATIONS)
    return [(operation, member) for operation, shape in members for member in shape["members"] if member in ARNS]


@pytest.mark.parametrize(("operation", "member"), _with_arn())
def test_an_arn_of_another_kind_is_refused(call: Call, operation: str, member: str) -> None:
    usual = {"name": "n", "maxConcurrency": 1, "description": "d", "definition": PASS}
    for rest in {*ARNS.values(), "topic:t"} - {ARNS[member]}:
        is_machine = rest.startswith("stateMachine:") and member.startswith("stateMachine")
        if is_machine or (operation, rest) == ("DescribeExecution", "express:m:e:1"):
            continue
        answer = call(operation, {**usual, member: f"{PREFIX}:{rest}"})
        assert answer.status_code == 400, (rest, answer.text)
        check(operation, answer)


def test_what_is_deleted_is_not_there(call: Call) -> None:
    machine = call("CreateStateMachine", {"name": "gone", "definition": PASS, "roleArn": ROLE}).json()["stateMachineArn"]
    activity = call("CreateActivity", {"name": "gone"}).json()["activityArn"]
    for operation, arn in (("DeleteStateMachine", {"stateMachineArn": machine}), ("DeleteActivity", {"activityArn": activity})):
        assert [call(operation, arn).status_code for _ in range(2)] == [200, 200]
    expected = {
        "DescribeStateMachine": "StateMachineDoesNotExist", "UpdateStateMachine": "StateMachineDoesNotExist",
        "StartExecution": "StateMachineDoesNotExist", "StartSyncExecution": "StateMachineDoesNotExist",
        "ListExecutions": "StateMachineDoesNotExist", "PublishStateMachineVersion": "StateMachineDoesNotExist",
        "DescribeActivity": "ActivityDoesNotExist", "GetActivityTask": "ActivityDoesNotExist",
        "ListTagsForResource": "ResourceNotFound",
    }  # fmt: skip
    told = {
        operation: kind_of(
            call(operation, {"stateMachineArn": machine, "activityArn": activity, "resourceArn": activity, "roleArn": ROLE})
        )
        for operation in expected
    }
    assert told == expected


def test_changes_at_the_same_time_are_refused_or_done(call: Call) -> None:
    """One machine is created, changed, published, aliased, started, tagged and deleted by everybody at once."""
    machine = f"{PREFIX}:stateMachine:busy"
    changes: list[tuple[str, Json]] = [
        ("CreateStateMachine", {"name": "busy", "definition": WAIT, "roleArn": ROLE}),
        ("UpdateStateMachine", {"stateMachineArn": machine, "definition": PASS, "publish": True}),
        ("PublishStateMachineVersion", {"stateMachineArn": machine}),
        ("CreateStateMachineAlias", {
            "name": "live", "routingConfiguration": [{"stateMachineVersionArn": f"{machine}:1", "weight": 100}],
        }),
        ("StartExecution", {"stateMachineArn": machine, "name": "one"}),
        ("StopExecution", {"executionArn": f"{PREFIX}:execution:busy:one"}),
        ("RedriveExecution", {"executionArn": f"{PREFIX}:execution:busy:one"}),
        ("TagResource", {"resourceArn": machine, "tags": [{"key": "k", "value": "v"}]}),
        ("DeleteStateMachineVersion", {"stateMachineVersionArn": f"{machine}:1"}),
        ("DeleteStateMachineAlias", {"stateMachineAliasArn": f"{machine}:live"}),
        ("DeleteStateMachine", {"stateMachineArn": machine}),
    ]  # fmt: skip
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda change: (change[0], call(*change)), changes * 12))
    for operation, answer in answers:
        check(operation, answer)
    assert {answer.status_code for operation, answer in answers if operation == "DeleteStateMachine"} == {200}
    alive(call)
