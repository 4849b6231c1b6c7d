"""What must hold of any graph of nodes, whatever the language: targets exist, it can end, it cannot go round for nothing.

Rules: whether the graph ends and what it reaches is asked only when targets and cycles are in order, so that one mistake is told
once. A node that no path reaches is a warning; everything else here is an error. Nothing recurses: a definition may be long.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conductor_local.language.problems import Problems, did_you_mean, quoted

BODY_DEPTH_MAX = 20  # composites inside composites; the engine walks every level for each variable


@dataclass(frozen=True, slots=True)
class Exit:
    """A way to `target`, written at `pointer`."""

    target: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Place:
    """A node: its ways out, whether the body may end here, whether it decides by data which way to take.

    `leads_anywhere` stands for ways that could not be read.
    """

    pointer: str
    exits: tuple[Exit, ...]
    ends: bool = False
    decides: bool = False
    leads_anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """One body as the checks see it; `start` None could not be read; `noun` is what its language calls a node."""

    pointer: str
    start: Exit | None
    places: Mapping[str, Place]
    noun: str


def check_graph(graph: Graph, problems: Problems) -> None:
    """Note everything wrong with the graph."""
    has_missing = _note_missing_targets(graph, problems)
    has_cycles = _note_idle_cycles(graph, problems)
    if has_missing or has_cycles or graph.start is None:
        return
    reached = _reached(graph, graph.start.target)
    if reached is None:
        return
    if not any(graph.places[name].ends for name in reached):
        hint = f"let a {graph.noun} that can be reached be the last one"
        problems.error(graph.pointer, "NO_END", f"no {graph.noun} that can be reached ever ends this", hint)
        return
    for name, place in graph.places.items():
        if name not in reached:
            problems.warning(place.pointer, "UNREACHABLE", f"no {graph.noun} leads to {quoted(name)}")


def _note_missing_targets(graph: Graph, problems: Problems) -> bool:
    exits = [way for place in graph.places.values() for way in place.exits]
    missing = [way for way in [graph.start, *exits] if way is not None and way.target not in graph.places]
    for way in missing:
        message = f"there is no {graph.noun} {quoted(way.target)} here"
        problems.error(way.pointer, "TARGET_NOT_FOUND", message, did_you_mean(way.target, graph.places))
    return bool(missing)


def _reached(graph: Graph, start: str) -> set[str] | None:
    """Return the names that can be reached, or None when that cannot be said."""
    reached = {start}
    waiting = [start]
    while waiting:
        place = graph.places[waiting.pop()]
        if place.leads_anywhere:
            return None
        for way in place.exits:
            if way.target not in reached:
                reached.add(way.target)
                waiting.append(way.target)
    return reached


def _note_idle_cycles(graph: Graph, problems: Problems) -> bool:
    """Note each way back to a node that is still being walked, on walks that never pass a deciding node."""
    found = False
    walking = {name: place for name, place in graph.places.items() if not place.decides}
    done: set[str] = set()
    for name in walking:
        for trail, way in _ways_back(walking, name, done):
            found = True
            cycle = [*trail[trail.index(way.target) :], way.target]
            message = f"this goes round for ever: {' -> '.join(quoted(each) for each in cycle)}"
            problems.error(way.pointer, "CYCLE_WITHOUT_CHOICE", message, "let a choice decide when to stop")
    return found


def _ways_back(places: Mapping[str, Place], start: str, done: set[str]) -> Iterator[tuple[list[str], Exit]]:
    """Walk depth first from `start`, once through every node not in `done`; yield each walk that meets itself and its last exit."""
    if start in done:
        return
    trail, on_trail = [start], {start}
    open_exits = [iter(places[start].exits)]
    while trail:
        way = next(open_exits[-1], None)
        if way is None:
            open_exits.pop()
            name = trail.pop()
            on_trail.remove(name)
            done.add(name)
        elif way.target in on_trail:
            yield trail, way
        elif way.target in places and way.target not in done:
            trail.append(way.target)
            on_trail.add(way.target)
            open_exits.append(iter(places[way.target].exits))
