"""Random paths select what a reference library selects, where RFC 9535 and Jayway mean the same; parsers raise nothing
but their own error.

They differ in filters on objects, in numbers that are equal to texts, in slices from a negative to another end, and in what an
object of several names is; the unit tests have those.
"""

from typing import Any, TypeAlias

import jsonpath
from hypothesis import assume, given
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
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text("aZé😀 '", max_size=3)
documents: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
bounds = st.none() | st.integers(0, 5)
slices = st.tuples(bounds, bounds) | st.tuples(st.none(), st.integers(-5, 5)) | st.tuples(st.integers(-5, 5), st.none())
operands = st.integers(-5, 5) | st.sampled_from(["'a'", "'z'", "true", "null"])
steps: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("name"), NAMES),
    st.tuples(st.just("index"), st.integers(-4, 4)),
    st.tuples(st.just("indexes"), st.lists(st.integers(-4, 4), min_size=2, max_size=3)),
    st.tuples(st.just("all"), st.none()),
    st.tuples(st.just("slice"), slices.filter(lambda pair: pair != (None, None))),
    st.tuples(st.just("below"), NAMES),
    st.tuples(st.just("where"), st.tuples(NAMES, st.sampled_from(["==", "!=", "<", ">="]), operands)),
    st.tuples(st.just("where"), st.tuples(NAMES, st.just(""), st.just(""))),
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
        case (_, (name, operator, operand)):
            return f"[?(@{written(name)} {operator} {operand})]" if operator else f"[?(@{written(name)})]"
    raise AssertionError(step)


REFERENCE = jsonpath.JSONPathEnvironment(strict=True)


def written_path(chosen: list[Step]) -> str:
    return "$" + "".join(map(text_of, chosen))


NOT_ASKED = {"where": dict, "slice": str}
"""Of an object RFC 9535, which the library reads, filters the members, Jayway the object itself; and the library slices texts."""


def is_the_same_question(document: Any, chosen: list[Step]) -> bool:
    """Whether library and Jayway mean the same by the steps."""
    return not any(
        isinstance(node, NOT_ASKED[kind])
        for place, (kind, _) in enumerate(chosen)
        if kind in NOT_ASKED
        for node in REFERENCE.findall(written_path(chosen[:place]), document)
    )


@given(documents, st.lists(steps, max_size=4))
def test_a_path_selects_what_the_reference_library_selects(document: Any, chosen: list[Step]) -> None:
    assume(is_the_same_question(document, chosen))
    nodes = REFERENCE.findall(written_path(chosen), document)
    path = parse(written_path(chosen))
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
