"""Runs one case of JSONata's own suite the way an expression of a workflow is run, but with a context item."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conductor_local.language.expr.jsonata import engine, functions
from conductor_local.language.expr.jsonata.engine import EngineFault
from conductor_local.language.expr.jsonata.references import references
from conductor_local.language.expr.jsonata.source import program_text
from conductor_local.language.expr.jsonata.syntax import parse
from conductor_local.language.expr.jsonata.tokens import SyntaxFault

SUITE = Path(__file__).resolve().parents[3] / "shared" / "jsonata-suite"


@dataclass
class Clock:
    """As much of a scope as the functions read."""

    now: datetime = datetime(2030, 1, 1, tzinfo=UTC)
    draws: int = field(default=0)

    def entropy(self) -> int:
        self.draws += 1
        return self.draws * 0x9E3779B97F4A7C15 % 2**64


def cases() -> list[tuple[str, dict[str, Any]]]:
    """Return every case with its name: the group and its place in it."""
    found = []
    for path in sorted((SUITE / "groups").glob("*.json")):
        group = json.loads(path.read_text())
        found += [(f"{path.stem}[{place}]", case) for place, case in enumerate(group)]
    return found


def datasets() -> dict[str, str]:
    """Return the JSON text of each data set."""
    return {name: json.dumps(value) for name, value in json.loads((SUITE / "datasets.json").read_text()).items()}


def code_of(case: dict[str, Any]) -> str | None:
    """Return the error code that the case wants, or None."""
    error = case.get("error")
    return case.get("code") or (error.get("code") if isinstance(error, dict) else None)


def fault_of(case: dict[str, Any], documents: dict[str, str]) -> str | None:
    """Say how the answer to `case` differs from what the suite wants, or None."""
    try:
        text = answer(case, documents)
    except EngineFault as fault:
        return None if fault.code == code_of(case) else f"raised {fault.code or fault.message}, not {wanted(case)}"
    except SyntaxFault as fault:
        return None if (code_of(case) or "").startswith("S") else f"refused: {fault}"
    if code := code_of(case):
        return f"gave {shortened(text)}, not {code}"
    if text is None or case.get("undefinedResult"):
        return None if text is None and case.get("undefinedResult") else f"gave {shortened(text)}, not {wanted(case)}"
    return None if same(json.loads(text), case["result"]) else f"gave {shortened(text)}, not {wanted(case)}"


def answer(case: dict[str, Any], documents: dict[str, str]) -> str | None:
    """Return the result of the expression as JSON text, None for undefined."""
    expression = case["expr"]
    engine.check(expression)
    tree = parse(expression)
    found = references(tree)
    clock: Any = Clock()
    bound = {**functions.pure(found.functions), **functions.scoped(found.functions, clock)}
    evaluator = engine.compile(program_text(expression, tree, found), bound)
    return evaluator.text(case.get("bindings") or {}, document_of(case, documents))


def document_of(case: dict[str, Any], documents: dict[str, str]) -> str | None:
    if "data" in case:
        return json.dumps(case["data"])
    name = case.get("dataset")
    return None if name is None else documents[name]


def same(one: Any, other: Any) -> bool:
    """Compare as JSONata does: numbers by value, but a boolean is no number; doubles may differ in the last digit."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-15 * max(abs(one), abs(other))
    return bool(one == other)


def wanted(case: dict[str, Any]) -> str:
    return code_of(case) or ("undefined" if case.get("undefinedResult") else shortened(json.dumps(case.get("result"))))


def shortened(text: str | None) -> str:
    return "undefined" if text is None else text if len(text) <= 60 else f"{text[:60]}…"
