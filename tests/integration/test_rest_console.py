"""How the console is served, and the routes that editors and the console use."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from conductor_local.api import console
from conductor_local.api.app import create_app
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

GOOD = {"name": "Good", "startAt": "a", "steps": {"a": {"type": "succeed"}}}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(data=tmp_path / "conductor.db", time_scale=0, token="open-sesame")
    async with open_runtime(settings) as runtime:
        transport = httpx.ASGITransport(app=cast("Any", create_app(runtime.service, settings)), raise_app_exceptions=False)
        headers = {"authorization": "Bearer open-sesame"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000", headers=headers) as client:
            yield client


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "files"
    (folder / "console-assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>built</title>")
    (folder / "console-assets" / "main-1a2b.js").write_text("export {};" * 200)
    (folder / "console-assets" / "notes.txt").write_text("not for the browser")
    monkeypatch.setattr(console, "BUILD", folder)
    return folder


@pytest.mark.parametrize("path", ["/", "/console", "/console/runs/some-id", "/console/workflows/a%20b"])
async def test_every_address_of_the_console_is_the_page_with_its_policy(client: httpx.AsyncClient, build: Path, path: str) -> None:
    answer = await client.get(path, headers={"authorization": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "built" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_file_is_sent_compressed_and_may_be_kept(client: httpx.AsyncClient, build: Path) -> None:
    answer = await client.get("/console-assets/main-1a2b.js", headers={"accept-encoding": "gzip", "authorization": ""})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == "export {};" * 200
    assert int(answer.headers["content-length"]) < 200
    assert "immutable" in answer.headers["cache-control"]
    plain = await client.get("/console-assets/main-1a2b.js", headers={"accept-encoding": "br, gzip;q=0"})
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("name", ["gone.js", "notes.txt", "..%2findex.html", "%2e%2e%2findex.html"])
async def test_nothing_but_the_console_s_own_files_is_sent(client: httpx.AsyncClient, build: Path, name: str) -> None:
    assert (await client.get(f"/console-assets/{name}")).status_code == 404


async def test_without_a_build_the_page_says_how_to_make_one(
    client: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "BUILD", tmp_path / "nothing")
    answer = await client.get("/")
    assert answer.status_code == 200
    assert "make console" in answer.text


async def test_what_is_no_reading_of_the_console_still_needs_the_token(client: httpx.AsyncClient, build: Path) -> None:
    assert (await client.post("/", headers={"authorization": ""})).status_code == 401
    assert (await client.get("/workflows/definitions", headers={"authorization": ""})).status_code == 401


async def test_a_check_places_every_problem_and_stores_nothing(client: httpx.AsyncClient) -> None:
    text = '{\n  "name": "x",\n  "startAt": "gone",\n  "steps": {"a": {"type": "function", "functionName": "nobody"}}\n}'
    answer = await client.post("/workflows/definitions/validate", content=text)
    verdict = answer.json()
    assert verdict["valid"] is False
    assert [(one["line"], one["column"], one.get("severity", "error")) for one in verdict["problems"]][:1] == [(3, 14, "error")]
    assert "warning" in {one.get("severity") for one in verdict["problems"]}
    assert all(one["name"] != "x" for one in (await client.get("/workflows/definitions")).json())


async def test_a_check_takes_text_that_is_not_json_yet_and_what_is_stored_already(client: httpx.AsyncClient) -> None:
    half = (await client.post("/workflows/definitions/validate", content='{\n  "name": oops}')).json()
    assert [(one["code"], one["line"], one["column"]) for one in half["problems"]] == [("INVALID_JSON", 2, 11)]
    stored = (await client.post("/workflows/definitions", json=GOOD)).json()
    assert (await client.post("/workflows/definitions/validate", json=stored)).json() == {"valid": True, "problems": []}
    machine = {"name": "M", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
    assert (await client.post("/workflows/definitions/validate", json=machine)).json()["valid"] is True


async def test_a_replacement_drops_the_fields_it_has_not(client: httpx.AsyncClient) -> None:
    stored = (await client.post("/workflows/definitions", json={**GOOD, "description": "old"})).json()
    path = f"/workflows/definitions/{stored['id']}"
    assert (await client.put(path, json=GOOD)).json()["description"] == "old"
    assert "description" not in (await client.put(f"{path}?replace=true", json=GOOD)).json()
    assert (await client.put(f"{path}?replace=maybe", json=GOOD)).status_code == 400
    broken = await client.put(f"{path}?replace=true", json={"name": "Good"})
    assert broken.status_code == 400


async def test_an_instance_shows_the_document_it_started_with(client: httpx.AsyncClient) -> None:
    stored = (await client.post("/workflows/definitions", json=GOOD)).json()
    run = (await client.post("/workflows/Good/trigger")).json()["instanceId"]
    await client.put(f"/workflows/definitions/{stored['id']}", json={"description": "new"})
    await client.delete(f"/workflows/definitions/{stored['id']}")
    assert (await client.get(f"/workflows/instances/{run}/definition")).json() == GOOD
    assert (await client.get("/workflows/instances/nobody/definition")).status_code == 404
