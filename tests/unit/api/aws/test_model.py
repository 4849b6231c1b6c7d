"""Parameters against AWS's own description of the service. Texts are AWS's as far as they were recorded."""

import re
import subprocess
import sys
from typing import Any

import pytest

from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.model import constraint_text, model


def problems(operation: str, **params: Any) -> list[str]:
    return model().problems(operation, model().typed(operation, params))


def fault(operation: str, **params: Any) -> str:
    with pytest.raises(AwsError) as refused:
        model().typed(operation, params)
    assert refused.value.code == "SerializationException"
    return str(refused.value.message)


def test_the_whole_service_is_described() -> None:
    assert len(model().operations) == 37
    assert model().metadata.target_prefix == "AWSStepFunctions"


def test_sound_parameters_pass_and_lose_what_the_model_does_not_know() -> None:
    given = {"stateMachineArn": "a", "input": "{}", "traceHeader": None, "unknown": 1}
    typed = model().typed("StartExecution", given)
    assert typed == {"stateMachineArn": "a", "input": "{}"}
    assert model().problems("StartExecution", typed) == []


def test_recorded_texts() -> None:
    assert constraint_text(problems("ListExecutions", maxResults=1001)) == (
        "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 1000"
    )
    assert constraint_text(problems("ListExecutions", statusFilter="succeeded")) == (
        "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: "
        "Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]"
    )


def test_several_problems_are_told_together() -> None:
    told = constraint_text(problems("ListExecutions", maxResults=-1, nextToken=""))
    assert told == (
        "2 validation errors detected: "
        "Value '-1' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 0; "
        "Value '' at 'nextToken' failed to satisfy constraint: Member must have length greater than or equal to 1"
    )


def test_a_missing_member_is_null() -> None:
    assert problems("StartExecution") == ["Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null"]
    assert problems("StartExecution", stateMachineArn=None) == problems("StartExecution")


def test_values_of_sensitive_members_are_not_repeated() -> None:
    (told,) = problems("SendTaskSuccess", taskToken="secret" * 400, output="{}")
    assert told == "Value at 'taskToken' failed to satisfy constraint: Member must have length less than or equal to 2048"


def test_large_limits_are_written_out() -> None:
    (told,) = problems("ValidateStateMachineDefinition", definition="x" * 1_048_577)
    assert told.endswith("less than or equal to 1048576")
    assert problems("ValidateStateMachineDefinition", definition="x" * 1_048_576) == []


def test_patterns_hold_for_the_whole_text() -> None:
    route = [{"stateMachineVersionArn": "a", "weight": 100}]
    assert problems("CreateStateMachineAlias", name="PROD-1", routingConfiguration=route) == []
    for name in ("12", "a b", "prod\n"):
        (told,) = problems("CreateStateMachineAlias", name=name, routingConfiguration=route)
        assert told.endswith(r"regular expression pattern: ^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$")
    (told,) = problems("StartExecution", stateMachineArn="a", traceHeader="é")
    assert told.endswith(r"pattern: \p{ASCII}*")


def test_members_of_items_are_named_with_their_number() -> None:
    found = problems("TagResource", resourceArn="a", tags=[{"key": "a", "value": "v"}, {"key": "", "value": "v"}])
    assert [re.search("at '(.*?)'", told)[1] for told in found] == ["tags.2.member.key"]  # type: ignore[index]


def test_a_list_of_texts_is_judged_as_a_whole() -> None:
    (told,) = problems("UntagResource", resourceArn="a", tagKeys=["a", ""])
    assert told == (
        "Value '[a, ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less "
        "than or equal to 128, Member must have length greater than or equal to 1]"
    )


def test_the_size_of_a_list_counts() -> None:
    route = {"stateMachineVersionArn": "a", "weight": 30}
    (told,) = problems("UpdateStateMachineAlias", stateMachineAliasArn="a", routingConfiguration=[route] * 3)
    assert "RoutingConfigurationListItem(stateMachineVersionArn=a, weight=30)" in told
    assert told.endswith("at 'routingConfiguration' failed to satisfy constraint: Member must have length less than or equal to 2")


@pytest.mark.parametrize(
    ("operation", "params", "text"),
    [
        ("StartExecution", {"name": 1}, "NUMBER_VALUE can not be converted to String at 'name'"),
        ("StartExecution", {"input": {"a": 1}}, "Start of structure or map found where not expected at 'input'"),
        ("ListExecutions", {"maxResults": "10"}, "STRING_VALUE can not be converted to Integer at 'maxResults'"),
        ("ListExecutions", {"maxResults": True}, "TRUE_VALUE can not be converted to Integer at 'maxResults'"),
        ("ListExecutions", {"maxResults": 1.5}, "NUMBER_VALUE can not be converted to Integer at 'maxResults'"),
        ("CreateStateMachine", {"publish": "no"}, "STRING_VALUE can not be converted to Boolean at 'publish'"),
        ("CreateStateMachine", {"tags": {}}, "Start of structure or map found where not expected at 'tags'"),
        ("CreateStateMachine", {"tags": [None]}, "NULL_VALUE found where a structure was expected at 'tags.1.member'"),
        ("CreateStateMachine", {"tags": [{"key": []}]}, "Start of list found where not expected at 'tags.1.member.key'"),
    ],
)
def test_other_types_are_refused_before_values_are_judged(operation: str, params: dict[str, Any], text: str) -> None:
    assert fault(operation, **params) == text


def test_whole_numbers_may_be_written_with_a_point_and_floats_without() -> None:
    assert model().typed("ListExecutions", {"maxResults": 5.0}) == {"maxResults": 5}
    assert model().typed("UpdateMapRun", {"toleratedFailurePercentage": 5}) == {"toleratedFailurePercentage": 5.0}


def test_botocore_is_not_imported_and_its_file_not_read_before_it_is_needed() -> None:
    code = (
        "import sys; import conductor_local.api.app; from conductor_local.api.aws.model import model;"
        "assert model.cache_info().currsize == 0; model();"
        "assert not [name for name in sys.modules if name.startswith('botocore.')]"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr == ""
