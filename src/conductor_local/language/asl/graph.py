"""How the states of one body lead to each other, judged as AWS does (reference sheet 20).

Rules, all measured: a target must be a state of the same body; without any terminal state the workflow is refused for that, without
a place, and unreachable states are not looked for; otherwise each state that nothing leads to is an error. Made from the JSON, not
from what was read of it: a state that is wrong elsewhere still leads where it says, and one that does not say soundly where it
leads may lead anywhere.
"""

from collections.abc import Iterator, Mapping

from conductor_local.language.asl.diagnostics import NO_END, TARGET, Diagnostics, Place
from conductor_local.language.problems import did_you_mean
from conductor_local.payload import Json

_ENDS = ("Succeed", "Fail")
_GOES_ON = ("Task", "Pass", "Wait", "Parallel", "Map")
Way = tuple[Json, Place]
"""A target as written, sound or not, and where."""


def check_graph(states: Mapping[str, Json], place: Place, start: Way, diagnostics: Diagnostics) -> None:
    """Note everything wrong with the graph of the object `States`, which stands at `place`."""
    ways = {name: list(_ways(state, place.member(name))) for name, state in states.items()}
    for target, at in [start, *(way for each in ways.values() for way in each)]:
        if isinstance(target, str) and target not in states:
            diagnostics.graph_error(at, TARGET, f"Missing 'Next' target: {target}", hint=did_you_mean(target, states))
    if not any(_may_end(state) for state in states.values()):
        diagnostics.graph_error(place, NO_END, "Workflow has no terminal state", has_location=False)
        return
    reached = _reached(ways, start[0])
    for name in states:
        if reached is not None and name not in reached:
            diagnostics.graph_error(place.member(name), TARGET, f'State "{name}" is not reachable.')


def _reached(ways: Mapping[str, list[Way]], start: Json) -> set[str] | None:
    """Return the names that can be reached, or None when that cannot be said."""
    if not isinstance(start, str):
        return None
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in ways:
            continue
        reached.add(name)
        for target, _ in ways[name]:
            if not isinstance(target, str):
                return None
            waiting.append(target)
    return reached


def _may_end(state: Json) -> bool:
    if not isinstance(state, dict):
        return True
    kind = state.get("Type")
    return kind not in (*_GOES_ON, "Choice") or (kind != "Choice" and "End" in state)


def _ways(state: Json, place: Place) -> Iterator[Way]:
    if not isinstance(state, dict):
        yield None, place
        return
    kind = state.get("Type")
    if kind == "Choice":
        yield from _listed(state.get("Choices"), place.member("Choices"))
        yield from _given(state, "Default", place)
    elif kind in _GOES_ON:
        yield from _given(state, "Next", place)
        yield from _listed(state.get("Catch", []), place.member("Catch"))
    elif kind not in _ENDS:
        yield None, place


def _given(state: Mapping[str, Json], name: str, place: Place) -> Iterator[Way]:
    if name in state:
        yield state[name], place.member(name)


def _listed(items: Json, place: Place) -> Iterator[Way]:
    if not isinstance(items, list):
        yield None, place
        return
    for index, item in enumerate(items):
        target = item.get("Next") if isinstance(item, dict) else None
        yield target, place.item(index).member("Next")
