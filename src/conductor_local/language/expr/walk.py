"""Following a parsed path through a document.

Rules: a definite path gives its node or `ABSENT`, an indefinite one always a list; documents are never changed. Simple paths
(`$`, names, indexes) get functions made for them, because nearly every path of a workflow is one.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, assert_never

from conductor_local.language.absent import ABSENT
from conductor_local.language.expr.path import (
    Descend,
    Filter,
    Index,
    Indexes,
    Name,
    Names,
    Segment,
    Segments,
    Slice,
    Step,
    Wildcard,
    is_definite,
)
from conductor_local.payload import Json

Find: TypeAlias = Callable[[Json], Any]
"""Takes a document; gives the node, a list of nodes, or `ABSENT`."""
_Nodes: TypeAlias = Callable[[Json, Json], Iterator[Json]]
_MISSES = (KeyError, IndexError, TypeError)


def finder(segments: Segments) -> Find:
    """Return the function that follows `segments`."""
    if not segments:
        return lambda document: document
    if not is_definite(segments):
        return _selection(segments)
    if isinstance(segments[-1], Names):
        return _picked(finder(segments[:-1]), segments[-1].names)
    names = tuple(segment.name for segment in segments if isinstance(segment, Name))
    return _by_names(names) if len(names) == len(segments) else _by_steps(segments)


def _by_names(names: tuple[str, ...]) -> Find:
    """Follow names only. A text index into anything but an object raises, so no look at the type is needed."""
    first, *rest = names
    if not rest:

        def one(document: Json) -> Any:
            try:
                return document[first]
            except _MISSES:
                return ABSENT

        return one
    if len(rest) == 1:
        second = rest[0]

        def two(document: Json) -> Any:
            try:
                return document[first][second]
            except _MISSES:
                return ABSENT

        return two

    def many(document: Json) -> Any:
        try:
            for name in names:
                document = document[name]
        except _MISSES:
            return ABSENT
        return document

    return many


def _by_steps(segments: Segments) -> Find:
    """Follow names and indexes; an index into a text or an object is a miss."""
    steps: tuple[tuple[Any, Any], ...] = tuple(
        (segment.index, list) if isinstance(segment, Index) else (segment.name, dict)
        for segment in segments
        if isinstance(segment, Index | Name)
    )

    def find(document: Json) -> Any:
        try:
            for step, kind in steps:
                if type(document) is not kind:
                    return ABSENT
                document = document[step]
        except _MISSES:
            return ABSENT
        return document

    return find


def _picked(find: Find, names: tuple[str, ...]) -> Find:
    def pick(document: Json) -> Any:
        source = find(document)
        if not isinstance(source, dict):
            return ABSENT
        return {name: source[name] for name in names if name in source}

    return pick


def _selection(segments: Segments) -> Find:
    last = len(segments) - 1
    steps = [_nodes(segment, is_last=place == last) for place, segment in enumerate(segments)]

    def select(document: Json) -> list[Json]:
        nodes: list[Json] = [document]
        for step in steps:
            nodes = [found for node in nodes for found in step(node, document)]
        return nodes

    return select


def _nodes(segment: Segment, *, is_last: bool) -> _Nodes:
    if isinstance(segment, Descend):
        return _below(_step(segment.step, is_last=is_last), is_filter=isinstance(segment.step, Filter))
    return _step(segment, is_last=is_last)


def _step(step: Step, *, is_last: bool) -> _Nodes:
    match step:
        case Name(name):
            return lambda node, _document: _member(node, name)
        case Names(names):
            return lambda node, _document: _members(node, names, is_last)
        case Index(index):
            return lambda node, _document: _items(node, (index,))
        case Indexes(indexes):
            return lambda node, _document: _items(node, indexes)
        case Slice():
            return lambda node, _document: _items(node, _range(step, len(node))) if isinstance(node, list) else iter(())
        case Wildcard():
            return lambda node, _document: iter(_children(node))
        case Filter(_, holds):
            return lambda node, document: (each for each in _candidates(node) if holds(each, document))
        case _:
            assert_never(step)


def _member(node: Json, name: str) -> Iterator[Json]:
    if isinstance(node, dict) and name in node:
        yield node[name]


def _members(node: Json, names: tuple[str, ...], is_last: bool) -> Iterator[Json]:
    if not isinstance(node, dict):
        return
    if is_last:
        yield {name: node[name] for name in names if name in node}
    else:
        yield from (node[name] for name in names if name in node)


def _items(node: Json, indexes: range | tuple[int, ...]) -> Iterator[Json]:
    if isinstance(node, list):
        yield from (node[index] for index in indexes if -len(node) <= index < len(node))


def _range(bounds: Slice, length: int) -> range:
    """Return the indexes of a slice as Jayway counts them: with both bounds given, a negative one is not made positive first."""
    start, stop = bounds.start, bounds.stop
    if start is None:
        assert stop is not None
        return range(min(length, stop) if stop >= 0 else length + stop)
    if stop is None:
        return range(start if start >= 0 else max(0, length + start), length)
    return range(max(start, -length), min(stop, length))


def _children(node: Json) -> list[Json]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _candidates(node: Json) -> list[Json]:
    """A filter asks an object itself, and each item of a list."""
    if isinstance(node, dict):
        return [node]
    return node if isinstance(node, list) else []


def _below(step: _Nodes, *, is_filter: bool) -> _Nodes:
    """Take a step from every object and list, each before its children; a filter meets items when it comes to them."""

    def nodes(node: Json, document: Json) -> Iterator[Json]:
        waiting = [node]
        while waiting:
            place = waiting.pop()
            if not isinstance(place, dict | list):
                continue
            waiting.extend(reversed(_children(place)))
            if is_filter and isinstance(place, list):
                yield from (each for each in step(place, document) if not isinstance(each, dict))
            else:
                yield from step(place, document)

    return nodes
