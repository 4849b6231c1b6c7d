"""Versions and aliases over the operations of AWS's API."""

from collections.abc import AsyncIterator

import pytest

from conductor_local.runtime.versions import VERSIONS_MAX

from .client import ARN, ROLE, Client, machine, open_client

NOT_THERE = ("ResourceNotFound", "Request references a resource that does not exist.")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_client() as client:
        await client.create(publish=True)
        yield client


async def revise(client: Client, comment: str) -> str:
    """Publish another version; return its ARN."""
    answer = await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine(comment), publish=True)
    return str(answer["stateMachineVersionArn"])


def routing(*weights: int) -> list[dict[str, object]]:
    """Return a routing configuration with these weights for version 1, 2, …"""
    return [{"stateMachineVersionArn": f"{ARN}:{number}", "weight": weight} for number, weight in enumerate(weights, 1)]


async def alias(client: Client, name: str = "prod", *weights: int, **params: object) -> str:
    answer = await client("CreateStateMachineAlias", name=name, routingConfiguration=routing(*(weights or (100,))), **params)
    return str(answer["stateMachineAliasArn"])


# --- versions ------------------------------------------------------------------------------------------------------------------


async def test_a_version_stays_as_it_was(client: Client) -> None:
    await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine("2"), roleArn=f"{ROLE}2")
    published = await client("PublishStateMachineVersion", stateMachineArn=ARN, description="second")
    assert published["stateMachineVersionArn"] == f"{ARN}:2"
    await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine("3"), tracingConfiguration={"enabled": True})
    first, second = [await client("DescribeStateMachine", stateMachineArn=f"{ARN}:{number}") for number in (1, 2)]
    assert (first["definition"], first["roleArn"], "revisionId" in first, "description" in first) == (machine(), ROLE, False, False)
    assert (second["definition"], second["roleArn"], second["description"]) == (machine("2"), f"{ROLE}2", "second")
    assert (second["stateMachineArn"], second["name"]) == (f"{ARN}:2", "m")
    assert second["creationDate"] == published["creationDate"]
    assert second["tracingConfiguration"] == {"enabled": False}


async def test_a_revision_is_published_once(client: Client) -> None:
    again = await client("PublishStateMachineVersion", stateMachineArn=ARN, description="other")
    assert again["stateMachineVersionArn"] == f"{ARN}:1"
    unchanged = await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine(), publish=True)
    assert (unchanged["stateMachineVersionArn"], "revisionId" in unchanged) == (f"{ARN}:1", False)


async def test_only_the_present_revision_is_published(client: Client) -> None:
    assert await client("PublishStateMachineVersion", stateMachineArn=ARN, revisionId="INITIAL")
    changed = await client("UpdateStateMachine", stateMachineArn=ARN, definition=machine("2"))
    assert await client.refusal("PublishStateMachineVersion", stateMachineArn=ARN, revisionId="INITIAL") == (
        "ConflictException",
        "Failed to publish the State Machine version for revision INITIAL. "
        f"The current State Machine revision is {changed['revisionId']}.",
    )
    assert await client("PublishStateMachineVersion", stateMachineArn=ARN, revisionId=changed["revisionId"])


async def test_numbers_are_never_used_again(client: Client) -> None:
    await revise(client, "2")
    await client("DeleteStateMachineVersion", stateMachineVersionArn=f"{ARN}:2")
    assert await client("DeleteStateMachineVersion", stateMachineVersionArn=f"{ARN}:2") == {}
    assert (await client.refusal("DescribeStateMachine", stateMachineArn=f"{ARN}:2"))[0] == "StateMachineDoesNotExist"
    republished = await client("PublishStateMachineVersion", stateMachineArn=ARN)
    assert republished["stateMachineVersionArn"] == f"{ARN}:3"
    listed = await client("ListStateMachineVersions", stateMachineArn=ARN)
    assert [each["stateMachineVersionArn"] for each in listed["stateMachineVersions"]] == [f"{ARN}:3", f"{ARN}:1"]


async def test_versions_are_listed_page_by_page(client: Client) -> None:
    for number in range(2, 6):
        await revise(client, str(number))
    found, token = [], {}
    while True:
        listed = await client("ListStateMachineVersions", stateMachineArn=ARN, maxResults=2, **token)
        found += [each["stateMachineVersionArn"].rpartition(":")[2] for each in listed["stateMachineVersions"]]
        if "nextToken" not in listed:
            break
        token = {"nextToken": listed["nextToken"]}
    assert found == ["5", "4", "3", "2", "1"]


