"""`docs/states-language.md` is true: its examples compile, and it leaves out no field and no code."""

import re
from pathlib import Path

import pytest

import conductor_local.language.asl as asl
from conductor_local.language import compile, read
from conductor_local.language.asl import composites, handlers, parse, states

PAGE = (Path(__file__).parents[4] / "docs" / "states-language.md").read_text()
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
FIELDS = {*parse.FIELDS, *composites.BRANCH_FIELDS, *handlers.RETRY_FIELDS, *handlers.CATCH_FIELDS, *states.COMMON} | {
    name for kind in states.TYPES.values() for name in kind.fields
}
SOURCES = [path.read_text() for path in Path(asl.__file__).parent.rglob("*.py")]
CODES = {code for source in SOURCES for code in re.findall(r'"([A-Z]{2,}(?:_[A-Z0-9]+)+|NO_DOLLAR)"', source)}


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_compile(example):
    assert compile(read(example)).dialect == "asl"


def test_there_are_examples():
    assert len(EXAMPLES) >= 2


@pytest.mark.parametrize("name", sorted(FIELDS - {"End"}))
def test_every_field_is_described(name):
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("code", sorted(CODES - {"NOT_AN_OBJECT", "EVENTS_MAX"}))
def test_every_code_is_described(code):
    assert f"`{code}`" in PAGE
