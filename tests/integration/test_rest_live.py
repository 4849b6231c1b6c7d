"""A real server on a real port: live streams, resumption, shutdown, a taken port."""

import asyncio
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from conductor_local.api.app import create_app
from conductor_local.api.server import bind, serve, url_of
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

REFERENCE = Path(__file__).parents[2] / "docs" / "rest-api.md"
SIGN_UP = {"payload": {"email": "ada@example.com", "password": "correct horse"}}
WAITING = {"name": "Waiting", "startAt": "wait", "steps": {"wait": {"type": "wait", "seconds": 3600}}}
PROGRAM = """
import asyncio, sys
from conductor_local.api.app import create_app
from conductor_local.api.server import run_loop_factory, serve
from conductor_local.runtime.settings import load_settings
from conductor_local.runtime.wiring import open_runtime

async def main():
    settings = load_settings({"port": 0, "data": sys.argv[1]}, environ={}, env_file=None)
    async with open_runtime(settings) as runtime:
        app = create_app(runtime.service, settings)
        await serve(app, settings, on_started=lambda url: print(url, flush=True))
    print("closed", flush=True)

with asyncio.Runner(loop_factory=run_loop_factory()) as runner:
    runner.run(main())
"""


@dataclass
class Message:
    """One server-sent message."""

    id: str
    type: str
    document: dict[str, Any]


@asynccontextmanager
async def live(path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, asyncio.Event]]:
    """Serve on a free port; yields a client and what stops the server."""
    settings = Settings(data=path / "conductor.db", time_scale=0)
    stop, started = asyncio.Event(), asyncio.Event()
    async with open_runtime(settings) as runtime, asyncio.timeout(30):
        listener = bind(settings.host, 0)
        app = create_app(runtime.service, settings)
        url = url_of(listener, settings.host)
        serving = asyncio.create_task(serve(app, settings, on_started=lambda _: started.set(), listener=listener, stop=stop))
        await started.wait()
        try:
            async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
                yield client, stop
        finally:
            stop.set()
            await serving


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with live(tmp_path) as (client, _):
        yield client


async def messages(client: httpx.AsyncClient, path: str, **headers: str) -> AsyncIterator[Message]:
    async with client.stream("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                yield Message(fields.get("id", ""), fields["event"], json.loads(fields["data"]))
                fields = {}


async def test_a_stream_shows_an_instance_to_its_end_and_resumes(client: httpx.AsyncClient) -> None:
    instance_id = (await client.post("/workflows/sample-user-signup/trigger", json=SIGN_UP)).json()["instanceId"]
    path = f"/workflows/instances/{instance_id}/events"
    seen = [message async for message in messages(client, path, accept="text/event-stream")]
    assert seen[0].type == "WORKFLOW_STARTED"
    assert seen[-1].type == "WORKFLOW_COMPLETED"
    assert len(seen) == 10
    assert all(message.type == message.document["type"] and message.id == str(message.document["seq"]) for message in seen)
    rest = [message async for message in messages(client, f"{path}?follow", last_event_id=seen[3].id)]
    assert rest == seen[4:]
    over = await client.get(f"{path}?follow=true", headers={"last-event-id": seen[-1].id})
    assert over.status_code == 204
    assert (await client.get(f"{path}?follow", headers={"last-event-id": "x"})).status_code == 400


async def test_the_feed_goes_on_where_it_was_left(client: httpx.AsyncClient) -> None:
    feed = messages(client, "/workflows/events?follow&cursor=0")
    started = (await client.post("/workflows/sample-user-signup/trigger", json=SIGN_UP)).json()["instanceId"]
    seen = []
    async for message in feed:
        assert message.document["instanceId"] == started
        seen.append(message)
        if message.type == "WORKFLOW_COMPLETED":
            break
    await feed.aclose()  # type: ignore[attr-defined]
    numbered = [message for message in seen if message.id]
    assert [message.document["seq"] for message in seen] == sorted(message.document["seq"] for message in seen)
    again = messages(client, "/workflows/events", accept="text/event-stream", last_event_id=numbered[0].id)
    assert (await anext(again)).document == seen[seen.index(numbered[0]) + 1].document
    await again.aclose()  # type: ignore[attr-defined]


async def test_a_feed_without_a_position_begins_now(client: httpx.AsyncClient) -> None:
    first = (await client.post("/workflows/sample-user-signup/trigger", json=SIGN_UP)).json()["instanceId"]
    async for _ in messages(client, f"/workflows/instances/{first}/events?follow"):
        pass
    async with client.stream("GET", "/workflows/events?follow") as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        going_on = asyncio.create_task(keep_triggering(client))  # nothing says when the follower has begun
        data = [await anext(lines) for _ in range(5)]
        going_on.cancel()
    assert "event: " in str(data)
    assert first not in str(data)


async def keep_triggering(client: httpx.AsyncClient) -> None:
    while True:
        await client.post("/workflows/sample-user-signup/trigger", json=SIGN_UP)
        await asyncio.sleep(0.02)


async def test_a_stopping_server_ends_its_streams_at_once(tmp_path: Path) -> None:
    async with live(tmp_path) as (client, stop):
        await client.post("/workflows/definitions", json=WAITING)
        instance_id = (await client.post("/workflows/Waiting/trigger")).json()["instanceId"]
        loop = asyncio.get_running_loop()
        began = 0.0
        async for message in messages(client, f"/workflows/instances/{instance_id}/events?follow"):
            if message.type == "STEP_STARTED":
                began = loop.time()
                stop.set()
        assert loop.time() - began < 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_server_with_a_reader_connected(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "conductor.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            with httpx.Client(base_url=url, trust_env=False) as client, client.stream("GET", "/workflows/events?follow") as answer:
                lines = answer.iter_lines()
                assert next(lines) == "retry: 2000"
                process.send_signal(number)
                assert [line for line in lines if line] == []
            assert process.wait(timeout=5) == 0
            assert process.stdout.read() == "closed\n"
        finally:
            process.kill()


async def test_an_overlong_body_leaves_the_server_alive(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    answer = await client.post("/workflows/sample-user-signup/trigger", content=b" " * 3_000_000, headers=headers)
    assert answer.status_code == 413
    assert (await client.get("/healthz")).status_code == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_examples_of_the_reference_run(tmp_path: Path) -> None:
    script = "\n".join(re.findall(r"```sh\n(.*?)```", REFERENCE.read_text(), re.DOTALL))
    async with live(tmp_path) as (client, _):
        text = script.replace("http://127.0.0.1:3000", str(client.base_url).rstrip("/")).replace("curl ", "curl -sS ")
        process = await asyncio.create_subprocess_exec("sh", "-eu", "-c", text, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output, errors = (part.decode() for part in await process.communicate())
    assert process.returncode == 0, errors
    problems = re.findall(r"urn:conductor:problem:([a-z-]+)", output)
    assert problems == ["bad-request"], output  # the one that the page shows on purpose
