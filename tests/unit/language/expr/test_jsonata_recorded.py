"""What AWS answered to JSONata fields, evaluated field by field; skipped where the recordings are not at hand.

For each state that AWS entered, its fields are evaluated with the input and the variables of the recording. A field is compared
with what AWS gave: the output and the assigned variables of a Pass, or the failure, whatever the state.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conductor_local.language.expr.jsonata import AT_ENTRY, AT_EXIT, IN_CATCH, QueryEvaluationError, compile_value
from language.fakes import FakeScope

RECORDED = Path(__file__).resolve().parents[5] / "shared" / "aws-recorded"
FAILURE = re.compile(r"The JSONata expression '(?P<text>.*)' specified for the field '(?P<field>[^']*)' ", re.DOTALL)
FREE = ("$uuid", "$random()", "$now", "$millis", "$states.context", "<")
"""What differs from run to run, or needs the machine around it."""

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings of AWS are not at hand")


def runs() -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """Every recorded history of a machine that has JSONata: its name, the definition, the events."""
    for file in sorted(RECORDED.rglob("*.json")):
        recorded = json.loads(file.read_text())
        if "JSONata" not in json.dumps(recorded.get("definition", "")) + json.dumps(recorded.get("cases", "")):
            continue
        for number, case in enumerate(recorded.get("cases") or [recorded]):
            definition = case.get("definition") or recorded.get("definition")
            history = (case.get("expected") or {}).get("GetExecutionHistory", {}).get("events")
            if isinstance(definition, dict) and history:
                yield f"{file.parent.name}/{file.stem}[{number}]", definition, history


def states(definition: dict[str, Any], language: str = "JSONPath") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSONata state, also those inside others."""
    language = definition.get("QueryLanguage", language)
    for name, state in definition.get("States", {}).items():
        if state.get("QueryLanguage", language) == "JSONata":
            yield name, state
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            if isinstance(inner, dict):
                yield from states(inner, language)


def compared() -> Iterator[tuple[str, Any, Any]]:
    """Every comparison that can be made: where, ours, theirs."""
    for name, definition, events in runs():
        known = dict(states(definition))
        variables: dict[str, Any] = {}
        entered: dict[str, Any] = {}
        for event in events:
            for key, details in event.items():
                if key == "stateEnteredEventDetails" and details.get("name") in known:
                    entered[details["name"]] = (event["id"], value_of(details.get("input")), dict(variables))
                if key == "evaluationFailedEventDetails" and details["state"] in entered:
                    yield from failures(name, known[details["state"]], entered[details["state"]], details)
                if key == "stateExitedEventDetails":
                    if event["type"] == "PassStateExited" and details["name"] in entered:
                        yield from exits(name, known[details["name"]], entered[details["name"]], details)
                    assigned = details.get("assignedVariables", {})
                    variables.update({variable: value_of(value) for variable, value in assigned.items()})


def exits(name: str, state: dict[str, Any], entry: Any, details: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    number, document, variables = entry
    at = FakeScope(input=document, result=document, node=details["name"], entered_event=number, variables=variables)
    if "Output" in state and not is_free(state["Output"]):
        yield f"{name} {at.node}/Output", evaluated(state["Output"], "Output", at), value_of(details["output"])
    if "Assign" in state and not is_free(state["Assign"]):
        theirs = {key: value_of(value) for key, value in details.get("assignedVariables", {}).items()}
        yield f"{name} {at.node}/Assign", evaluated(state["Assign"], "Assign", at), theirs


def failures(name: str, state: dict[str, Any], entry: Any, details: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    number, document, variables = entry
    found = FAILURE.search(details["cause"])
    if found is None:
        return
    field = details["location"].partition("/")[0]
    at = FakeScope(input=document, result={}, node=details["state"], entered_event=number, variables=variables)
    ours = evaluated(state.get(field), field, at, expects="array" if field == "Items" else None)
    yield f"{name} {at.node}/{details['location']}", ours, (details["cause"], details["location"])


def evaluated(value: Any, field: str, at: FakeScope, expects: str | None = None) -> Any:
    compiled = compile_value(value, field, context=lambda _: {}, members=AT_ENTRY | AT_EXIT | IN_CATCH, expects=expects)
    try:
        return compiled.expr(at)
    except QueryEvaluationError as failure:
        return failure.message, failure.location


def value_of(recorded: Any) -> Any:
    """Read a string of a recording that holds JSON; objects were read when it was made."""
    if not isinstance(recorded, str):
        return recorded
    try:
        return json.loads(recorded)
    except ValueError:
        return recorded


def is_free(value: Any) -> bool:
    text = json.dumps(value)
    return any(mark in text for mark in FREE)


def test_fields_give_what_aws_gave() -> None:
    comparisons = list(compared())
    differing = [(place, ours, theirs) for place, ours, theirs in comparisons if ours != theirs]

    assert differing == []
    assert len(comparisons) >= 90
