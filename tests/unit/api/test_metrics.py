"""Figures for Prometheus, read back with Prometheus' own parser."""

from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from conductor_local import errors


async def figures(client: httpx.AsyncClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = await client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples = (sample for family in text_string_to_metric_families(answer.text) for sample in family.samples)
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}


async def test_requests_are_counted_by_route_and_status(client: httpx.AsyncClient, service: Any) -> None:
    await client.get("/workflows/instances/a")
    await client.get("/workflows/instances/b")
    service.error = errors.NotFound()
    await client.get("/workflows/instances/c")
    await client.get("/nowhere")
    await client.get("/healthz", headers={"host": "evil.test"})
    await client.request("BREW", "/nowhere")
    found = await figures(client)
    counts = {labels: value for (name, labels), value in found.items() if name == "conductor_http_request_duration_seconds_count"}
    route = ("route", "/workflows/instances/{instance_id}")
    assert counts == {
        (("method", "GET"), route, ("status", "200")): 2,
        (("method", "GET"), route, ("status", "404")): 1,
        (("method", "GET"), ("route", "unmatched"), ("status", "404")): 1,
        (("method", "GET"), ("route", "unmatched"), ("status", "421")): 1,
        (("method", "other"), ("route", "unmatched"), ("status", "404")): 1,
    }


async def test_the_runtime_adds_its_own_figures(client: httpx.AsyncClient) -> None:
    found = await figures(client)
    assert found["conductor_instances", (("status", "RUNNING"),)] == 2
    assert found["conductor_commits_total", ()] == 5
    assert found["conductor_backlog", ()] == 1
