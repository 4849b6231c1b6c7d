"""The processors of distributed Maps in a program, by label."""

from collections.abc import Iterator

from conductor_local.program import Body, Map, MapRun, Parallel


def processor_at(body: Body, label: str) -> str | None:
    """Return the JSON pointer of the processor whose runs have this label; processors inside processors are not looked at."""
    return next((node.processor for node in _map_runs(body) if node.label == label), None)


def _map_runs(body: Body) -> Iterator[MapRun]:
    for node in body.nodes.values():
        match node:
            case MapRun():
                yield node
            case Parallel(branches=branches):
                for branch in branches:
                    yield from _map_runs(branch)
            case Map(body=inner):
                yield from _map_runs(inner)
