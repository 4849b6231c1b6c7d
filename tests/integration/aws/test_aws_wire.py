"""The wire under real clients: boto3 and the AWS CLI against a real server."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:none"
Serve, Connect = Callable[..., str], Callable[..., Any]


def refusal(call: Callable[..., Any], **params: Any) -> ClientError:
    with pytest.raises(ClientError) as refused:
        call(**params)
    return refused.value


def test_an_answer(client: Any) -> None:
    answer = client.validate_state_machine_definition(definition=PASS)
    metadata = answer.pop("ResponseMetadata")
    assert answer == {"result": "OK", "diagnostics": [], "truncated": False}
    assert (metadata["HTTPStatusCode"], len(metadata["RequestId"])) == (200, 36)
    assert metadata["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.0"


def test_a_refusal_is_the_exception_of_the_service(client: Any) -> None:
    with pytest.raises(client.exceptions.ValidationException) as refused:
        client.validate_state_machine_definition(definition="x" * 1_048_577)
    error = refused.value.response
    assert error["Error"]["Message"].startswith("1 validation error detected: Value at 'definition' failed to satisfy constraint: ")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert error["ResponseMetadata"]["RequestId"]


def test_a_definition_of_the_largest_size_arrives(client: Any) -> None:
    padded = json.dumps({"Comment": '"\\é' * 100_000, "StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    assert 900_000 < len(padded) < 1_048_576
    assert client.validate_state_machine_definition(definition=padded)["result"] == "OK"


def test_warnings_are_told_when_asked_for(client: Any) -> None:
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"a": "$.b"}, "End": True}}})
    assert client.validate_state_machine_definition(definition=definition)["diagnostics"] == []
    told = client.validate_state_machine_definition(definition=definition, severity="WARNING")
    assert told["result"] == "OK"
    assert {one["severity"] for one in told["diagnostics"]} == {"WARNING"}


def test_diagnostics_are_cut_at_the_limit(client: Any) -> None:
    states = {f"S{number}": {"Type": "Nothing"} for number in range(5)}
    definition = json.dumps({"StartAt": "S0", "States": states})
    cut = client.validate_state_machine_definition(definition=definition, maxResults=3)
    assert (len(cut["diagnostics"]), cut["truncated"]) == (3, True)
    whole = client.validate_state_machine_definition(definition=definition)
    assert (whole["diagnostics"][:3], whole["truncated"]) == (cut["diagnostics"], False)
    assert client.validate_state_machine_definition(definition=definition, maxResults=0) | whole == whole


def exchange(url: str, request: str) -> str:
    """Send bytes as they are; return all that comes back."""
    host = urlsplit(url)
    with socket.create_connection((str(host.hostname), int(host.port or 0)), timeout=10) as connection:
        connection.sendall(request.encode())
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received.decode()


# --- the two operations that AWS's clients send to another host ------------------------------------------------------------------


def start_sync(client: Any) -> ClientError:
    return refusal(client.start_sync_execution, stateMachineArn=MACHINE)


def test_without_a_setting_a_synchronous_call_does_not_find_its_host(serve: Serve, connect: Connect) -> None:
    with pytest.raises(EndpointConnectionError):
        connect(serve(), proxies={}).start_sync_execution(stateMachineArn=MACHINE)


def test_the_prefix_can_be_switched_off_by_environment(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setenv("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
    error = start_sync(connect(serve()))
    assert error.response["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.0"
    assert error.response["Error"]["Code"] in ("StateMachineDoesNotExist", "UnknownOperationException")


def test_the_server_can_be_its_own_proxy(serve: Serve, connect: Connect) -> None:
    url = serve()
    client = connect(url, proxies={"http": url})
    sent: list[str] = []
    client.meta.events.register("before-send", lambda request, **_: sent.append(request.url))
    assert start_sync(client).response["Error"]["Code"] in ("StateMachineDoesNotExist", "UnknownOperationException")
    error = refusal(client.test_state, definition="{", roleArn="arn:aws:iam::111111111111:role/r")
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert [urlsplit(one).hostname for one in sent] == ["sync-127.0.0.1", "sync-127.0.0.1"]
    assert client.validate_state_machine_definition(definition=PASS)["result"] == "OK"


def test_it_is_nobody_else_s_proxy(serve: Serve) -> None:
    url = serve()
    for line, host in (("GET http://example.com/healthz", "example.com"), ("CONNECT example.com:443", "example.com:443")):
        answer = exchange(url, f"{line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        assert answer.split()[1] in ("421", "400")


# --- the token -------------------------------------------------------------------------------------------------------------------


def test_the_token_is_the_access_key_id(serve: Serve, connect: Connect) -> None:
    url = serve(token="long-enough")
    assert connect(url, key="long-enough").validate_state_machine_definition(definition=PASS)["result"] == "OK"
    error = refusal(connect(url, key="wrong").validate_state_machine_definition, definition=PASS)
    assert error.response["Error"]["Code"] == "401"
    assert "AWS_ACCESS_KEY_ID" in error.response["Error"]["Message"]


# --- the AWS CLI -----------------------------------------------------------------------------------------------------------------


def test_the_aws_command_line(serve: Serve, tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_ACCESS_KEY_ID": "111111111111", "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL_SFN": serve(),
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("aws")), "stepfunctions", "validate-state-machine-definition"]
    done = subprocess.run(
        [*command, "--definition", "{}", "--output", "json"], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["diagnostics"][0]["message"] == "These fields are required: [States, StartAt]"
