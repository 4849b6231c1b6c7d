"""A `Scope` to call slots with, and shorthands for definitions."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from conductor_local.errors import DefinitionError, Problem
from conductor_local.language import Compiled, compile, from_document, read
from conductor_local.program import Failure, Item, Node

ENTRY = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class FakeScope:
    input: Any = None
    arguments: Any = None
    result: Any = None
    failure: Failure | None = None
    node: str = "a"
    entered_at: datetime = ENTRY
    entered_event: int = 0
    retries: int = 0
    item: Item | None = None
    task_token: str | None = None
    execution_id: str = "run-1"
    execution_name: str = "run-1"
    execution_input: Any = None
    started_at: datetime = ENTRY
    redrives: int = 0
    now: datetime = ENTRY
    variables: dict[str, Any] = field(default_factory=dict)

    def variable(self, name: str) -> Any:
        return self.variables[name]

    def entropy(self) -> int:
        return 0


def scope(payload: Any = None, **more: Any) -> FakeScope:
    more.setdefault("arguments", payload)
    return FakeScope(input=payload, **more)


def workflow(steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "w", "startAt": next(iter(steps)), "steps": steps, **more}


def build(steps: dict[str, Any], **more: Any) -> Compiled:
    return compile(from_document(workflow(steps, **more)))


def only(step: dict[str, Any], **more: Any) -> Node:
    """Compile a workflow whose one step, `a`, is `step`, with an end `z` beside it for those that need one."""
    return build({"a": step, "z": {"type": "succeed"}}, **more).program.body.nodes["a"]


def call(**fields: Any) -> dict[str, Any]:
    return {"type": "function", "functionName": "f", **fields}


def problems_of(document: Any) -> list[Problem]:
    """The problems that refuse a document, as `from_document` or as text."""
    with pytest.raises(DefinitionError) as caught:
        compile(read(document) if isinstance(document, str | bytes) else from_document(document))
    return list(caught.value.problems)


def refusals(steps: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    """Pointers and codes of the errors in a workflow of these steps."""
    return [(one.pointer, one.code) for one in problems_of(workflow(steps, **more)) if one.severity == "error"]


def warnings_of(steps: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    return [(one.pointer, one.code) for one in build(steps, **more).warnings]
