"""Figures for Prometheus: HTTP requests by route, counted here, and the runtime's, asked from the service when scraped.

Counting is a few list operations, because it is on every request's path; prometheus_client is loaded by the first scrape.
Durations run until the answer begins, so that an open event stream does not distort them.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from conductor_local.runtime.latency import BUCKETS_S as COMMIT_BUCKETS_S
from conductor_local.runtime.views import Statistics

if TYPE_CHECKING:
    from prometheus_client.core import Metric

BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MEDIA_TYPE = "text/plain; version=0.0.4"  # Litestar adds the charset
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(slots=True)
class _Durations:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    sum_s: float = 0.0


class Metrics:
    """Counts the requests of one app."""

    def __init__(self) -> None:
        self._durations: dict[tuple[str, str, int], _Durations] = {}

    def observe(self, route: str, method: str, status: int, duration_s: float) -> None:
        """Count one answer. `route` is a template, so the number of series is bounded."""
        key = (route, method if method in _METHODS else "other", status)
        durations = self._durations.get(key)
        if durations is None:
            durations = self._durations[key] = _Durations()
        durations.counts[bisect_left(BUCKETS_S, duration_s)] += 1
        durations.sum_s += duration_s

    def around(self, app: ASGIApp) -> ASGIApp:
        """Wrap an ASGI app so that its answers are counted."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            began = perf_counter()

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route = scope.get("path_template") or "unmatched"
                    self.observe(route, scope["method"], message["status"], perf_counter() - began)
                await send(message)

            await app(scope, receive, noting)

        return counted

    def text(self, statistics: Statistics) -> bytes:
        """Render everything in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(_Scrape([*self._requests(), *_runtime(statistics)]))
        return generate_latest(registry)

    def _requests(self) -> Iterator["Metric"]:
        from prometheus_client.core import HistogramMetricFamily

        family = HistogramMetricFamily(
            "conductor_http_request_duration_seconds",
            "Time until the answer began.",
            labels=["route", "method", "status"],
        )
        for (route, method, status), durations in sorted(self._durations.items()):
            family.add_metric([route, method, str(status)], _cumulated(BUCKETS_S, durations.counts), durations.sum_s)
        yield family


class _Scrape:
    """What prometheus_client calls a collector: one set of figures."""

    def __init__(self, families: list["Metric"]) -> None:
        self._families = families

    def collect(self) -> list["Metric"]:
        return self._families


def _cumulated(bounds: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    total, buckets = 0, []
    for bound, count in zip([*map(str, bounds), "+Inf"], counts, strict=True):
        total += count
        buckets.append((bound, float(total)))
    return buckets


def _runtime(statistics: Statistics) -> Iterator["Metric"]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    instances = GaugeMetricFamily("conductor_instances", "Instances in the store, by status.", labels=["status"])
    for status, count in sorted(statistics.instances.items()):
        instances.add_metric([status], count)
    yield instances
    for name, what, value in (
        ("instances_started", "Instances started by this process.", statistics.started),
        ("commits", "Commits of this process.", statistics.commits),
        ("commit_seconds", "Seconds spent in commits.", statistics.commit_seconds),
        ("store_errors", "Times an owner of a partition could not reach the store.", statistics.store_errors),
        ("function_calls", "Calls of functions.", statistics.function_calls),
        ("function_failures", "Calls of functions that failed.", statistics.function_failures),
    ):
        yield CounterMetricFamily(f"conductor_{name}", what, value=value)
    yield _histogram(statistics)
    lag = GaugeMetricFamily(
        "conductor_sink_lag", "Commits not yet handed to a sink, of this process's partitions.", labels=["sink"]
    )
    for sink, behind in sorted(statistics.sink_lag.items()):
        lag.add_metric([sink], behind)
    yield lag
    for name, what, value in (
        ("partitions_owned", "Partitions that this process owns.", statistics.partitions_owned),
        ("functions_running", "Calls of functions that have not ended.", statistics.functions_running),
        ("backlog", "Messages taken in and not yet committed.", statistics.backlog),
        ("relay_lag", "Commits not yet handed to a durable event sink.", statistics.relay_lag),
    ):
        yield GaugeMetricFamily(f"conductor_{name}", what, value=value)


def _histogram(statistics: Statistics) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily

    latency = statistics.commit_latency
    family = HistogramMetricFamily("conductor_commit_duration_seconds", "How long commits of this process took.")
    family.add_metric([], _cumulated(COMMIT_BUCKETS_S, latency.counts), latency.sum_s)
    return family
