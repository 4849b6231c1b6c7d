"""The tripwires of the design: the engine knows no language, no clock and no chance of its own."""

import ast
import re
from pathlib import Path

import pytest

from conductor_local import engine

FILES = sorted(Path(engine.__file__).parent.rglob("*.py"))
LANGUAGES = re.compile(r"dialect|\basl\b|jsonpath|jsonata|logic ?apps|\bsteps language", re.IGNORECASE)
IMPURE = {"asyncio", "time", "random", "uuid", "os", "logging", "secrets", "threading"}


def names(text: str) -> list[str]:
    """What the code says, without comments and docstrings: these may cite where a rule comes from."""
    return [token for node in ast.walk(ast.parse(text)) for token in _tokens(node)]


def _tokens(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return [name]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(name=name):
            return [name]
        case ast.Compare(left=left, comparators=others):
            return [each.value for each in (left, *others) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return []


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 15


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_dialect_in_the_engine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "dialect" not in text.lower()
    assert [name for name in names(text) if LANGUAGES.search(name)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_impure_is_imported(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported & IMPURE == set()


def test_the_tripwire_works() -> None:
    assert [name for name in names("if program.dialect == 'asl': pass") if LANGUAGES.search(name)] == ["asl", "dialect"]
