"""A server with a client, in one process: what the tests of the REST routes share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import httpx

from conductor_local.api.app import create_app
from conductor_local.functions.registry import Function
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import IN_MEMORY, open_runtime

Json = dict[str, Any]
PATIENCE_S = 10.0


class Server:
    """A client, and the service that it talks to."""

    def __init__(self, client: httpx.AsyncClient, service: Service) -> None:
        self.client, self.service = client, service

    async def start(self, document: Json, payload: Json | None = None) -> str:
        """Publish a definition and start an instance of it; return its id."""
        await self.service.publish(document)
        return (await self.service.start(document["name"], payload or {})).instance_id

    async def get(self, path: str, **parameters: Any) -> Any:
        """Return what a route answers with 200."""
        answer = await self.client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def status(self, path: str, **parameters: Any) -> int:
        """Return how a route answers."""
        return (await self.client.get(path, params=parameters)).status_code

    async def ended(self, id: str) -> Json:
        """Return an instance once it has ended."""
        async with asyncio.timeout(PATIENCE_S):
            await self.service.wait(id)
        found: Json = await self.get(f"/workflows/instances/{id}")
        return found

    async def run(self, document: Json, payload: Json | None = None) -> Json:
        """Start an instance and wait for its end."""
        return await self.ended(await self.start(document, payload))

    async def events(self, id: str) -> list[Json]:
        """Return all internal events of an instance."""
        found: list[Json] = (await self.get(f"/workflows/instances/{id}/events", view="engine"))["items"]
        return found


@asynccontextmanager
async def serving(*functions: Function, data: Path = IN_MEMORY) -> AsyncIterator[Server]:
    """Serve these functions, with everything in memory unless `data` is a file."""
    settings = Settings(data=data, sample=False)
    async with open_runtime(settings, functions=functions) as runtime:
        transport = httpx.ASGITransport(app=cast("Any", create_app(runtime.service, settings)), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as client:
            yield Server(client, runtime.service)
