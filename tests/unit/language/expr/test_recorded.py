"""What AWS answered to machines of Pass and Fail states in JSONPath mode; skipped where the recordings are not at hand."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conductor_local.errors import EvaluationError
from conductor_local.language.expr import (
    Context,
    Machine,
    Read,
    compile_template,
    data_path,
    parse,
    parse_result_path,
    read_text,
    writer,
)
from conductor_local.program import ErrorName
from language.fakes import FakeScope

RECORDED = Path(__file__).resolve().parents[5] / "shared" / "aws-recorded"
ARN = "arn:<partition>:states:<region>:111111111111"
MACHINE = Machine(
    f"{ARN}:stateMachine:<ArnPart_0idx>", "<ArnPart_0idx>", "snf_role_arn", lambda name: f"{ARN}:execution:<ArnPart_0idx>:{name}"
)
CONTEXT = Context(MACHINE)
FREE = re.compile(r"date|start-time|entered-time|<uuid:\d+>|RandomNumberGenerated|<json-input:\d+>")
"""Placeholders that stand for what differs from run to run."""
NOT_EVALUATED = {"Comment", "Type", "Next", "End"}
KNOWN = {
    "Pass": {"InputPath", "OutputPath", "ResultPath", "Parameters", "Result", "Assign"},
    "Fail": {"ErrorPath", "CausePath", "Error", "Cause"},
}

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings of AWS are not at hand")


def cases() -> Iterator[Any]:
    """Every recorded run of a machine that this layer can evaluate without a front end."""
    for file in sorted(RECORDED.rglob("*.json")):
        recorded = json.loads(file.read_text())
        if not isinstance(recorded, dict) or recorded.get("kind") not in ("execution", "executions"):
            continue
        for number, case in enumerate(recorded.get("cases", [recorded])):
            definition = case.get("definition", recorded.get("definition"))
            events = case.get("expected", {}).get("GetExecutionHistory", {}).get("events")
            if is_evaluable(definition) and events and not is_too_large(events):
                yield pytest.param(definition, events, id=f"{file.stem}-{number}")


def is_evaluable(definition: Any) -> bool:
    if not isinstance(definition, dict) or "QueryLanguage" in definition or "{{" in json.dumps(definition):
        return False
    return all(
        state["Type"] in KNOWN and state.keys() <= KNOWN[state["Type"]] | NOT_EVALUATED for state in definition["States"].values()
    )


def is_too_large(events: Any) -> bool:
    """Sizes are the engine's affair."""
    return any(event.get("executionFailedEventDetails", {}).get("error") == ErrorName.DATA_LIMIT for event in events)


def unparsed(text: Any) -> Any:
    """Undo what the recordings did to texts that hold an object; other texts are JSON still."""
    return json.loads(text) if isinstance(text, str) else text


def path_read(state: dict[str, Any], field: str) -> Read:
    if state.get(field, "$") is None:
        return lambda _document, _scope: {}
    return data_path(parse(state.get(field, "$")), CONTEXT)


def fill(template: Any, document: Any, scope: FakeScope) -> Any:
    return compile_template(template, CONTEXT, lambda *refusal: pytest.fail(str(refusal)))(document, scope)


def run_pass(state: dict[str, Any], raw: Any, scope: FakeScope) -> tuple[Any, dict[str, Any]]:
    """Give the output and the variables to set."""
    document = path_read(state, "InputPath")(raw, scope)
    result = (
        state["Result"] if "Result" in state else fill(state["Parameters"], document, scope) if "Parameters" in state else document
    )
    assigned = fill(state.get("Assign", {}), result, scope)
    target = state.get("ResultPath", "$")
    written = writer(None if target is None else parse_result_path(target))(raw, result, scope)
    return path_read(state, "OutputPath")(written, scope), assigned


def run_fail(state: dict[str, Any], raw: Any, scope: FakeScope) -> tuple[str, str]:
    def text(field: str) -> str:
        found = state.get(field)
        if found is None and f"{field}Path" in state:
            found = read_text(state[f"{field}Path"], f"{field}Path", CONTEXT)(raw, scope)
        return str(found)

    return text("Error"), text("Cause")


def assert_same(found: Any, expected: Any) -> None:
    """Compare as JSON; where the recording has a placeholder, anything may stand."""
    if isinstance(expected, str) and isinstance(found, str):
        pieces = FREE.split(expected)
        assert re.fullmatch(".*".join(map(re.escape, pieces)), found, re.DOTALL), (found, expected)
    elif isinstance(expected, dict):
        assert isinstance(found, dict)
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_same(found[key], value)
    elif isinstance(expected, list):
        assert isinstance(found, list)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif not (isinstance(expected, str) and FREE.fullmatch(expected)):
        assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(("definition", "events"), list(cases()))
def test_an_evaluation_gives_what_aws_gave(definition: dict[str, Any], events: list[dict[str, Any]]) -> None:
    value = unparsed(events[0]["executionStartedEventDetails"].get("input", {}))
    scope = FakeScope(execution_input=value, execution_id="<ExecArnPart_0idx>", execution_name="<ExecArnPart_0idx>")
    for event in events:
        if "stateEnteredEventDetails" in event:
            scope.node, scope.entered_event = event["stateEnteredEventDetails"]["name"], event["id"]
            state = definition["States"][scope.node]
            try:
                ended = run_fail(state, value, scope) if state["Type"] == "Fail" else run_pass(state, value, scope)
            except EvaluationError as failure:
                ended = failure.error, failure.message
        elif details := event.get("stateExitedEventDetails"):
            value, assigned = ended
            assert_same(value, unparsed(details["output"]))
            assert_same(assigned, {name: unparsed(text) for name, text in details.get("assignedVariables", {}).items()})
            scope.variables |= assigned
        elif details := event.get("executionFailedEventDetails"):
            error, cause = ended
            assert_same(error, details.get("error", "None"))
            assert_same(cause, details.get("cause", "None"))


def test_there_is_something_to_compare_with() -> None:
    assert len(list(cases())) > 40
