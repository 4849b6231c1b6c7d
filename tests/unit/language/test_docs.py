"""`docs/steps-language.md` is true: its examples compile, and it leaves out no field, comparison or code."""

import re
from pathlib import Path

import pytest

import conductor_local.language as language
from conductor_local.language import compile, read
from conductor_local.language.steps import bodies, handlers, parse
from conductor_local.language.steps.choice import OPERATORS

PAGE = (Path(__file__).parents[3] / "docs" / "steps-language.md").read_text()
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
OTHERS = {"asl", "expr"}  # another language, with codes of its own
SOURCES = [path.read_text() for path in Path(language.__file__).parent.rglob("*.py") if not OTHERS & set(path.parts)]
CODES = sorted({code for source in SOURCES for code in re.findall(r'"([A-Z]+(?:_[A-Z0-9]+)+|SYNTAX|EMPTY|WAIT|CONFLICT)"', source)})


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_compile_without_a_warning(example):
    assert compile(read(example)).warnings == ()


def test_there_are_examples():
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize(
    "word",
    sorted(
        {*parse.FIELDS, *handlers.RETRY_FIELDS, *bodies.TYPES, *(name for kind in bodies.TYPES.values() for name in kind.fields)}
    ),
)
def test_every_field_and_type_is_described(word):
    assert f"`{word}`" in PAGE


@pytest.mark.parametrize("name", sorted(name for name, one in OPERATORS.items() if not one.is_path))
def test_every_comparison_is_described(name):
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_described_for_users_and_for_programmers(code):
    assert f"`{code}`" in PAGE
    assert code in (language.steps.__doc__ or "")
