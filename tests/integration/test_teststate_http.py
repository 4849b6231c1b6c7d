"""TestState of HTTP tasks: what TRACE shows of request and response, against a server of this test."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.operations.test_state import test_state as try_state
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

CONNECTION = "arn:aws:events:us-east-1:000000000000:connection/mine/1234"
ROLE = "arn:aws:iam::000000000000:role/r"


class Api(BaseHTTPRequestHandler):
    """Answers with what it got; /no refuses."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or b'"nothing"'
        self.send_response(403 if self.path.startswith("/no") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815

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


async def answer(folder: Path, parameters: dict[str, Any], **params: Any) -> dict[str, Any]:
    connection = {"headers": {"X-Key": "s3cret"}, "query": {"key": "s3cret"}, "body": {"key": "s3cret"}}
    (folder / "connections.json").write_text(json.dumps({"mine": connection}))
    settings = Settings(data=Path(":memory:"), sample=False, connections=folder / "connections.json")
    state = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": parameters, "End": True}
    async with open_runtime(settings) as runtime:
        given = {"definition": json.dumps(state), "roleArn": ROLE, "inspectionLevel": "TRACE", **params}
        return await try_state(
            Call(service=runtime.service, settings=settings, params=given, region="us-east-1", account="000000000000")
        )


def post(api: str, path: str = "/x") -> dict[str, Any]:
    authentication = {"ConnectionArn": CONNECTION}
    return {"ApiEndpoint": f"{api}{path}", "Method": "POST", "RequestBody": {"a": 1}, "Authentication": authentication}


async def test_trace_shows_request_and_response(api: str, tmp_path: Path) -> None:
    parameters = {"ApiEndpoint": f"{api}/x", "Method": "GET", "QueryParameters": {"q": "1"}, "Headers": {"X-Mine": "m"}}
    inspected = (await answer(tmp_path, parameters))["inspectionData"]
    assert inspected["request"] == {
        "protocol": "http", "method": "GET", "url": f"{api}/x?q=1",
        "headers": "[User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144, X-Mine: m]",
    }  # fmt: skip
    response = inspected["response"]
    assert (response["protocol"], response["statusCode"], response["statusMessage"]) == ("http", "200", "OK")
    assert "Content-Type: application/json" in response["headers"]
    assert response["body"] == '"nothing"'


async def test_secrets_are_shown_only_when_asked_for(api: str, tmp_path: Path) -> None:
    hidden = (await answer(tmp_path, post(api)))["inspectionData"]["request"]
    assert "s3cret" not in str(hidden)
    assert hidden["body"] == '{"a":1}'
    shown = (await answer(tmp_path, post(api), revealSecrets=True))["inspectionData"]["request"]
    assert shown["url"] == f"{api}/x?key=s3cret"
    assert shown["body"] == '{"a":1,"key":"s3cret"}'
    assert "x-key: s3cret" in shown["headers"].lower()


async def test_a_refused_request_is_shown_too(api: str, tmp_path: Path) -> None:
    got = await answer(tmp_path, post(api, "/no"))
    assert (got["status"], got["error"]) == ("FAILED", "States.Http.StatusCode.403")
    assert got["inspectionData"]["response"]["statusCode"] == "403"


async def test_without_trace_or_an_answer_there_is_nothing_to_show(api: str, tmp_path: Path) -> None:
    inspected = (await answer(tmp_path, post(api), inspectionLevel="DEBUG"))["inspectionData"]
    assert not {"request", "response"} & inspected.keys()
    unreachable = (await answer(tmp_path, post("http://127.0.0.1:1")))["inspectionData"]
    assert "request" in unreachable
    assert "response" not in unreachable