async def test_a_version_that_an_alias_points_to_stays(client: Client) -> None:
    made = await alias(client)
    assert await client.refusal("DeleteStateMachineVersion", stateMachineVersionArn=f"{ARN}:1") == (
        "ConflictException",
        "Version to be deleted must not be referenced by an alias. "
        "Current list of aliases referencing this version: [prod]",
    )  # fmt: skip
    await client("DeleteStateMachineAlias", stateMachineAliasArn=made)
    assert await client("DeleteStateMachineVersion", stateMachineVersionArn=f"{ARN}:1") == {}


async def test_there_is_an_end_to_versions(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert VERSIONS_MAX == 1_000
    monkeypatch.setattr("conductor_local.runtime.versions.VERSIONS_MAX", 2)
    await revise(client, "2")
    refused = await client.refusal("UpdateStateMachine", stateMachineArn=ARN, definition=machine("3"), publish=True)
    assert refused[0] == "ServiceQuotaExceededException"
    assert (await client("DescribeStateMachine", stateMachineArn=ARN))["definition"] == machine("2"), "nothing was changed"


@pytest.mark.parametrize("arn", [ARN, f"{ARN}:prod"])
async def test_only_a_version_is_deleted_as_one(client: Client, arn: str) -> None:
    said = ("InvalidArn", f"Invalid Arn: 'Not the ARN of a state machine version: {arn}'")
    assert await client.refusal("DeleteStateMachineVersion", stateMachineVersionArn=arn) == said


# --- aliases -------------------------------------------------------------------------------------------------------------------


async def test_an_alias_is_described_as_it_was_made(client: Client) -> None:
    await revise(client, "2")
    made = await client("CreateStateMachineAlias", name="prod", description="d", routingConfiguration=routing(90, 10))
    assert await client("DescribeStateMachineAlias", stateMachineAliasArn=f"{ARN}:prod") == {
        "stateMachineAliasArn": f"{ARN}:prod", "name": "prod", "description": "d", "routingConfiguration": routing(90, 10),
        "creationDate": made["creationDate"], "updateDate": made["creationDate"],
    }  # fmt: skip


async def test_the_same_alias_again_gives_the_same_answer(client: Client) -> None:
    await revise(client, "2")
    first = await client("CreateStateMachineAlias", name="prod", description="d", routingConfiguration=routing(50, 50))
    backwards = routing(50, 50)[::-1]
    assert await client("CreateStateMachineAlias", name="prod", description="d", routingConfiguration=backwards) == first
    said = "Failed to create alias because an alias with the same name and a different {} already exists."
    other = {"name": "prod", "description": "d", "routingConfiguration": routing(100)}
    assert await client.refusal("CreateStateMachineAlias", **other) == ("ConflictException", said.format("routing configuration"))
    other = {"name": "prod", "description": "e", "routingConfiguration": routing(50, 50)}
    assert await client.refusal("CreateStateMachineAlias", **other) == ("ConflictException", said.format("description"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([{"stateMachineVersionArn": ARN, "weight": 100}], f"must contain state machine version ARNs. Received: [{ARN}]"),
        (
            [{"stateMachineVersionArn": f"{ARN}:1", "weight": 50}] * 2,
            f"must contain distinct state machine version ARNs. Received: [{ARN}:1, {ARN}:1]",
        ),
        (
            [{"stateMachineVersionArn": f"{ARN}:1", "weight": 50}, {"stateMachineVersionArn": f"{ARN}2:1", "weight": 50}],
            f"must contain versions of one state machine. Received: [{ARN}:1, {ARN}2:1]",
        ),
    ],
)
async def test_a_routing_configuration_must_make_sense(client: Client, given: list[dict[str, object]], message: str) -> None:
    refused = await client.refusal("CreateStateMachineAlias", name="prod", routingConfiguration=given)
    assert refused == ("ValidationException", f"Routing configuration {message}")


async def test_weights_are_per_cent(client: Client) -> None:
    await revise(client, "2")
    said = ("ValidationException", "Sum of routing configuration weights must equal 100. Received: [70, 29]")
    assert await client.refusal("CreateStateMachineAlias", name="prod", routingConfiguration=routing(70, 29)) == said


async def test_aliases_point_to_what_is_there(client: Client) -> None:
    assert await client.refusal("CreateStateMachineAlias", name="prod", routingConfiguration=routing(0, 100)) == NOT_THERE
    gone = [{"stateMachineVersionArn": f"{ARN}2:1", "weight": 100}]
    assert await client.refusal("CreateStateMachineAlias", name="prod", routingConfiguration=gone) == NOT_THERE
    assert await client.refusal("DescribeStateMachineAlias", stateMachineAliasArn=f"{ARN}:prod") == NOT_THERE
    assert await client.refusal("UpdateStateMachineAlias", stateMachineAliasArn=f"{ARN}:prod", description="d") == NOT_THERE
    assert await client("DeleteStateMachineAlias", stateMachineAliasArn=f"{ARN}:prod") == {}


async def test_an_alias_is_changed_in_part(client: Client) -> None:
    made = await alias(client, description="d")
    await revise(client, "2")
    await client("UpdateStateMachineAlias", stateMachineAliasArn=made, routingConfiguration=routing(0, 100))
    shown = await client("DescribeStateMachineAlias", stateMachineAliasArn=made)
    assert (shown["description"], shown["routingConfiguration"]) == ("d", routing(0, 100))
    await client("UpdateStateMachineAlias", stateMachineAliasArn=made, description="e")
    shown = await client("DescribeStateMachineAlias", stateMachineAliasArn=made)
    assert (shown["description"], shown["routingConfiguration"]) == ("e", routing(0, 100))
    repeated = await client("UpdateStateMachineAlias", stateMachineAliasArn=made, description="e")
    assert repeated == {"updateDate": shown["updateDate"]}
    assert await client.refusal("UpdateStateMachineAlias", stateMachineAliasArn=made) == (
        "ValidationException",
        "At least one of description and routingConfiguration must be specified",
    )
    other = [{"stateMachineVersionArn": f"{ARN}2:1", "weight": 100}]
    refused = await client.refusal("UpdateStateMachineAlias", stateMachineAliasArn=made, routingConfiguration=other)
    assert refused[0] == "ValidationException"


async def test_aliases_are_listed_oldest_first_and_by_version(client: Client) -> None:
    await revise(client, "2")
    await alias(client, "a", 100)
    await alias(client, "b", 0, 100)
    await alias(client, "c", 50, 50)

    async def names(arn: str, **params: object) -> list[str]:
        listed = await client("ListStateMachineAliases", stateMachineArn=arn, **params)
        return [each["stateMachineAliasArn"].rpartition(":")[2] for each in listed["stateMachineAliases"]]

    assert await names(ARN) == ["a", "b", "c"]
    assert await names(f"{ARN}:1") == ["a", "b", "c"], "a weight of 0 is a reference too"
    await client("DeleteStateMachineAlias", stateMachineAliasArn=f"{ARN}:b")
    assert await names(ARN, maxResults=1) == ["a"]
    assert await client.refusal("ListStateMachineAliases", stateMachineArn=f"{ARN}:7") == NOT_THERE
    assert (await client.refusal("ListStateMachineAliases", stateMachineArn=f"{ARN}2"))[0] == "StateMachineDoesNotExist"


async def test_there_is_an_end_to_aliases(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conductor_local.runtime.aliases.ALIASES_MAX", 1)
    await alias(client, "a")
    await alias(client, "a")
    refused = await client.refusal("CreateStateMachineAlias", name="b", routingConfiguration=routing(100))
    assert refused[0] == "ServiceQuotaExceededException"


async def test_an_alias_is_neither_a_machine_nor_a_version(client: Client) -> None:
    made = await alias(client)
    assert (await client.refusal("DescribeStateMachine", stateMachineArn=made))[0] == "StateMachineDoesNotExist"
    said = ("InvalidArn", f"Invalid Arn: 'An alias is not valid in this context: {made}'")
    assert await client.refusal("ListStateMachineAliases", stateMachineArn=made) == said
    said = ("InvalidArn", f"Invalid Arn: 'Not the ARN of a state machine alias: {ARN}:1'")
    assert await client.refusal("DescribeStateMachineAlias", stateMachineAliasArn=f"{ARN}:1") == said


async def test_what_is_not_there_is_deleted_without_complaint(client: Client) -> None:
    assert await client("DeleteStateMachineVersion", stateMachineVersionArn=f"{ARN}2:1") == {}
    assert await client("DeleteStateMachineAlias", stateMachineAliasArn=f"{ARN}2:prod") == {}
    assert await client("DeleteStateMachineAlias", stateMachineAliasArn=f"{ARN}:prod") == {}
