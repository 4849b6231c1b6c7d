"""Histories side by side: number, order, `id` and `previousEventId` of events, as far as AWS itself fixes them.

- The usual case: event by event.
- `is_normalised`: the recording lost the numbers of what happened inside a Parallel, its end, and the ends of those within. Events
  that kept their number are compared by it, the others as a multiset.
- Concurrent branches: when event by event differs, the histories are cut into chains, one for each thread of control, and the
  chains compared as a multiset, without numbers.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from .compare import ABSENT, Comparison, Difference

Json = Any
Event = dict[str, Json]

NUMBERS = frozenset({"id", "previousEventId"})
LOST_WHEN_NORMALISED = frozenset({"ParallelStateSucceeded", "ParallelStateFailed", "ParallelStateExited"})
JOINS = frozenset(
    {
        "ParallelStateSucceeded", "ParallelStateExited", "ParallelStateFailed", "MapStateSucceeded", "MapStateExited",
        "MapStateFailed", "MapIterationStarted",
    }
)  # fmt: skip
"""Which branch ended last, and so what these point to, is a matter of timing."""


def difference(
    comparison: Comparison, expected: Sequence[Event], got: Sequence[Event], *, is_normalised: bool, is_concurrent: bool
) -> Difference | None:
    """Return the first difference between a recorded history and ours."""
    if is_normalised:
        return _normalised(comparison, expected, got)
    expected = _as_now(expected)
    trial = comparison.copy()
    found = trial.difference(list(expected), list(got), "events")
    if found is None:
        comparison.meanings = trial.meanings
        return None
    if is_concurrent and len(expected) == len(got) and _are_alike(comparison, _chains(expected), _chains(got)):
        return None
    return found


def _as_now(events: Sequence[Event]) -> list[Event]:
    """Let the exit from a distributed Map point to the start of its run, not to its end, as AWS does since late 2024."""
    before = {event["id"]: event["previousEventId"] for event in events if event["type"] == "MapRunSucceeded"}
    return [
        {**event, "previousEventId": before.get(event["previousEventId"], event["previousEventId"])}
        if event["type"] == "MapStateExited"
        else event
        for event in events
    ]


def has_branches(definition: Json) -> bool:
    """Whether something in a definition may run side by side."""
    if isinstance(definition, list):
        return any(has_branches(item) for item in definition)
    if not isinstance(definition, dict):
        return False
    if len(definition.get("Branches", ())) > 1:
        return True
    if definition.get("Type") == "Map" and definition.get("MaxConcurrency") != 1:
        return True
    return any(has_branches(value) for value in definition.values())


def _normalised(comparison: Comparison, expected: Sequence[Event], got: Sequence[Event]) -> Difference | None:
    numbered = {event["id"]: event for event in expected if not isinstance(event["id"], list)}
    ours = {event["id"]: event for event in got}
    for number, event in numbered.items():
        if found := comparison.difference(event, ours.get(number, ABSENT), f"events[id={number}]"):
            return found
    left = [
        _unnumbered(event) for number, event in ours.items() if number not in numbered and event["type"] not in LOST_WHEN_NORMALISED
    ]
    for event in expected:
        if not isinstance(event["id"], list):
            continue
        match = _first_alike(comparison, _unnumbered(event), left)
        if match is None:
            return Difference("events[inside the Parallel]", _unnumbered(event), ABSENT)
        left.pop(match)
    return Difference("events[inside the Parallel]", ABSENT, left[0]) if left else None


def _first_alike(comparison: Comparison, expected: Json, candidates: Sequence[Json]) -> int | None:
    for index, candidate in enumerate(candidates):
        trial = comparison.copy()
        if trial.difference(expected, candidate) is None:
            comparison.meanings = trial.meanings
            return index
    return None


def _are_alike(comparison: Comparison, expected: list[list[Event]], got: list[list[Event]]) -> bool:
    left = list(got)
    for chain in expected:
        match = _first_alike(comparison, chain, left)
        if match is None:
            return False
        left.pop(match)
    return not left


def _chains(events: Sequence[Event]) -> list[list[Event]]:
    """Cut a history into runs of events of which each is all that followed from the one before."""
    followers: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        followers[0 if event["type"] in JOINS else event["previousEventId"]].append(event)
    heads = [event for number, after in followers.items() if number == 0 or len(after) > 1 for event in after]
    return [_chain(head, followers) for head in heads]


def _chain(head: Event, followers: dict[int, list[Event]]) -> list[Event]:
    chain = [_unnumbered(head)]
    while len(after := followers.get(head["id"], [])) == 1:
        head = after[0]
        chain.append(_unnumbered(head))
    return chain


def _unnumbered(event: Event) -> Event:
    return {name: value for name, value in event.items() if name not in NUMBERS}
