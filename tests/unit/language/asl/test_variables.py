"""Names of variables and the scopes they live in."""

from typing import Any

import pytest

from conductor_local.errors import DefinitionError
from conductor_local.language import compile, from_document


def assigning(name: str) -> dict[str, Any]:
    return {"Type": "Pass", "Assign": {name: 1}}


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """States one after the other."""
    names = list(states)
    ways = [*({"Next": name} for name in names[1:]), {"End": True}]
    return {"StartAt": names[0], "States": {name: states[name] | way for name, way in zip(names, ways, strict=True)}}


def fork(*branches: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), **more}


def each(processor: dict[str, Any], mode: str = "INLINE") -> dict[str, Any]:
    config = {"Mode": mode} | ({"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {})
    return {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, **processor}}


def problems(document: dict[str, Any]) -> list[tuple[str | None, str]]:
    try:
        compile(from_document(document))
    except DefinitionError as refused:
        return [(problem.location, problem.message) for problem in refused.problems]  # type: ignore[attr-defined]
    return []


USED = "Variable name 'x' is already used in an outer scope"
BRANCH = "/States/B/Branches[0]/States"
INNER = machine(C=assigning("x"))
CATCHER = {"ErrorEquals": ["E"], "Next": "B", "Assign": {"x": 1}}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (machine(A=assigning("x"), B=fork(INNER)), f"{BRANCH}/C/Assign"),
        (machine(B=fork(INNER), A=assigning("x")), f"{BRANCH}/C/Assign"),
        (machine(A=assigning("x"), B=fork(machine(C={"Type": "Pass", "Assign": {"x.$": "$.a"}}))), f"{BRANCH}/C/Assign"),
        (machine(A=assigning("x"), B=each(INNER)), "/States/B/ItemProcessor/States/C/Assign"),
        (machine(A=assigning("x"), B=fork(machine(D=each(INNER)))), f"{BRANCH}/D/ItemProcessor/States/C/Assign"),
        (
            machine(A=fork(machine(F={"Type": "Pass"}), Catch=[CATCHER]), B=fork(INNER)),
            f"{BRANCH}/C/Assign",
        ),
    ],
    ids=["before", "after", "by a path", "map", "two levels", "catcher"],
)  # fmt: skip
def test_a_name_that_is_assigned_around_is_refused(document: dict[str, Any], place: str) -> None:
    assert problems(document) == [(place, USED)]


@pytest.mark.parametrize(
    "document",
    [
        machine(B=fork(INNER, machine(D=assigning("x")))),
        machine(B=fork(INNER, Assign={"x": 1})),
        machine(A=assigning("x"), B=each(INNER, mode="DISTRIBUTED")),
        machine(A=assigning("y"), B=fork(INNER)),
    ],
    ids=["siblings", "the state around", "distributed", "another name"],
)
def test_scopes_that_do_not_see_each_other_share_names(document: dict[str, Any]) -> None:
    assert problems(document) == []
