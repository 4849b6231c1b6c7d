"""YAML definitions: the JSON they mean, and where their problems are."""

import pytest

from conductor_local import language
from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.yaml_source import read_yaml

MACHINE = """\
# Says hello after a second.
StartAt: Rest
States:
  Rest:
    Type: Wait
    Seconds: 1
    Next: Gone
  "Odd one":
    Type: Pass
    Colour: red
    End: true
"""


def refused(text: str) -> Problem:
    with pytest.raises(DefinitionError) as caught:
        read_yaml(text)
    return caught.value.problems[0]


def test_it_is_the_json_it_can_be_written_as() -> None:
    text = "a: [1, -2.5, 1e3, true, False, null, ~]\nb:\n  c: 'x'\n  d: |\n    two\n    lines\n"
    assert read_yaml(text).document == {
        "a": [1, -2.5, 1000.0, True, False, None, None],
        "b": {"c": "x", "d": "two\nlines\n"},
    }


@pytest.mark.parametrize("word", ["yes", "on", "010", "2026-01-31", "12:30:00", "0x1f", ".inf", "000000000000", "'1'"])
def test_what_json_has_no_scalar_for_is_a_text(word: str) -> None:
    assert read_yaml(f"a: {word}").document == {"a": word.strip("'")}


def test_keys_are_texts_and_anchors_may_be_used_again() -> None:
    text = "a: &retry [{ErrorEquals: [States.ALL]}]\n1: *retry\n"
    assert read_yaml(text).document == {"a": [{"ErrorEquals": ["States.ALL"]}], "1": [{"ErrorEquals": ["States.ALL"]}]}


def test_problems_of_the_compiler_have_line_and_column() -> None:
    with pytest.raises(DefinitionError) as caught:
        language.compile(read_yaml(MACHINE))
    places = {(problem.code, problem.pointer, problem.line, problem.column) for problem in caught.value.problems}
    assert ("SCHEMA_VALIDATION_FAILED", "/States/Odd one/Colour", 10, 5) in places
    assert ("MISSING_TRANSITION_TARGET", "/States/Rest/Next", 7, 11) in places


def test_what_is_left_after_taking_fields_away_is_found_where_it_stands() -> None:
    source = read_yaml("name: x\nStartAt: A\n").without("name")
    assert (source.document, source.locate("/StartAt"), source.locate("/States")) == ({"StartAt": "A"}, (2, 10), None)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: [", "SYNTAX", (1, 5)),
        ("a:\n\tb: 1", "SYNTAX", (2, 1)),
        ("a: \x01", "SYNTAX", (0, 0)),
        ("---\na: 1\n---\nb: 1", "SYNTAX", (3, 1)),
        ("a: 1e999", "SYNTAX", (1, 4)),
        ("a: !Sub x", "SYNTAX", (1, 4)),
        ("b:\n  a: 1\n  a: 2", "DUPLICATE_KEY", (3, 3)),
        ("<<: {a: 1}", "SYNTAX", (1, 1)),
        ("? [a]\n: 1", "SYNTAX", (1, 3)),
        ("- 1", "NOT_AN_OBJECT", (1, 1)),
        ("", "NOT_AN_OBJECT", (1, 1)),
        ("a: &x [*x]", "TOO_DEEP", (1, 4)),
        ("[" * 5_000, "TOO_DEEP", (0, 0)),
    ],
)
def test_what_is_no_definition_is_refused_with_its_place(text: str, code: str, place: tuple[int, int]) -> None:
    problem = refused(text)
    assert (problem.code, (problem.line, problem.column)) == (code, place)


def test_a_short_text_that_means_a_huge_document_is_refused() -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))
    assert refused(f"a0: &a0 [x]\n{levels}").code == "TOO_DEEP"
