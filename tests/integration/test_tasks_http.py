"""State machines that call HTTP APIs, on a whole runtime and a server of this test."""

import json
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

ARN = "arn:aws:events:us-east-1:000000000000:connection/my-api/1234"


class Api(BaseHTTPRequestHandler):
    """Says what it was asked; /status/<n> answers with that status, /text with a text."""

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        asked = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(size).decode(),
        }
        body, kind = json.dumps(asked).encode(), "application/json"
        status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status/") else 200
        if self.path == "/text":
            body, kind = b"hello", "text/plain"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def api() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


async def run(connections: Path | None = None, **parameters: Any) -> Any:
    task = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": parameters, "End": True}
    settings = Settings(data=Path(":memory:"), sample=False, connections=connections)
    async with open_runtime(settings) as runtime:
        await runtime.service.publish({"name": "calling", "StartAt": "Call", "States": {"Call": task}})
        started = await runtime.service.start("calling", {})
        return await runtime.service.wait(started.instance_id)


async def answer(connections: Path | None = None, **parameters: Any) -> Any:
    ended = await run(connections, **parameters)
    assert ended.status == "COMPLETED", ended.error
    return json.loads(bytes(ended.current_payload))


async def test_the_answer_is_the_result(api: str) -> None:
    query = {"a": ["1", "2"], "b": 3}
    result = await answer(ApiEndpoint=f"{api}/orders", Method="GET", QueryParameters=query, Headers={"X-Mine": "x"})
    assert (result["StatusCode"], result["StatusText"]) == (200, "OK")
    assert result["Headers"]["content-type"] == ["application/json"]
    asked = result["ResponseBody"]
    assert (asked["method"], asked["path"], asked["headers"]["x-mine"]) == ("GET", "/orders?a=1&a=2&b=3", "x")
    assert asked["headers"]["user-agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"


async def test_a_body_goes_as_json(api: str) -> None:
    asked = (await answer(ApiEndpoint=f"{api}/x", Method="POST", RequestBody={"n": [1, "zwei"]}))["ResponseBody"]
    assert (asked["body"], asked["headers"]["content-type"]) == ('{"n":[1,"zwei"]}', "application/json")


@pytest.mark.parametrize(
    ("array_format", "body"),
    [
        (None, "a[0]=1&a[1]=2&b[c]=d+e"),
        ("REPEAT", "a=1&a=2&b[c]=d+e"),
        ("COMMAS", "a=1,2&b[c]=d+e"),
        ("BRACKETS", "a[]=1&a[]=2&b[c]=d+e"),
    ],
)
async def test_a_body_goes_as_a_form(api: str, array_format: str | None, body: str) -> None:
    options = {"RequestEncodingOptions": {"ArrayFormat": array_format}} if array_format else {}
    transform = {"RequestBodyEncoding": "URL_ENCODED", **options}
    given = {"a": [1, 2], "b": {"c": "d e"}}
    asked = (await answer(ApiEndpoint=f"{api}/x", Method="POST", RequestBody=given, Transform=transform))["ResponseBody"]
    assert (asked["body"], asked["headers"]["content-type"]) == (body, "application/x-www-form-urlencoded")


async def test_a_text_stays_a_text(api: str) -> None:
    assert (await answer(ApiEndpoint=f"{api}/text", Method="GET"))["ResponseBody"] == "hello"


@pytest.mark.parametrize("status", [404, 302, 503])
async def test_no_success_is_an_error_named_by_the_status(api: str, status: int) -> None:
    ended = await run(ApiEndpoint=f"{api}/status/{status}", Method="GET")
    assert ended.error_details["error"] == f"States.Http.StatusCode.{status}"


async def test_nobody_listening_is_a_socket_error() -> None:
    ended = await run(ApiEndpoint="http://127.0.0.1:1/x", Method="GET")
    assert ended.error_details["error"] == "States.Http.Socket"


async def test_a_forbidden_header_is_refused_by_name(api: str) -> None:
    ended = await run(ApiEndpoint=f"{api}/x", Method="GET", Headers={"Authorization": "Bearer abc"})
    assert ended.error_details["error"] == "States.Runtime"
    assert "'Authorization' is not allowed" in ended.error


async def test_a_connection_adds_its_secrets_and_nothing_tells_of_them(
    api: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = {"headers": {"X-Key": "s3cret-h"}, "query": {"key": "s3cret-q"}, "body": {"pin": "s3cret-b"}}
    secrets["basic"] = {"username": "me", "password": "s3cret-p"}
    file = tmp_path / "connections.json"
    file.write_text(json.dumps({"my-api": secrets}))
    with caplog.at_level(logging.DEBUG):
        who = {"ConnectionArn": ARN}
        result = await answer(file, ApiEndpoint=f"{api}/x", Method="POST", RequestBody={"n": 1}, Authentication=who)
    asked = result["ResponseBody"]
    assert (asked["path"], asked["headers"]["x-key"]) == ("/x?key=s3cret-q", "s3cret-h")
    assert json.loads(asked["body"]) == {"n": 1, "pin": "s3cret-b"}
    assert asked["headers"]["authorization"] == "Basic bWU6czNjcmV0LXA="
    assert "s3cret" not in caplog.text


async def test_a_connection_that_is_not_there_says_what_to_do(api: str, tmp_path: Path) -> None:
    ended = await run(ApiEndpoint=f"{api}/x", Method="GET", Authentication={"ConnectionArn": ARN})
    assert ended.error_details["error"] == "ConnectionNotFound"
    assert "CONDUCTOR_CONNECTIONS" in ended.error
    (tmp_path / "broken.json").write_text('{"my-api": {"headers": "s3cret"}}')
    ended = await run(tmp_path / "broken.json", ApiEndpoint=f"{api}/x", Method="GET", InvocationConfig={"ConnectionArn": ARN})
    assert "s3cret" not in ended.error
