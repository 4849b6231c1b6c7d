"""State machines over the operations of AWS's API."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .client import ARN, ROLE, Client, machine, open_client

OFF = {"level": "OFF", "includeExecutionData": False}
GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/m-Logs:*"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_client() as client:
        yield client


def log_to(*groups: str, level: str = "ALL") -> dict[str, object]:
    return {"level": level, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}} for group in groups]}


# --- creating ------------------------------------------------------------------------------------------------------------------


async def test_a_machine_is_described_as_it_was_created(client: Client) -> None:
    text = ' {"StartAt" : "Ä",\n "States": {"Ä": {"Type": "Pass", "Result": 1.0, "End": true}}}\n'
    created = await client.create(definition=text, type="EXPRESS")
    assert created.keys() == {"stateMachineArn", "creationDate"}
    assert await client("DescribeStateMachine", stateMachineArn=ARN) == {
        "stateMachineArn": ARN, "name": "m", "status": "ACTIVE", "type": "EXPRESS", "definition": text, "roleArn": ROLE,
        "creationDate": created["creationDate"], "loggingConfiguration": OFF, "tracingConfiguration": {"enabled": False},
    }  # fmt: skip
    without = await client("DescribeStateMachine", stateMachineArn=ARN, includedData="METADATA_ONLY")
    assert without["definition"] == "{}"


async def test_configurations_are_described_as_they_were_given(client: Client) -> None:
    encryption = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k"}
    await client.create(
        loggingConfiguration=log_to(GROUP), tracingConfiguration={"enabled": True}, encryptionConfiguration=encryption
    )
    shown = await client("DescribeStateMachine", stateMachineArn=ARN)
    assert shown["loggingConfiguration"] == {"includeExecutionData": False, **log_to(GROUP)}
    assert (shown["tracingConfiguration"], shown["encryptionConfiguration"]) == ({"enabled": True}, encryption)


@pytest.mark.parametrize(
    ("params", "code", "message"),
    [
        ({"name": "a b"}, "InvalidName", "Invalid Name: 'a b'"),
        ({"name": "a:b"}, "InvalidName", "Invalid Name: 'a:b'"),
        ({"roleArn": "role"}, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: role'"),
        (
            {"definition": '{"StartAt": "A"}'},
            "InvalidDefinition",
            "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'",
        ),
        (
            {"definition": "\ufeff" + machine()},
            "InvalidDefinition",
            "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: "
            "The definition begins with a byte order mark (U+FEFF); leave it out at null'",
        ),
        ({"versionDescription": "v"}, "ValidationException", "Version description can only be set when publish is true"),
        (
            {"loggingConfiguration": {"level": "ALL"}},
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        (
            {"loggingConfiguration": log_to(GROUP, GROUP, level="OFF")},
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        (
            {"loggingConfiguration": log_to("arn:aws:logs:us-east-1:000000000000:log-group:")},
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Log Destination not found.",
        ),
        (
            {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}},
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: kmsKeyId is required when type is CUSTOMER_MANAGED_KMS_KEY",
        ),
        (
            {"encryptionConfiguration": {"type": "AWS_OWNED_KEY", "kmsKeyId": "k"}},
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: kmsKeyId and kmsDataKeyReusePeriodSeconds are for type CUSTOMER_MANAGED_KMS_KEY",
        ),
    ],
)
async def test_what_cannot_be_created_is_refused(client: Client, params: dict[str, object], code: str, message: str) -> None:
    given = {"name": "m", "definition": machine(), "roleArn": ROLE, **params}
    assert await client.refusal("CreateStateMachine", **given) == (code, message)
    assert await client("ListStateMachines") == {"stateMachines": []}


async def test_an_express_machine_is_held_to_its_own_rules(client: Client) -> None:
    activity = "arn:aws:states:us-east-1:000000000000:activity:a"
    text = machine(T={"Type": "Task", "Resource": activity, "End": True})
    await client.create(definition=text)
    code, message = await client.refusal("CreateStateMachine", name="x", definition=text, roleArn=ROLE, type="EXPRESS")
    assert code == "InvalidDefinition"
    assert message is not None
    assert "Express state machine does not support Activity ARN at /States/T/Resource" in message


async def test_the_same_creation_again_gives_the_same_answer(client: Client) -> None:
    first = await client.create(publish=True, versionDescription="v")
    again = await client("CreateStateMachine", name="m", definition=machine(), roleArn=f"{ROLE}2", publish=True,
                         versionDescription="v", tags=[{"key": "k", "value": "v"}])  # fmt: skip
    assert again == first
    assert first["stateMachineVersionArn"] == f"{ARN}:1"
    shown = await client("DescribeStateMachine", stateMachineArn=ARN)
    assert shown["roleArn"] == ROLE
    assert await client("ListTagsForResource", resourceArn=ARN) == {"tags": []}


@pytest.mark.parametrize(
    "other",
    [
        {"definition": machine("other")},
        {"definition": machine().replace("\n", "")},
        {"type": "EXPRESS"},
        {"loggingConfiguration": log_to(GROUP)},
        {"tracingConfiguration": {"enabled": True}},
        {"publish": True},
    ],
)
async def test_another_creation_of_a_name_is_refused(client: Client, other: dict[str, object]) -> None:
    await client.create(loggingConfiguration=OFF)
    await client.create()  # defaults given and defaults left out are the same
    given = {"name": "m", "definition": machine(), "roleArn": ROLE, **other}
    assert await client.refusal("CreateStateMachine", **given) == (
        "StateMachineAlreadyExists",
        f"State Machine Already Exists: '{ARN}'",
    )


async def test_of_fifty_creations_at_once_one_counts(tmp_path: Path) -> None:
    async with open_client(str(tmp_path / "c.db")) as client:
        given = [{"name": "m", "definition": machine(str(number % 2)), "roleArn": ROLE} for number in range(50)]
        found = await asyncio.gather(*(client("CreateStateMachine", **each) for each in given), return_exceptions=True)
        answers = [each for each in found if isinstance(each, dict)]
        refusals = [each for each in found if not isinstance(each, dict)]
        assert len(answers) == 25
        assert all(answer == answers[0] for answer in answers)
        assert {str(each) for each in refusals} == {f"StateMachineAlreadyExists: State Machine Already Exists: '{ARN}'"}
        assert len((await client("ListStateMachines"))["stateMachines"]) == 1


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    data, shown = str(tmp_path / "c.db"), []
    asked = [
        ("DescribeStateMachine", {"stateMachineArn": ARN}),
        ("DescribeStateMachine", {"stateMachineArn": f"{ARN}:1"}),
        ("DescribeStateMachineAlias", {"stateMachineAliasArn": f"{ARN}:prod"}),
        ("ListTagsForResource", {"resourceArn": ARN}),
        ("ListActivities", {}),
    ]
    async with open_client(data) as client:
        await client.create(
            definition=f" {machine()}", publish=True, versionDescription="v", loggingConfiguration=log_to(GROUP),
            tags=[{"key": "k", "value": "v"}],
        )  # fmt: skip
        routing = [{"stateMachineVersionArn": f"{ARN}:1", "weight": 100}]
        await client("CreateStateMachineAlias", name="prod", routingConfiguration=routing)
        await client("UpdateStateMachine", stateMachineArn=ARN, roleArn=f"{ROLE}2")
        await client("CreateActivity", name="a", tags=[{"key": "k", "value": "v"}])
        shown = [await client(operation, **params) for operation, params in asked]
    async with open_client(data) as client:
        assert [await client(operation, **params) for operation, params in asked] == shown
        assert (shown[1]["definition"], shown[1]["description"]) == (f" {machine()}", "v")


# --- changing ------------------------------------------------------------------------------------------------------------------


async def test_an_update_makes_a_revision_only_when_something_differs(client: Client) -> None:
    await client.create()
    same = await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine(), roleArn=ROLE)
    assert same.keys() == {"updateDate"}
    other = await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine("other"))
    repeated = await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine("other"))
    assert repeated == other
    role = await client("UpdateStateMachine", stateMachineArn=ARN, roleArn=f"{ROLE}2")
    assert len({other["revisionId"], role["revisionId"]}) == 2
    shown = await client("DescribeStateMachine", stateMachineArn=ARN)
    assert (shown["definition"], shown["roleArn"], shown["revisionId"]) == (machine("other"), f"{ROLE}2", role["revisionId"])


async def test_a_configuration_can_be_changed_alone(client: Client) -> None:
    await client.create()
    changed = await client("UpdateStateMachine", stateMachineArn=ARN, tracingConfiguration={"enabled": True})
    shown = await client("DescribeStateMachine", stateMachineArn=ARN)
    assert (shown["tracingConfiguration"], shown["revisionId"]) == ({"enabled": True}, changed["revisionId"])


async def test_an_update_that_says_nothing_is_refused(client: Client) -> None:
    await client.create()
    assert await client.refusal("UpdateStateMachine", stateMachineArn=ARN, publish=True) == (
        "MissingRequiredParameter",
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
    )


async def test_a_bad_update_changes_nothing(client: Client) -> None:
    await client.create()
    code, _ = await client.refusal("UpdateStateMachine", stateMachineArn=ARN, definition="{}", roleArn=f"{ROLE}2")
    shown = await client("DescribeStateMachine", stateMachineArn=ARN)
    assert (code, shown["definition"], shown["roleArn"]) == ("InvalidDefinition", machine(), ROLE)


async def test_all_changes_made_at_once_are_kept(tmp_path: Path) -> None:
    async with open_client(str(tmp_path / "c.db")) as client:
        await client.create()
        changes = [client("TagResource", resourceArn=ARN, tags=[{"key": f"k{n}", "value": ""}]) for n in range(20)]
        updates = [client("UpdateStateMachine", stateMachineArn=ARN, definition=machine(str(n)), publish=True) for n in range(20)]
        answers = await asyncio.gather(*changes, *updates)
        assert len((await client("ListTagsForResource", resourceArn=ARN))["tags"]) == 20
        numbers = {answer["stateMachineVersionArn"].rpartition(":")[2] for answer in answers[20:]}
        assert numbers == {str(number) for number in range(1, 21)}
