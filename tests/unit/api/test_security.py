"""Who may ask what: hosts, origins, tokens, long paths."""

from typing import Any

import httpx
import pytest


async def status(client: httpx.AsyncClient, method: str = "GET", path: str = "/healthz", **headers: str) -> int:
    answer = await client.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    return answer.status_code


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:3000", "localhost:9", "LOCALHOST", "[::1]:3000", "localhost.", "mine.test:80"]
)
async def test_own_hosts_are_answered(connect: Any, host: str) -> None:
    async with connect(allowed_hosts=("Mine.test",)) as client:
        assert await status(client, host=host) == 200


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "192.168.0.1", "localhost@evil.test", "", "[::2]"])
async def test_other_hosts_are_refused_on_every_path(client: httpx.AsyncClient, host: str) -> None:
    assert await status(client, host=host) == 421
    assert await status(client, path="/nowhere", host=host) == 421


async def test_a_wildcard_server_answers_for_any_address_but_for_no_unknown_name(connect: Any) -> None:
    async with connect(host="0.0.0.0", token="long-enough") as client:
        assert await status(client, host="192.168.0.1:3000") == 200
        assert await status(client, host="evil.test") == 421


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://127.0.0.1:5173", "file://", ""])
async def test_another_origin_may_change_nothing(client: httpx.AsyncClient, service: Any, origin: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert await status(client, method, "/workflows/w/trigger", origin=origin) == 403
    assert not service.calls


async def test_the_own_origin_may(client: httpx.AsyncClient) -> None:
    assert await status(client, "DELETE", "/nowhere", origin="http://127.0.0.1:3000") == 404


async def test_a_preflight_gets_no_permission(client: httpx.AsyncClient) -> None:
    asked = {"origin": "http://evil.test", "access-control-request-method": "POST"}
    assert await status(client, "OPTIONS", "/workflows/definitions", **asked) == 204


async def test_a_token_opens_everything_and_health_needs_none(connect: Any) -> None:
    async with connect(token="long-enough") as client:
        assert await status(client) == 200
        assert await status(client, path="/readyz") == 401
        assert await status(client, path="/nowhere") == 401
        assert await status(client, path="/readyz", authorization="Bearer long-enough") == 200
        assert await status(client, path="/readyz", authorization="bearer long-enough") == 200
        for wrong in ("Bearer long-enougH", "Basic long-enough", "Bearer", "long-enough", "Bearer \xff"):
            answer = await client.get("/readyz", headers={"authorization": wrong.encode("latin-1")})  # type: ignore[dict-item]
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"


async def test_a_path_has_a_length(client: httpx.AsyncClient) -> None:
    assert await status(client, path="/" + "a" * 9_000) == 414
    assert await status(client, path="/workflows/instances/" + "a" * 300) == 400
