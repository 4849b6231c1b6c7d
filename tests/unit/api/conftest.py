"""An app over a stand-in service, for what the real one cannot be made to do: fail, hang and be slow on purpose."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import httpx
import pytest

from conductor_local.api.app import create_app
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.views import Statistics

BASE_URL = "http://127.0.0.1:3000"
Answer = Callable[..., Awaitable[Any]]


class StandIn:
    """Answers `GET /workflows/instances/{id}` and `POST …/trigger` with whatever a test puts in."""

    def __init__(self) -> None:
        self.missing: dict[str, str] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.error: Exception | None = None

    async def instance(self, instance_id: str) -> dict[str, str]:
        if self.error:
            raise self.error
        return {"instanceId": instance_id}

    async def start(self, id_or_name: str, payload: Any, *, name: str | None = None) -> Any:
        self.calls.append((id_or_name, payload, name))
        raise self.error or AssertionError("a test must say how this ends")

    async def ready(self) -> dict[str, str]:
        return self.missing

    async def statistics(self) -> Statistics:
        return Statistics(instances={"RUNNING": 2}, commits=5, backlog=1)


@pytest.fixture
def service() -> StandIn:
    return StandIn()


@pytest.fixture
def connect(service: StandIn) -> Callable[..., httpx.AsyncClient]:
    """Make a client of an app with the given settings."""

    def client(base_url: str = BASE_URL, **settings: Any) -> httpx.AsyncClient:
        app = create_app(cast("Service", service), Settings(**settings))
        transport = httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=base_url)

    return client


@pytest.fixture
async def client(connect: Callable[..., httpx.AsyncClient]) -> AsyncIterator[httpx.AsyncClient]:
    async with connect() as client:
        yield client
