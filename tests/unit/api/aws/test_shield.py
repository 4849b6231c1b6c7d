"""What the shield lets through for AWS's clients: signatures, hosts with `sync-`, whole URLs as targets."""

from typing import Any

import httpx
import pytest

TOKEN = "long-enough"
SIGNED = "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0"


async def status(client: httpx.AsyncClient, method: str = "GET", path: str = "/readyz", **headers: str) -> int:
    return (await client.request(method, path, headers=headers)).status_code


@pytest.mark.parametrize("key", [TOKEN, "with/a/slash", "with,comma=x"])
async def test_the_token_is_the_access_key_id(connect: Any, key: str) -> None:
    async with connect(token=key) as client:
        assert await status(client, authorization=SIGNED.format(key)) == 200


@pytest.mark.parametrize(
    "authorization",
    [
        SIGNED.format("long-enougH"),
        SIGNED.format("long-enough/x"),
        f"AWS4-HMAC-SHA256 Credential={TOKEN}",
        f"AWS4-HMAC-SHA256 {TOKEN}",
        f"AWS4-HMAC-SHA256 Credential=other, X={TOKEN}",
        "AWS4-HMAC-SHA256",
    ],
)
async def test_other_keys_are_refused(connect: Any, authorization: str) -> None:
    async with connect(token=TOKEN) as client:
        assert await status(client, authorization=authorization) == 401


async def test_calls_of_the_aws_api_need_the_token(connect: Any) -> None:
    async with connect(token=TOKEN) as client:
        answer = await client.post("/", json={}, headers={"x-amz-target": "AWSStepFunctions.ListActivities"})
        assert answer.status_code == 401
        assert "AWS_ACCESS_KEY_ID" in answer.json()["message"]


@pytest.mark.parametrize("host", ["sync-127.0.0.1:3000", "sync-localhost", "SYNC-LOCALHOST:1", "sync-mine.test"])
async def test_hosts_with_the_prefix_of_synchronous_calls_are_ours(connect: Any, host: str) -> None:
    async with connect(allowed_hosts=("mine.test",)) as client:
        assert await status(client, path="/healthz", host=host) == 200


@pytest.mark.parametrize("host", ["sync-evil.test", "sync-", "sync-sync-localhost", "async-localhost"])
async def test_other_hosts_with_a_prefix_are_not(connect: Any, host: str) -> None:
    async with connect(allowed_hosts=("mine.test",)) as client:
        assert await status(client, path="/healthz", host=host) == 421


async def test_another_origin_may_not_call_the_aws_api(client: httpx.AsyncClient) -> None:
    headers = {"x-amz-target": "AWSStepFunctions.ListActivities", "origin": "http://evil.test"}
    assert await status(client, "POST", "/", **headers) == 403


@pytest.mark.parametrize("target", ["http://sync-127.0.0.1:3000/healthz", "https://localhost/healthz"])
async def test_a_whole_url_as_the_target_means_its_path(connect: Any, target: str) -> None:
    """h11 hands it on as it came; with httptools uvicorn has taken the path out."""
    async with connect() as client:
        app = client._transport.app
        scope = {
            "type": "http", "method": "GET", "path": target, "raw_path": target.encode(), "query_string": b"", "root_path": "",
            "headers": [(b"host", b"sync-127.0.0.1:3000")], "scheme": "http", "server": ("127.0.0.1", 1), "http_version": "1.1",
            "client": ("127.0.0.1", 2), "asgi": {"version": "3.0"}, "state": {},
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
    assert sent[0]["status"] == 200
