"""`/openapi.json`, `/docs` and the probes."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from conductor_local.api.app import HANDLERS
from conductor_local.api.docs import page
from conductor_local.runtime.settings import VARIABLES

REFERENCE = Path(__file__).parents[3] / "docs" / "rest-api.md"


@pytest.fixture
async def document(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> dict[str, Any]:
    return {operation["operationId"]: operation for item in document["paths"].values() for operation in item.values()}


async def test_every_route_is_described_with_a_summary_and_problems(document: dict[str, Any]) -> None:
    found = operations(document)
    assert found.keys() == {str(handler.operation_id) for handler in HANDLERS}
    for operation in found.values():
        assert operation["summary"]
        assert operation["description"]
        faults = {status: answer for status, answer in operation["responses"].items() if not status.startswith("2")}
        if operation["operationId"] == "readiness":
            del faults["503"]
        assert all(list(answer["content"]) == ["application/problem+json"] for answer in faults.values())


async def test_bodies_answers_and_headers_are_described(document: dict[str, Any]) -> None:
    trigger = operations(document)["trigger"]
    assert trigger["requestBody"]["content"]["application/json"]["example"]["payload"]
    assert {parameter["name"] for parameter in trigger["parameters"]} == {"id_or_name", "Idempotency-Key"}
    assert trigger["responses"]["202"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Instance"}
    assert "text/event-stream" in operations(document)["allEvents"]["responses"]["200"]["content"]
    assert document["components"]["schemas"]["ProblemDetails"]["properties"].keys() >= {"statusCode", "message", "errors"}


async def test_the_token_is_described_where_it_is_needed(connect: Any, document: dict[str, Any]) -> None:
    assert operations(document)["trigger"]["security"] == []
    async with connect(token="long-enough") as client:
        found = operations((await client.get("/openapi.json", headers={"authorization": "Bearer long-enough"})).json())
    assert found["trigger"]["security"] == [{"token": []}]
    assert found["health"]["security"] == []


async def test_the_page_is_complete_and_loads_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|https?://|\ssrc=", answer.text)
    for handler in HANDLERS:
        assert f'id="{handler.operation_id}"' in answer.text


async def test_texts_never_become_markup(document: dict[str, Any]) -> None:
    document["info"]["description"] = operations(document)["trigger"]["summary"] = "<b onclick=x>&"
    assert "<b " not in page(document)


def test_the_reference_names_every_route() -> None:
    text = REFERENCE.read_text()
    for handler in HANDLERS:
        (path,) = handler.paths
        method = next(iter(handler.http_methods))
        assert f"`{method} {path.replace(':str', '')}`" in text


def test_the_settings_are_all_described() -> None:
    text = (REFERENCE.parent / "settings.md").read_text()
    assert [variable for variable, _ in VARIABLES.values() if f"`{variable}`" not in text] == []


async def test_health_and_readiness(client: httpx.AsyncClient, service: Any) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready", "missing": {}}
    service.missing = {"store": "is opening"}
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unready", "missing": {"store": "is opening"}}
