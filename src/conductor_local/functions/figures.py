"""How the calls of each function went since the process started."""

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime

from msgspec.structs import replace

from conductor_local.runtime.views import FunctionView, timestamp

LATEST = 500
"""Ended calls that mean and percentile are taken from: enough for a 95th percentile, and what happened lately is what counts."""


@dataclass(slots=True)
class _Figures:
    calls: int = 0
    failures: int = 0
    running: int = 0
    called_at: float = 0.0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=LATEST))


class CallFigures:
    """Counts calls by the function's name."""

    def __init__(self) -> None:
        self._figures: dict[str, _Figures] = {}

    def begin(self, name: str) -> float:
        """Count a call; return when it began, for `end`."""
        figures = self._figures.get(name)
        if figures is None:
            figures = self._figures[name] = _Figures()
        figures.calls += 1
        figures.running += 1
        figures.called_at = time.time()
        return time.perf_counter()

    def end(self, name: str, began: float, *, has_failed: bool) -> None:
        """Count the end of a call."""
        figures = self._figures[name]
        figures.running -= 1
        figures.failures += has_failed
        figures.seconds.append(time.perf_counter() - began)

    def shown(self, view: FunctionView) -> FunctionView:
        """Return the view of a function with its figures."""
        figures = self._figures.get(view.name) or _Figures()
        shown = replace(view, calls=figures.calls, failures=figures.failures, running=figures.running)
        if figures.calls:
            shown.last_called_at = timestamp(datetime.fromtimestamp(figures.called_at, UTC))
        if figures.seconds:
            ordered = sorted(figures.seconds)
            shown.mean_seconds = sum(ordered) / len(ordered)
            shown.p95_seconds = ordered[(95 * len(ordered) - 1) // 100]
        return shown
