"""Tags and activities over the operations of AWS's API."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .client import ARN, ELSEWHERE, Client, open_client

ACTIVITY = "arn:aws:states:us-east-1:000000000000:activity:a"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with open_client() as client:
        await client.create(tags=[{"key": "team", "value": "a"}])
        await client("CreateActivity", name="a", tags=[{"key": "team", "value": "a"}])
        yield client


def tags(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


@pytest.mark.parametrize("arn", [ARN, ACTIVITY])
async def test_tags_are_added_replaced_and_removed(client: Client, arn: str) -> None:
    await client("TagResource", resourceArn=arn, tags=tags(team="b", cost="1"))
    assert await client("ListTagsForResource", resourceArn=arn) == {"tags": tags(team="b", cost="1")}
    await client("UntagResource", resourceArn=arn, tagKeys=["team", "unknown"])
    assert await client("ListTagsForResource", resourceArn=arn) == {"tags": tags(cost="1")}


@pytest.mark.parametrize("arn", [ARN, ACTIVITY])
async def test_fifty_tags_are_the_most(client: Client, arn: str) -> None:
    await client("TagResource", resourceArn=arn, tags=[{"key": f"k{n}", "value": ""} for n in range(49)])
    refused = await client.refusal("TagResource", resourceArn=arn, tags=tags(one="more"))
    assert refused == ("TooManyTags", "A resource can have 50 tags; this one would have 51.")
    assert len((await client("ListTagsForResource", resourceArn=arn))["tags"]) == 50


async def test_tags_added_at_once_are_all_kept(tmp_path: Path) -> None:
    async with open_client(str(tmp_path / "c.db")) as client:
        created = await asyncio.gather(*(client("CreateActivity", name="a") for _ in range(10)))
        assert all(each == created[0] for each in created)
        await asyncio.gather(*(client("TagResource", resourceArn=ACTIVITY, tags=tags(**{f"k{n}": "v"})) for n in range(20)))
        assert len((await client("ListTagsForResource", resourceArn=ACTIVITY))["tags"]) == 20


@pytest.mark.parametrize("arn", [f"{ARN}2", f"{ARN}:1", f"{ARN}/label", f"{ACTIVITY}2"])
async def test_what_is_not_there_has_no_tags(client: Client, arn: str) -> None:
    said = ("ResourceNotFound", f"Resource not found: '{arn}'")
    assert await client.refusal("TagResource", resourceArn=arn, tags=tags(a="b")) == said
    assert await client.refusal("ListTagsForResource", resourceArn=arn) == said


async def test_executions_have_no_tags(client: Client) -> None:
    execution = "arn:aws:states:us-east-1:000000000000:execution:m:e"
    said = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: execution'")
    assert await client.refusal("ListTagsForResource", resourceArn=execution) == said


async def test_a_tag_needs_a_key(client: Client) -> None:
    refused = await client.refusal("TagResource", resourceArn=ARN, tags=[{"value": "v"}])
    assert refused == ("ValidationException", "Every tag must have a key")


async def test_an_activity_is_created_once(client: Client) -> None:
    first = await client("DescribeActivity", activityArn=ACTIVITY)
    again = await client("CreateActivity", name="a", tags=tags(other="x"))
    assert again == {"activityArn": ACTIVITY, "creationDate": first["creationDate"]}
    assert first["name"] == "a"
    assert await client("ListTagsForResource", resourceArn=ACTIVITY) == {"tags": tags(team="a")}
    encryption = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}
    refused = await client.refusal("CreateActivity", name="a", encryptionConfiguration=encryption)
    assert refused == ("ActivityAlreadyExists", f"Activity Already Exists: '{ACTIVITY}'")
    await client("CreateActivity", name="b", encryptionConfiguration=encryption)
    assert (await client("DescribeActivity", activityArn=ACTIVITY[:-1] + "b"))["encryptionConfiguration"] == encryption


async def test_a_deleted_activity_does_not_exist(client: Client) -> None:
    await client("DeleteActivity", activityArn=ACTIVITY)
    assert await client("DeleteActivity", activityArn=ACTIVITY) == {}
    said = ("ActivityDoesNotExist", f"Activity Does Not Exist: '{ACTIVITY}'")
    assert await client.refusal("DescribeActivity", activityArn=ACTIVITY) == said


async def test_activities_are_listed_by_name_where_they_are(client: Client) -> None:
    for name in ("c", "b"):
        await client("CreateActivity", name=name)
    await client.at(ELSEWHERE)("CreateActivity", name="abroad")
    first = await client("ListActivities", maxResults=2)
    rest = await client("ListActivities", maxResults=2, nextToken=first["nextToken"])
    assert [each["name"] for each in first["activities"] + rest["activities"]] == ["a", "b", "c"]


@pytest.mark.parametrize(("params", "code"), [({"name": "a b"}, "InvalidName"), ({"name": "a/b"}, "InvalidName")])
async def test_a_bad_name_is_refused(client: Client, params: dict[str, str], code: str) -> None:
    assert (await client.refusal("CreateActivity", **params))[0] == code
