"""`/healthz`, `/readyz`, `/workflows/status`, `/metrics`, `/openapi.json` and `/docs`: the server about itself."""

from typing import Any

from litestar import Response, get

from conductor_local.api.deps import HttpRequest, deps_of, json_answer, service_of
from conductor_local.api.metrics import MEDIA_TYPE as METRICS_TYPE
from conductor_local.api.rest.answers import answers
from conductor_local.runtime.overview import Overview

_TAGS = ["Server"]


@get(
    "/healthz",
    summary="Is the process alive",
    operation_id="health",
    tags=_TAGS,
    responses=answers(200, dict[str, str], "It answers, so it lives"),
)
async def health() -> Response[bytes]:
    """Answer as long as the event loop turns. Needs no token."""
    return json_answer({"status": "ok"})


@get(
    "/readyz",
    summary="Can the process work",
    operation_id="readiness",
    tags=_TAGS,
    responses={
        **answers(200, dict[str, Any], "It can"),
        **answers(503, dict[str, Any], "It cannot yet; `missing` says what, by part"),
    },
)
async def readiness(request: HttpRequest) -> Response[bytes]:
    """Say what is missing before this process can work."""
    missing = await service_of(request).ready()
    return json_answer({"status": "unready" if missing else "ready", "missing": missing}, 503 if missing else 200)


@get(
    "/workflows/status",
    summary="All processes that work on this store",
    operation_id="status",
    tags=_TAGS,
    responses=answers(200, Overview, "Instances by status, partitions and their owners, processes with their figures"),
)
async def status(request: HttpRequest) -> Response[bytes]:
    """Show who works, who owns which partition, how far behind, and what is missing."""
    return json_answer(await service_of(request).overview())


@get(
    "/metrics",
    summary="Figures for Prometheus",
    operation_id="metrics",
    tags=_TAGS,
    media_type="text/plain",
    responses=answers(200, str, "Prometheus' text format", media_type="text/plain"),
)
async def metrics(request: HttpRequest) -> Response[bytes]:
    """Return requests, instances, commits and function calls of this process."""
    text = deps_of(request.app).metrics.text(await service_of(request).statistics())
    return Response(text, media_type=METRICS_TYPE)


@get(
    "/openapi.json",
    summary="This API as an OpenAPI document",
    operation_id="openapi",
    tags=_TAGS,
    responses=answers(200, dict[str, Any], "OpenAPI 3.1"),
)
async def openapi(request: HttpRequest) -> Response[bytes]:
    """Return the description of every route, for programs."""
    from conductor_local.api.openapi import document

    return json_answer(document(deps_of(request.app).settings))


@get(
    "/docs",
    summary="This API for people",
    operation_id="docs",
    tags=_TAGS,
    media_type="text/html",
    responses=answers(200, str, "A page without scripts and without third parties", media_type="text/html"),
)
async def docs(request: HttpRequest) -> Response[bytes]:
    """Return the description of every route, for people."""
    from conductor_local.api.docs import SECURITY_HEADERS, page
    from conductor_local.api.openapi import document

    text = page(document(deps_of(request.app).settings))
    return Response(text.encode(), media_type="text/html", headers=SECURITY_HEADERS)


PROBES = (health, readiness, metrics)
"""What a process answers that does not answer the API."""
HANDLERS = (health, readiness, status, metrics, openapi, docs)
