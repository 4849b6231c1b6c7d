"""What makes no request, and what is never raised."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from conductor_local.functions.http_connections import Connection, NoConnection, find_connection
from conductor_local.functions.http_invoke import SOCKET, HttpInvoke, _answer
from conductor_local.functions.http_request import BadRequest, request_of
from conductor_local.functions.integrations import Integration
from conductor_local.runtime.ports import Failed

from .calls import call_of

GET = {"ApiEndpoint": "http://127.0.0.1:1/x", "Method": "GET"}
FORM = {"Transform": {"RequestBodyEncoding": "URL_ENCODED"}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"Method": "BREW"},
        {"Method": ["GET"]},
        {"ApiEndpoint": "ftp://x"},
        {"ApiEndpoint": None},
        {"ApiEndpoint": "http://127.0.0.1:99999999/x"},
        {"Headers": "x"},
        {"Headers": {"If-Match": "x"}},
        {"Headers": {"X-Mine": "ü\n"}},
        {"Headers": {"X Mine\n": "x"}},
        {"QueryParameters": [1]},
        {"RequestBody": 1, "Transform": "x"},
        {"RequestBody": 1, "Transform": {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": 1}},
        {"RequestBody": [1], **FORM},
        {
            "RequestBody": {"a": 1},
            "Transform": {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": "X"}},
        },
    ],
)
async def test_what_makes_no_request_fails_the_task(wrong: dict[str, Any]) -> None:
    http = HttpInvoke(timeout_s=5)
    outcome = await http(Integration("http", "invoke", ""), call_of("", {**GET, **wrong}))
    await http.close()
    assert isinstance(outcome, Failed)
    assert outcome.failure.error in ("States.Runtime", SOCKET)


@pytest.mark.parametrize("url", ["http://", "http:///x", f"http://{'a' * 70}.invalid/", "http://127.0.0.1:1"])
async def test_an_address_that_leads_nowhere_is_an_error_of_the_task(url: str) -> None:
    http = HttpInvoke(timeout_s=5)
    outcome = await http(Integration("http", "invoke", ""), call_of("", {"ApiEndpoint": url, "Method": "GET"}))
    await http.close()
    assert isinstance(outcome, Failed)


def test_a_body_of_another_type_goes_as_the_text_it_is() -> None:
    request = request_of({**GET, "Method": "POST", "RequestBody": "<a/>", "Headers": {"Content-Type": "text/xml"}}, Connection())
    assert request.content == b"<a/>"
    assert request_of({**GET, "RequestBody": "a"}, Connection()).content == b'"a"'


def test_the_query_of_the_address_stays_and_that_of_the_connection_wins() -> None:
    parameters = {**GET, "ApiEndpoint": "http://h/x?a=1", "QueryParameters": {"key": "mine", "b": None, "c": True}}
    assert str(request_of(parameters, Connection(query={"key": "k"})).url) == "http://h/x?a=1&b=&c=true&key=k"


def test_a_refusal_does_not_quote_a_secret() -> None:
    with pytest.raises(BadRequest) as refusal:
        request_of(GET, Connection(headers={"X-Key": "s3cret\nü"}))
    assert "s3cret" not in str(refusal.value)


async def test_a_secret_that_no_header_may_have_is_not_quoted(tmp_path: Path) -> None:
    (tmp_path / "connections.json").write_text('{"a": {"headers": {"X-Key": "s3cret\\n"}}}')
    http = HttpInvoke(tmp_path / "connections.json", timeout_s=5)
    async with asyncio.timeout(10), await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        parameters = {"ApiEndpoint": f"http://127.0.0.1:{port}/", "Method": "GET", "Authentication": {"ConnectionArn": "a"}}
        outcome = await http(Integration("http", "invoke", ""), call_of("", parameters))
    await http.close()
    assert isinstance(outcome, Failed)
    assert "s3cret" not in str(outcome.failure.cause)


def test_a_json_answer_that_is_broken_is_its_text() -> None:
    response = httpx.Response(200, headers={"content-type": "application/json"})
    assert _answer(response, b"{broken")["ResponseBody"] == "{broken"
    assert _answer(response, b"")["ResponseBody"] == ""


def test_a_connection_is_found_by_arn_or_name(tmp_path: Path) -> None:
    file = tmp_path / "connections.json"
    file.write_text('{"a": {}, "arn:aws:events:r:1:connection/b/2": {"query": {"q": "1"}}}')
    assert find_connection("arn:aws:events:r:1:connection/a/1", file) == Connection()
    assert find_connection("arn:aws:events:r:1:connection/b/2", file).query == {"q": "1"}
    with pytest.raises(NoConnection, match="no connection 'c'"):
        find_connection("c", file)
    with pytest.raises(NoConnection, match="cannot be read"):
        find_connection("a", tmp_path / "gone.json")
