"""Whatever comes in, the front end answers with a program or with a `DefinitionError`, and slots never change their input."""

import copy
from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from conductor_local.errors import DefinitionError, EvaluationError
from conductor_local.language import compile, from_document, read
from conductor_local.language.absent import ABSENT
from conductor_local.language.comparison import COMPARISONS, string_matches
from conductor_local.language.steps.paths import Path, lookup, parse_path, shown
from conductor_local.language.steps.records import Records
from conductor_local.language.steps.writing import written
from conductor_local.program import Program

WORDS = """
    id name description startAt steps type functionName inputPath resultPath nextStepId retry catch errorEquals maxAttempts
    timeoutSeconds choices when variable and or not defaultStepId seconds until branches iterator itemsPath maxConcurrency
    strictPaths result error a b booleanEquals numericEquals numericGreaterThanPath stringMatches isPresent
""".split()  # noqa: SIM905
VALUES = [
    "function",
    "choice",
    "wait",
    "parallel",
    "map",
    "pass",
    "succeed",
    "fail",
    "$.a",
    "$.steps.a",
    "$..",
    "a",
    "b",
    "States.ALL",
]

leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6)
json_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)
likely = st.recursive(
    leaves | st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=6),
    max_leaves=30,
)
steps = st.dictionaries(
    st.sampled_from(["a", "b", "c", ""]),
    st.builds(
        lambda kind, fields: {**fields, "type": kind},
        st.sampled_from(VALUES[:8]),
        st.dictionaries(st.sampled_from(WORDS), likely, max_size=5),
    ),
    max_size=4,
)
documents = likely.filter(lambda value: isinstance(value, dict)) | st.builds(
    lambda some, more: {"name": "w", "startAt": "a", "steps": some, **more},
    steps,
    st.dictionaries(st.sampled_from(WORDS), likely, max_size=2),
)
names = st.text(max_size=3) | st.sampled_from(["a", "b", "__proto__", "odd name", "it's", "\\"])
objects = st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=4))


@given(st.text() | st.binary() | st.text(alphabet='{}[]",:\\ue+-01aN\n \ud800'))
def test_read_raises_nothing_but_definition_errors(text: str | bytes) -> None:
    with suppress(DefinitionError):
        assert isinstance(read(text).document, dict)


@given(st.dictionaries(st.text(), json_values), st.integers(0, 4))
def test_read_gives_what_was_written_and_finds_it_again(document: dict[str, Any], indent: int) -> None:
    source = read(msgspec.json.format(msgspec.json.encode(document), indent=indent))
    assert source.document == document
    assert all(source.locate("/" + key.replace("~", "~0").replace("/", "~1")) for key in document)


@given(documents)
def test_compile_gives_a_program_or_all_its_problems(document: dict[str, Any]) -> None:
    try:
        assert isinstance(compile(from_document(document), functions={"f"}).program, Program)
    except DefinitionError as error:
        decoded = error.problems
        assert any(problem.severity == "error" for problem in decoded)
        places = problems_in_text(document)
        assert [(one.pointer, one.code) for one in places] == [(one.pointer, one.code) for one in decoded]
        assert all(problem.line and problem.column for problem in places)


def problems_in_text(document: dict[str, Any]) -> Any:
    try:
        compile(read(msgspec.json.encode(document)), functions={"f"})
    except DefinitionError as error:
        return error.problems
    raise AssertionError("the same document compiled as text")


@given(objects, st.lists(names, min_size=1, max_size=4), json_values)
def test_a_result_path_never_changes_the_payload_and_is_read_back(payload: Any, segments: list[str], value: Any) -> None:
    before = copy.deepcopy(payload)
    path = Path("p", tuple(segments))
    with suppress(EvaluationError):
        after = written(payload, path, value, "a")
        for name in segments:
            after = after[name]
        assert after is value
    assert payload == before


@given(st.text())
def test_parsing_a_path_gives_segments_or_a_fault(text: str) -> None:
    with suppress(ValueError):
        parse_path(text)


@given(st.lists(names | st.integers(0, 9), max_size=5), json_values)
def test_a_shown_path_means_the_same(segments: list[str | int], payload: Any) -> None:
    assert parse_path(shown(tuple(segments))).segments == tuple(segments)
    if segments[:1] not in (["steps"], ["initialPayload"]):
        lookup(Path("p", tuple(segments)), Records(), "")(payload, None)  # type: ignore[arg-type]


@given(st.sampled_from(sorted(COMPARISONS)), json_values | st.just(ABSENT), json_values)
def test_comparisons_give_true_or_false_for_any_values(name: str, value: Any, operand: Any) -> None:
    assert COMPARISONS[name].test(value, operand) in (True, False)


@given(
    st.lists(st.text(alphabet="ab*\\", max_size=3), min_size=1, max_size=4),
    st.lists(st.text(alphabet="ab*\\", max_size=2), min_size=4),
)
def test_a_text_matches_the_pattern_it_was_made_from(pieces: list[str], fillings: list[str]) -> None:
    pattern = "*".join(piece.replace("\\", "\\\\").replace("*", "\\*") for piece in pieces)
    text = pieces[0] + "".join(filling + piece for filling, piece in zip(fillings, pieces[1:], strict=False))
    assert string_matches(text, pattern)
