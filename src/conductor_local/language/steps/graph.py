"""A body of steps as the graph that `checks.py` looks at: who leads to whom, and where that is written.

Made from the JSON, not from what was read of it: a step that is wrong elsewhere still leads where it says, and one that does not
say soundly where it leads may lead anywhere, so that it never makes others look guilty.
"""

from collections.abc import Iterator, Mapping

from conductor_local.language.checks import Exit, Graph, Place
from conductor_local.language.positions import child
from conductor_local.payload import Json

_ENDS = ("succeed", "fail")
_GOES_ON = ("function", "pass", "wait", "parallel", "map")


def graph_of(steps: Mapping[str, Json], pointer: str, start: Exit | None) -> Graph:
    """Return the graph of the object `steps`, which stands at `pointer`."""
    places = {name: _place(step, child(pointer, name)) for name, step in steps.items()}
    return Graph(pointer, start, places, "step")


def _place(step: Json, pointer: str) -> Place:
    if not isinstance(step, dict):
        return Place(pointer, (), leads_anywhere=True)
    kind = step.get("type")
    ways = list(_ways(step, pointer))
    exits = tuple(Exit(target, at) for target, at in ways if isinstance(target, str) and target.strip())
    is_known = kind in (*_ENDS, *_GOES_ON, "choice") and len(exits) == len(ways)
    ends = kind in _ENDS or (kind in _GOES_ON and step.get("nextStepId") is None)
    return Place(pointer, exits, ends=ends, decides=kind == "choice", leads_anywhere=not is_known)


def _ways(step: Mapping[str, Json], pointer: str) -> Iterator[tuple[Json, str]]:
    """Yield every target as written, sound or not, with its pointer."""
    kind = step.get("type")
    if kind == "choice":
        yield from _listed(step.get("choices") or None, f"{pointer}/choices")
        yield from _given(step, "defaultStepId", pointer)
    elif kind not in _ENDS:
        yield from _given(step, "nextStepId", pointer)
        yield from _listed(step.get("catch", []), f"{pointer}/catch")


def _given(step: Mapping[str, Json], name: str, pointer: str) -> Iterator[tuple[Json, str]]:
    if step.get(name) is not None:
        yield step[name], f"{pointer}/{name}"


def _listed(items: Json, pointer: str) -> Iterator[tuple[Json, str]]:
    if not isinstance(items, list):
        yield None, pointer
        return
    for index, item in enumerate(items):
        target = item.get("nextStepId") if isinstance(item, dict) else None
        yield target, f"{pointer}/{index}/nextStepId"
