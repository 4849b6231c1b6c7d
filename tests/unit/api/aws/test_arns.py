"""ARNs and names."""

import pytest

from conductor_local.api.aws.arns import ActivityArn, ExecutionArn, ExpressArn, MachineArn, MapRunArn, Scope, check_name, parse
from conductor_local.api.aws.errors import AwsError

HOME = Scope("aws", "us-east-1", "111111111111")
PREFIX = "arn:aws:states:us-east-1:111111111111"


@pytest.mark.parametrize(
    ("text", "arn"),
    [
        (f"{PREFIX}:stateMachine:m", MachineArn(HOME, "m")),
        (f"{PREFIX}:stateMachine:m:7", MachineArn(HOME, "m", qualifier="7")),
        (f"{PREFIX}:stateMachine:m:PROD", MachineArn(HOME, "m", qualifier="PROD")),
        (f"{PREFIX}:stateMachine:m/Items", MachineArn(HOME, "m", "Items")),
        (f"{PREFIX}:execution:m:e", ExecutionArn(HOME, "m", "e")),
        (f"{PREFIX}:execution:m/Items:e", ExecutionArn(HOME, "m", "e", "Items")),
        (f"{PREFIX}:express:m:e:run", ExpressArn(HOME, "m", "e", "run")),
        (f"{PREFIX}:express:m/Items:e:run", ExpressArn(HOME, "m", "e", "run", "Items")),
        (f"{PREFIX}:activity:a", ActivityArn(HOME, "a")),
        (f"{PREFIX}:mapRun:m/Items:run", MapRunArn(HOME, "m", "Items", "run")),
        (
            "arn:aws-cn:states:cn-north-1:000000000000:activity:a.(b)'é",
            ActivityArn(Scope("aws-cn", "cn-north-1", "0" * 12), "a.(b)'é"),
        ),
    ],
)
def test_text_and_value_are_inverse(text: str, arn: object) -> None:
    assert parse(text, MachineArn, ExecutionArn, ExpressArn, ActivityArn, MapRunArn) == arn
    assert str(arn) == text


def test_a_qualifier_is_a_version_or_an_alias() -> None:
    machine = MachineArn(HOME, "m")
    assert (machine.version, machine.alias) == (None, None)
    assert (machine.qualified(7).version, machine.qualified(7).alias) == (7, None)
    assert (machine.qualified("PROD").version, machine.qualified("PROD").alias) == (None, "PROD")
    assert machine.qualified("PROD").unqualified == machine


def test_executions_know_their_machine() -> None:
    assert ExecutionArn(HOME, "m", "e", "Items").machine_arn == MachineArn(HOME, "m", "Items")
    assert ExpressArn(HOME, "m", "e", "run").machine_arn == MachineArn(HOME, "m")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("invalid_arn", "Invalid ARN prefix: invalid_arn"),
        ("", "Invalid ARN prefix: "),
        (
            "arn:aws:lambda:us-east-1:111111111111:function:f",
            "Invalid ARN prefix: arn:aws:lambda:us-east-1:111111111111:function:f",
        ),
        (f"{PREFIX}:stateMachine", f"Invalid ARN prefix: {PREFIX}:stateMachine"),
        (f"{PREFIX}:express:m:e:run", "Resource type not valid in this context: express"),
        (f"{PREFIX}:banana:m", "Resource type not valid in this context: banana"),
        (f"{PREFIX}:execution:m", f"Invalid ARN resource: {PREFIX}:execution:m"),
        (f"{PREFIX}:execution:m:e:f", f"Invalid ARN resource: {PREFIX}:execution:m:e:f"),
    ],
)
def test_what_is_no_arn_of_an_accepted_kind_is_refused(text: str, reason: str) -> None:
    with pytest.raises(AwsError) as refused:
        parse(text, ExecutionArn, MachineArn)
    assert (refused.value.code, refused.value.message) == ("InvalidArn", f"Invalid Arn: '{reason}'")


@pytest.mark.parametrize("name", ["a", "a" * 80, "A-b_c.d", "x(1)'!@=+", "ünïcode", "名前"])
def test_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "a" * 81, *(f"a{bad}b" for bad in ' \t\n<>{}[]?*"#%\\^|~`$&,;:/\x00\x7f\x9f\ud800\ufffe\uffff')]
)
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(AwsError) as refused:
        check_name(name)
    assert (refused.value.code, refused.value.message) == ("InvalidName", f"Invalid Name: '{name}'")
