"""Names, endpoints and shapes of AWS services."""

from datetime import datetime, timedelta, timezone
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from conductor_local.functions.aws_clients import Astray, _stay_at
from conductor_local.functions.aws_endpoints import Endpoints, variable
from conductor_local.functions.aws_names import exception_name, sdk_name
from conductor_local.functions.aws_shapes import from_api, to_api
from conductor_local.language.asl.services import botocore_name, operation_name

TEXT, BLOB, NUMBER = SimpleNamespace(type_name="string"), SimpleNamespace(type_name="blob"), SimpleNamespace(type_name="integer")


def structure(**members: Any) -> Any:
    return SimpleNamespace(type_name="structure", members=members)


@pytest.mark.parametrize(
    ("service_id", "name"),
    [
        ("DynamoDB", "DynamoDb"),
        ("SFN", "Sfn"),
        ("S3", "S3"),
        ("SQS", "Sqs"),
        ("Secrets Manager", "SecretsManager"),
        ("EventBridge", "EventBridge"),
        ("CloudWatch Logs", "CloudWatchLogs"),
        ("Lambda", "Lambda"),
    ],
)
def test_errors_of_the_sdk_have_its_own_spelling(service_id: str, name: str) -> None:
    assert sdk_name(service_id) == name


def test_services_errors_and_actions_are_named_for_each_side() -> None:
    assert [botocore_name(name) for name in ("sfn", "eventbridge", "sqs")] == ["stepfunctions", "events", "sqs"]
    assert [exception_name(code) for code in ("NoSuchBucket", "NotFoundException")] == [
        "NoSuchBucketException",
        "NotFoundException",
    ]
    assert operation_name("listObjectsV2") == "ListObjectsV2"


def test_an_endpoint_is_the_one_that_names_the_service_else_the_one_for_all() -> None:
    environ = {"AWS_ENDPOINT_URL": "http://env", "AWS_ENDPOINT_URL_SNS": "http://env-sns", "AWS_ENDPOINT_URL_SQS": "http://env-sqs"}
    both = Endpoints(["http://all", "sqs=http://sqs"], environ)
    assert [both.url([name]) for name in ("sqs", "sns", "s3")] == ["http://sqs", "http://env-sns", "http://all"]
    assert Endpoints([], environ).url(["s3"]) == "http://env"
    assert Endpoints([], {"AWS_ENDPOINT_URL_EVENTS": "http://e"}).url(["eventbridge", "events"]) == "http://e"
    assert Endpoints().url(["sqs"]) is None
    assert variable("cognito-idp") == "AWS_ENDPOINT_URL_COGNITO_IDP"


def test_a_request_to_another_host_is_not_sent() -> None:
    _stay_at("127.0.0.1:1", SimpleNamespace(url="http://127.0.0.1:1/x"))
    with pytest.raises(Astray):
        _stay_at("127.0.0.1:1", SimpleNamespace(url="https://sqs.us-east-1.amazonaws.com/"))


def test_values_for_an_api_are_fitted_to_its_shapes() -> None:
    many = SimpleNamespace(type_name="list", member=structure(detail=TEXT))
    by_name = SimpleNamespace(type_name="map", value=NUMBER)
    shape = structure(logGroup=TEXT, Body=BLOB, Count=NUMBER, entries=many, tags=by_name)
    given = {
        "LogGroup": {"a": 1},
        "Body": {"b": 2},
        "Count": 3,
        "Gone": None,
        "Entries": [{"Detail": [1]}],
        "Tags": {"x": 1},
        "More": 4,
    }
    assert to_api(given, shape) == {
        "logGroup": '{"a":1}',
        "Body": b'{"b":2}',
        "Count": 3,
        "entries": [{"detail": "[1]"}],
        "tags": {"x": 1},
        "More": 4,
    }


def test_values_of_an_api_become_json() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))
    shape = structure(at=TEXT, names=SimpleNamespace(type_name="map", value=TEXT))
    given = {"at": at, "names": {"kept": "x"}, "body": BytesIO(b"text"), "bytes": b"\xff", "list": [1, {"inner": None}]}
    assert from_api(given, shape) == {
        "At": "2026-01-02T02:04:05Z",
        "Names": {"kept": "x"},
        "Body": "text",
        "Bytes": "/w==",
        "List": [1, {"Inner": None}],
    }
