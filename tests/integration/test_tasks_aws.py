"""State machines that call AWS services, on a whole runtime and moto's server on this machine."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conductor_local.functions.aws_clients import Clients
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
QUEUE = "orders"
PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = pytest.importorskip("moto.server", reason="moto is not installed: pip install 'moto[server]' botocore")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def clients() -> Clients:
    return Clients("us-east-1", {})


async def run(resource: str, parameters: dict[str, Any], *endpoints: str) -> Any:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    settings = Settings(data=Path(":memory:"), sample=False, aws_endpoints=endpoints)
    async with open_runtime(settings) as runtime:
        await runtime.service.publish({"name": "calling", "StartAt": "Call", "States": {"Call": task}})
        started = await runtime.service.start("calling", {})
        return await runtime.service.wait(started.instance_id)


async def answer(resource: str, parameters: dict[str, Any], *endpoints: str) -> Any:
    ended = await run(resource, parameters, *endpoints)
    assert ended.status == "COMPLETED", (ended.error_details, ended.error)
    return json.loads(bytes(ended.current_payload))


async def test_without_an_endpoint_nothing_is_called_and_the_error_says_how_to_set_one() -> None:
    for resource in ("sqs:sendMessage", "aws-sdk:sqs:sendMessage"):
        ended = await run(resource, {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/orders", "MessageBody": "x"})
        assert ended.error_details["error"] == "EndpointNotSet"
        assert "AWS_ENDPOINT_URL_SQS" in ended.error


async def test_a_message_is_sent_and_an_object_is_written_as_json(endpoint: str, clients: Clients) -> None:
    url = clients.call("sqs", endpoint, "CreateQueue", {"QueueName": QUEUE}).fields["QueueUrl"]
    result = await answer("sqs:sendMessage", {"QueueUrl": url, "MessageBody": {"n": 1}}, endpoint)
    assert list(result) == ["MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"]
    assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200
    got = clients.call("sqs", endpoint, "ReceiveMessage", {"QueueUrl": url}).fields["Messages"]
    assert [json.loads(message["Body"]) for message in got] == [{"n": 1}]


async def test_a_queue_that_is_not_there_is_an_error_of_sqs(endpoint: str) -> None:
    ended = await run("sqs:sendMessage", {"QueueUrl": f"{endpoint}/1/nobody", "MessageBody": "x"}, endpoint)
    assert ended.error_details["error"] == "SQS.QueueDoesNotExistException"
    assert "(Service: AmazonSQS; Status Code: 400; Error Code: " in ended.error


async def test_a_topic_gets_a_message(endpoint: str, clients: Clients) -> None:
    arn = clients.call("sns", endpoint, "CreateTopic", {"Name": "news"}).fields["TopicArn"]
    result = await answer("sns:publish", {"TopicArn": arn, "Message": {"n": 1}}, f"sns={endpoint}")
    assert list(result) == ["MessageId", "SdkHttpMetadata", "SdkResponseMetadata"]


async def test_items_are_put_changed_read_and_deleted(endpoint: str, clients: Clients) -> None:
    _create_table(clients, endpoint, "items")
    key = {"TableName": "items", "Key": {"id": {"S": "a"}}}
    put = await answer("dynamodb:putItem", {"TableName": "items", "Item": {"id": {"S": "a"}, "n": {"N": "1"}}}, endpoint)
    assert list(put) == ["SdkHttpMetadata", "SdkResponseMetadata"]
    change = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "2"}}, "ReturnValues": "UPDATED_NEW"}
    assert (await answer("dynamodb:updateItem", {**key, **change}, endpoint))["Attributes"] == {"n": {"N": "2"}}
    assert (await answer("dynamodb:getItem", key, endpoint))["Item"] == {"id": {"S": "a"}, "n": {"N": "2"}}
    await answer("dynamodb:deleteItem", key, endpoint)
    assert await answer("aws-sdk:dynamodb:getItem", key, endpoint) == {}


async def test_errors_have_the_names_of_each_kind_of_integration(endpoint: str) -> None:
    put = {"TableName": "nowhere", "Item": {"id": {"S": "a"}}}
    ended = await run("dynamodb:putItem", put, endpoint)
    assert ended.error_details["error"] == "DynamoDB.ResourceNotFoundException"
    assert "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: " in ended.error
    ended = await run("aws-sdk:dynamodb:putItem", put, endpoint)
    assert ended.error_details["error"] == "DynamoDb.ResourceNotFoundException"
    assert "(Service: DynamoDb, Status Code: 400, Request ID: " in ended.error


async def test_a_failed_condition_can_be_told_apart(endpoint: str, clients: Clients) -> None:
    _create_table(clients, endpoint, "once")
    put = {"TableName": "once", "Item": {"id": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(id)"}
    await answer("dynamodb:putItem", put, endpoint)
    ended = await run("dynamodb:putItem", put, endpoint)
    assert ended.error_details["error"] == "DynamoDB.ConditionalCheckFailedException"


async def test_events_are_put_and_refused_entries_fail_the_task(endpoint: str) -> None:
    entry = {"Source": "shop", "DetailType": "order", "Detail": {"n": 1}}
    result = await answer("events:putEvents", {"Entries": [entry]}, endpoint)
    assert (list(result), result["FailedEntryCount"]) == (["Entries", "FailedEntryCount"], 0)
    ended = await run("events:putEvents", {"Entries": [{**entry, "Detail": "not json"}]}, endpoint)
    assert ended.error_details["error"] == "EventBridge.FailedEntry"


async def test_the_sdk_takes_and_gives_capitalised_members(endpoint: str) -> None:
    made = await answer("aws-sdk:cloudwatchlogs:createLogGroup", {"LogGroupName": "/a"}, f"logs={endpoint}")
    assert made == {}
    found = await answer("aws-sdk:cloudwatchlogs:describeLogGroups", {"LogGroupNamePrefix": "/a"}, f"logs={endpoint}")
    assert [group["LogGroupName"] for group in found["LogGroups"]] == ["/a"]


async def test_files_are_put_and_read(endpoint: str) -> None:
    await answer("aws-sdk:s3:createBucket", {"Bucket": "box"}, endpoint)
    await answer("aws-sdk:s3:putObject", {"Bucket": "box", "Key": "a.json", "Body": {"n": 1}}, endpoint)
    got = await answer("aws-sdk:s3:getObject", {"Bucket": "box", "Key": "a.json"}, endpoint)
    assert got["Body"] == '{"n":1}'
    assert got["LastModified"].endswith("Z")
    ended = await run("aws-sdk:s3:listObjects", {"Bucket": "nobox"}, endpoint)
    assert ended.error_details["error"] == "S3.NoSuchBucketException"


async def test_nobody_listening_is_an_error_that_names_the_endpoint_without_its_password() -> None:
    pytest.importorskip("botocore")
    nobody = "http://me:s3cret@127.0.0.1:1"
    ended = await run("sqs:sendMessage", {"QueueUrl": "http://127.0.0.1:1/1/q", "MessageBody": "x"}, nobody)
    assert ended.error_details["error"] == "SQS.SdkClientException"
    assert "http://127.0.0.1:1" in ended.error
    assert "s3cret" not in ended.error


async def test_profiles_are_not_read(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETSMANAGER", endpoint)
    assert (await answer("aws-sdk:secretsmanager:listSecrets", {}))["SecretList"] == []


async def test_an_action_that_is_not_there_is_named(endpoint: str) -> None:
    for resource, told in (("aws-sdk:sqs:sendMassage", "'sendMassage'"), ("aws-sdk:sqz:sendMessage", "'sqz'")):
        ended = await run(resource, {}, endpoint)
        assert ended.error_details["error"] == "ResourceNotAvailable"
        assert told in ended.error


async def test_a_job_that_nobody_can_wait_for_says_what_to_do() -> None:
    ended = await run("eks:runJob.sync", {})
    assert ended.error_details["error"] == "ResourceNotAvailable"
    assert "docs/task-resources.md" in ended.error


async def test_a_query_is_waited_for_and_shown_as_the_service_describes_it(endpoint: str) -> None:
    query = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": "s3://box/"}}
    answer_ = await answer("athena:startQueryExecution.sync", query, endpoint)
    assert list(answer_) == ["QueryExecution"]
    assert (answer_["QueryExecution"]["Query"], answer_["QueryExecution"]["Status"]["State"]) == ("SELECT 1", "SUCCEEDED")


async def test_a_job_is_waited_for_to_its_end(endpoint: str, clients: Clients) -> None:
    _create_glue_job(clients, endpoint, "sums")
    ended = await run("glue:startJobRun.sync", {"JobName": "sums"}, endpoint)
    assert json.loads(bytes(ended.current_payload))["JobRunState"] == "SUCCEEDED"


async def test_a_job_that_cannot_be_started_fails_at_once(endpoint: str) -> None:
    ended = await run("glue:startJobRun.sync", {"JobName": "nobody"}, endpoint)
    assert ended.error_details["error"] == "Glue.EntityNotFoundException"
    assert "(Service: AWSGlue; Status Code: 400; Error Code: EntityNotFoundException; " in ended.error


async def test_a_job_is_stopped_with_the_execution_that_waits_for_it(endpoint: str, clients: Clients) -> None:
    clients.call("ecs", endpoint, "CreateCluster", {"ClusterName": "big"})
    container = {"Name": "one", "Image": "one", "Memory": 128}
    clients.call("ecs", endpoint, "RegisterTaskDefinition", {"Family": "long", "ContainerDefinitions": [container]})
    parameters = {"Cluster": "big", "TaskDefinition": "long", "LaunchType": "FARGATE"}
    task = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "Parameters": parameters, "End": True}
    settings = Settings(data=Path(":memory:"), sample=False, aws_endpoints=(endpoint,))
    async with open_runtime(settings) as runtime, asyncio.timeout(PATIENCE_S):
        await runtime.service.publish({"name": "calling", "StartAt": "Call", "States": {"Call": task}})
        started = await runtime.service.start("calling", {})
        while not _ecs_tasks(clients, endpoint, "RUNNING"):
            await asyncio.sleep(0.05)
        await runtime.service.cancel(started.instance_id)
        while not _ecs_tasks(clients, endpoint, "STOPPED"):
            await asyncio.sleep(0.05)


def _create_table(clients: Clients, endpoint: str, name: str) -> None:
    table = {
        "TableName": name,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    clients.call("dynamodb", endpoint, "CreateTable", table)


def _create_glue_job(clients: Clients, endpoint: str, name: str) -> None:
    command = {"Name": "glueetl", "ScriptLocation": "s3://box/script.py"}
    clients.call("glue", endpoint, "CreateJob", {"Name": name, "Role": "arn:aws:iam::123456789012:role/r", "Command": command})


def _ecs_tasks(clients: Clients, endpoint: str, status: str) -> list[str]:
    arns: list[str] = clients.call("ecs", endpoint, "ListTasks", {"Cluster": "big", "DesiredStatus": status}).fields["TaskArns"]
    return arns
