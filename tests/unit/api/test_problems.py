"""Errors become problem documents: one table, old fields kept, nothing leaks."""

import logging
from typing import Any

import httpx
import pytest

from conductor_local import errors
from conductor_local.errors import Problem


def check(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == body["statusCode"] == status
    assert body["message"] == body["detail"]
    assert body["type"].startswith("urn:conductor:problem:")
    return body


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound("no such instance"), 404),
        (errors.Conflict("taken"), 409),
        (errors.InvalidRequest("bad", pointer="/payload"), 400),
        (errors.InvalidRequest("big", code="PAYLOAD_TOO_LARGE"), 413),
        (errors.EvaluationError("States.Runtime", "no"), 400),
        (errors.Unavailable("disk full"), 503),
        (errors.Fenced(), 503),
    ],
)
async def test_each_error_has_its_status(client: httpx.AsyncClient, service: Any, error: Exception, status: int) -> None:
    service.error = error
    body = check(await client.get("/workflows/instances/x"), status)
    assert body["detail"] == str(error)


async def test_unavailable_says_when_to_come_again(client: httpx.AsyncClient, service: Any) -> None:
    service.error = errors.Unavailable()
    assert (await client.get("/workflows/instances/x")).headers["retry-after"] == "1"


async def test_a_definition_error_lists_every_problem(client: httpx.AsyncClient, service: Any) -> None:
    problem = Problem(pointer="/startAt", code="UNKNOWN_STEP", message="no step", hint="did you mean 'a'?", line=2, column=4)
    service.error = errors.DefinitionError([problem])
    body = check(await client.get("/workflows/instances/x"), 400)
    assert body["errors"] == [
        {"pointer": "/startAt", "code": "UNKNOWN_STEP", "message": "no step", "hint": "did you mean 'a'?", "line": 2, "column": 4}
    ]


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("secret detail"), errors.Bug("secret detail"), errors.SettingsError("secret detail")]
)
async def test_the_unexpected_shows_a_request_id_and_nothing_else(
    client: httpx.AsyncClient, service: Any, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    service.error = error
    with caplog.at_level(logging.ERROR, "conductor.api"):
        answer = await client.get("/workflows/instances/x")
    body = check(answer, 500)
    assert "secret detail" not in answer.text
    assert body["requestId"] in caplog.text
    assert "Traceback" in caplog.text


async def test_an_unknown_route_is_a_problem(client: httpx.AsyncClient) -> None:
    assert "/nowhere" in check(await client.get("/nowhere"), 404)["detail"]


async def test_an_unknown_method_says_what_is_allowed(client: httpx.AsyncClient) -> None:
    answer = await client.patch("/workflows/definitions/x")
    check(answer, 405)
    assert answer.headers["allow"] == "DELETE, GET, OPTIONS, PUT"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "query/limit"),
        ("limit=many", "query/limit"),
        ("limit=201", "query/limit"),
        ("status=DONE", "query/status"),
        ("startedFrom=now", "query/startedFrom"),
        ("state=FAILED", "query/state"),
    ],
)
async def test_a_wrong_parameter_has_a_pointer(client: httpx.AsyncClient, query: str, pointer: str) -> None:
    body = check(await client.get(f"/workflows/instances?{query}"), 400)
    assert [fault["pointer"] for fault in body["errors"]] == [pointer]


@pytest.mark.parametrize("key", ["", "a" * 256, "a\tb", "ä"])
async def test_an_idempotency_key_is_printable_ascii(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/workflows/w/trigger", headers={"idempotency-key": key.encode("latin-1")})  # type: ignore[dict-item]
    assert check(answer, 400)["errors"][0]["pointer"] == "header/Idempotency-Key"


async def test_trigger_passes_name_payload_and_key(client: httpx.AsyncClient, service: Any) -> None:
    service.error = errors.NotFound("none")
    check(await client.post("/workflows/My%20Flow/trigger", json={"payload": {"a": 1}}, headers={"idempotency-key": "k 1"}), 404)
    check(await client.post("/workflows/w/trigger"), 404)
    assert service.calls == [("My Flow", {"a": 1}, "k 1"), ("w", {}, None)]


async def test_a_form_body_is_refused_with_the_header_to_send(client: httpx.AsyncClient) -> None:
    answer = await client.post("/workflows/w/trigger", content=b"{}", headers={"content-type": "application/x-www-form-urlencoded"})
    body = check(answer, 415)
    assert "Content-Type: application/json" in body["detail"]
    assert "--json" in body["errors"][0]["hint"]


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "application/merge-patch+json", None])
async def test_json_by_any_name_is_taken(client: httpx.AsyncClient, service: Any, content_type: str | None) -> None:
    service.error = errors.NotFound("none")
    headers = {"content-type": content_type} if content_type else {}
    check(await client.post("/workflows/w/trigger", content=b"{}", headers=headers), 404)


async def test_a_body_over_the_limit_is_refused_announced_or_not(connect: Any) -> None:
    async def chunks() -> Any:
        for _ in range(3):
            yield b" " * 1_000

    async with connect(body_bytes_max=2_048) as client:
        headers = {"content-type": "application/json"}
        check(await client.post("/workflows/w/trigger", content=b" " * 3_000, headers=headers), 413)
        check(await client.post("/workflows/w/trigger", content=chunks(), headers=headers), 413)
