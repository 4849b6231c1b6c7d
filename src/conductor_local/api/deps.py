"""What handlers share, and how they get at it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec
from litestar import Litestar, Request, Response

from conductor_local.api.metrics import Metrics
from conductor_local.runtime.clock import SystemClock
from conductor_local.runtime.ports import Clock
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings

HttpRequest = Request[Any, Any, Any]
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Streams:
    """The event streams that are open. `closing` is set once, when the server goes down, and ends them all."""

    open_count: int = 0
    closing: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Deps:
    """One per app."""

    service: Service
    settings: Settings
    metrics: Metrics
    streams: Streams
    clock: Clock = field(default_factory=SystemClock)


def deps_of(app: Litestar) -> Deps:
    """Return what `create_app` put in."""
    return cast("Deps", app.state["deps"])


def service_of(request: HttpRequest) -> Service:
    """Return the service that answers this request."""
    return deps_of(request.app).service


def json_answer(view: object, status_code: int = 200) -> Response[bytes]:
    """Encode a view once, past Litestar's serialisation."""
    return Response(_encode(view), status_code=status_code, media_type="application/json")
