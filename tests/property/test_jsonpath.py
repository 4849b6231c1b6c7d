"""Random paths select what a plain reading of them selects; parsers raise nothing but their own error."""

from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from conductor_local.language.absent import ABSENT
from conductor_local.language.expr import (
    Context,
    ExpressionSyntaxError,
    Machine,
    compile_template,
    parse,
    parse_result_path,
    read_value,
    writer,
)
from conductor_local.language.expr.walk import finder

Step: TypeAlias = tuple[str, Any]

CONTEXT = Context(Machine("arn:m", "m", "arn:r"))
NAMES = st.sampled_from(["a", "b", "c", "a b", "é", "it's", "x-y", "a\\b", '"', "0"])
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text(max_size=3)
documents: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
bounds = st.none() | st.integers(0, 5)
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("name"), NAMES),
    st.tuples(st.just("index"), st.integers(-4, 4)),
    st.tuples(st.just("indexes"), st.lists(st.integers(-4, 4), min_size=2, max_size=3)),
    st.tuples(st.just("all"), st.none()),
    st.tuples(st.just("slice"), st.tuples(bounds, bounds).filter(lambda pair: pair != (None, None))),
    st.tuples(st.just("below"), NAMES),
    st.tuples(st.just("where"), st.tuples(NAMES, st.sampled_from(["==", "!=", "<", ">="]), st.integers(-5, 5))),
)


def written(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def text_of(step: Step) -> str:
    match step:
        case ("name", name):
            return written(name)
        case ("index", index):
            return f"[{index}]"
        case ("indexes", indexes):
            return f"[{','.join(map(str, indexes))}]"
        case ("all", _):
            return "[*]"
        case ("slice", (start, stop)):
            return f"[{'' if start is None else start}:{'' if stop is None else stop}]"
        case ("below", name):
            return ".." + written(name)
        case (_, (name, operator, number)):
            return f"[?(@{written(name)} {operator} {number})]"
    raise AssertionError(step)


def children(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []


def everything(node: Any) -> list[Any]:
    return [node, *(deeper for child in children(node) for deeper in everything(child))]


def holds(node: Any, name: str, operator: str, number: int) -> bool:
    value = node.get(name, ABSENT) if isinstance(node, dict) else ABSENT
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    same = (is_number and value == number) or value == str(number)
    if operator in ("==", "!="):
        return same is (operator == "==")
    return is_number and (value < number if operator == "<" else value >= number)


def select(nodes: list[Any], step: Step) -> list[Any]:
    match step:
        case ("name", name):
            return [node[name] for node in nodes if isinstance(node, dict) and name in node]
        case ("below", name):
            return select([deeper for node in nodes for deeper in everything(node)], ("name", name))
        case ("index", index):
            return select(nodes, ("indexes", [index]))
        case ("indexes", indexes):
            return [node[index] for node in nodes if isinstance(node, list) for index in indexes if -len(node) <= index < len(node)]
        case ("all", _):
            return [child for node in nodes for child in children(node)]
        case ("slice", (start, stop)):
            return [item for node in nodes if isinstance(node, list) for item in node[start:stop]]
        case (_, (name, operator, number)):
            candidates = [each for node in nodes for each in ([node] if isinstance(node, dict) else children(node))]
            return [each for each in candidates if holds(each, name, operator, number)]
    raise AssertionError(step)


@given(documents, st.lists(steps, max_size=4))
def test_a_path_selects_what_its_steps_select(document: Any, chosen: list[Step]) -> None:
    nodes = [document]
    for step in chosen:
        nodes = select(nodes, step)
    path = parse("$" + "".join(map(text_of, chosen)))
    assert path.is_definite is all(kind in ("name", "index") for kind, _ in chosen)
    expected = nodes if not path.is_definite else nodes[0] if nodes else ABSENT
    found = finder(path.segments)(document)
    assert found is expected if expected is ABSENT else repr(found) == repr(expected)


@given(st.dictionaries(NAMES, documents, max_size=4), st.lists(NAMES, min_size=1, max_size=3), scalars)
def test_what_is_written_can_be_read_back(document: Any, names: list[str], result: Any) -> None:
    path = parse_result_path("$" + "".join(map(written, names)))
    way = [finder(path.segments[:length])(document) for length in range(1, len(names))]
    if all(place is ABSENT or isinstance(place, dict) for place in way):
        before = repr(document)
        after = writer(path)(document, result, None)  # type: ignore[arg-type]  # a scope is needed for failures only
        assert repr(finder(path.segments)(after)) == repr(result)
        assert repr(document) == before


SIGNS = [
    "$",
    "$$",
    "@",
    ".",
    "..",
    "[",
    "]",
    "(",
    ")",
    "?",
    "'",
    '"',
    ",",
    ":",
    "*",
    "a",
    "0",
    "-1",
    " ",
    "\\",
    "{}",
    "é",
    "\ud800",
]
WORDS = ["==", "=~", "/a/", "&&", "||", "!", "in", "States.", "Format", "UUID", "States.Array(", "true", "1e5"]
fragments = st.lists(st.sampled_from(SIGNS + WORDS), max_size=25).map("".join)


@given(st.text() | fragments.map("$".__add__) | fragments.map("$[?(".__add__) | fragments.map("States.Format(".__add__))
def test_a_parser_raises_nothing_but_its_own_error(text: str) -> None:
    position = 0
    try:
        read_value(text, "k.$", CONTEXT)
    except ExpressionSyntaxError as error:
        position = error.position
    assert 0 <= position <= len(text)


@given(
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b.$", "c.$", "c"]), inner, max_size=3),
    )
)
def test_any_json_is_a_template_or_is_refused(template: Any) -> None:
    told: list[tuple[str, str, str]] = []
    compile_template(template, CONTEXT, lambda *refusal: told.append(refusal))
    marked = str(template).count(".$'")
    assert len(told) <= 2 * marked
