"""Which variables each state of a definition reads, as DescribeStateMachine tells it.

Rules: for a definition that compiles; names are given without `$`, sorted; a state that reads none is left out. States inside a
Parallel or a Map are told under their own names.
"""

from collections.abc import Iterator, Mapping

from conductor_local.language.asl.fields import JSONATA, JSONPATH
from conductor_local.language.expr import paths_in
from conductor_local.language.expr.jsonata import is_expression
from conductor_local.language.expr.jsonata.references import references
from conductor_local.language.expr.jsonata.syntax import parse
from conductor_local.payload import Json

_BODIES = frozenset({"Branches", "ItemProcessor", "Iterator"})
_TEMPLATES = frozenset({"Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials", "BatchInput"})
_TEXTS = frozenset({"Result", "Comment"})


def variable_references(document: Mapping[str, Json]) -> dict[str, list[str]]:
    """Return the variables that each state names, by the state's name."""
    language = document.get("QueryLanguage", JSONPATH)
    found = {name: sorted(set(_of_state(state, language))) for name, state in _states(document)}
    return {name: variables for name, variables in found.items() if variables}


def _states(body: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for name, state in body["States"].items():
        yield name, state
        for branch in state.get("Branches", ()):
            yield from _states(branch)
        for processor in (state.get("ItemProcessor"), state.get("Iterator")):
            if processor is not None:
                yield from _states(processor)


def _of_state(state: Mapping[str, Json], language: str) -> Iterator[str]:
    fields = {name: value for name, value in state.items() if name not in _BODIES | _TEXTS}
    if state.get("QueryLanguage", language) == JSONATA:
        yield from _in_expressions(fields)
    else:
        yield from _in_paths(fields, is_template=False)


def _in_expressions(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _in_expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _in_expressions(item)
    elif is_expression(value):
        yield from references(parse(value[2:-2])).named


def _in_paths(value: Json, *, is_template: bool) -> Iterator[str]:
    """Give the variables of paths and calls: under keys that end with `.$` in a template, under the names of paths elsewhere."""
    if isinstance(value, list):
        for item in value:
            yield from _in_paths(item, is_template=is_template)
    if not isinstance(value, dict):
        return
    for name, item in value.items():
        if isinstance(item, str) and _is_path(name, is_template):
            yield from (path.variable for path in paths_in(item) if path.variable is not None)
        else:
            yield from _in_paths(item, is_template=is_template or name in _TEMPLATES)


def _is_path(name: str, is_template: bool) -> bool:
    return name.endswith(".$") if is_template else name.endswith(("Path", ".$")) or name == "Variable"
