"""Lifecycle events, in the contract's JSON shape, as moments a person can follow: what happened, to which step, how long it took.

Knows nothing of how they are shown (`progress.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from conductor_local.cli.terminal import plain
from conductor_local.payload import Json

_TIMES = ("at", "endedAt", "startedAt", "time")
ENDS = {
    "WORKFLOW_COMPLETED": "COMPLETED",
    "WORKFLOW_FAILED": "FAILED",
    "WORKFLOW_TIMED_OUT": "TIMED_OUT",
    "WORKFLOW_CANCELLED": "CANCELLED",
}
"""The status an instance has after each event that ends it."""

StepKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened. `value` is an input or output, `given` the input of the step; `took_s` counts from its beginning."""

    type: str
    key: StepKey
    title: str
    function: str
    since_start_s: float
    took_s: float
    given: Json
    value: Json
    error: str


@dataclass(frozen=True, slots=True)
class _Step:
    began_at: datetime
    title: str
    function: str
    given: Json


class Story:
    """Remembers when things began, of one instance."""

    def __init__(self) -> None:
        self._began_at: datetime | None = None
        self._steps: dict[StepKey, _Step] = {}

    def tell(self, event: Mapping[str, Json]) -> Moment:
        """Fold one event in and say what it means."""
        at = _instant(event)
        if event["type"] == "WORKFLOW_STARTED" or self._began_at is None:
            self._began_at = at
        key = _key_of(event)
        step = (
            self._step(key, event, at)
            if "stepId" in event
            else _Step(self._began_at, plain(event.get("workflowName") or ""), "", None)
        )
        return Moment(
            type=str(event["type"]),
            key=key,
            title=step.title,
            function=step.function,
            since_start_s=max((at - self._began_at).total_seconds(), 0.0),
            took_s=max((at - step.began_at).total_seconds(), 0.0),
            given=step.given,
            value=event.get("output", event.get("input", event.get("initialPayload"))),
            error=plain(event.get("error") or ""),
        )

    def _step(self, key: StepKey, event: Mapping[str, Json], at: datetime) -> _Step:
        if event["type"] == "STEP_STARTED" or key not in self._steps:
            place, id = key
            title = plain(event.get("stepName") or id)
            shown = f"{title} [{place}]" if place else title
            self._steps[key] = _Step(at, shown, plain(event.get("functionName") or ""), event.get("input"))
        return self._steps[key]


def _key_of(event: Mapping[str, Json]) -> StepKey:
    return "/".join(str(part) for part in event.get("path") or ()), str(event.get("stepId", ""))


def _instant(event: Mapping[str, Json]) -> datetime:
    text = next((event[name] for name in _TIMES if event.get(name)), "1970-01-01T00:00:00Z")
    return datetime.fromisoformat(text)
