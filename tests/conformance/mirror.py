"""Programs built by hand for the plainest of the recorded definitions: they prove engine and projection without any front end.

Understood are Pass, Task, Wait, Succeed, Fail, Parallel and Map with literals, `$.plain.paths`, a ResultPath at the top level,
Retry and Catch, and from JSONata plain references and undefined variables. Anything else is `NotMirrored`.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from conductor_local.errors import EvaluationError
from conductor_local.program import (
    Body,
    Catcher,
    Expr,
    Fail,
    Failure,
    Map,
    Node,
    Parallel,
    Pass,
    Program,
    Resource,
    Retrier,
    Scope,
    Succeed,
    Task,
    Wait,
)

Json = Any
_NAMELESS = {"Type", "Comment", "Next", "End", "QueryLanguage"}
_FIELDS = {
    "Pass": {"Result", "ResultPath", "Output", "Assign"},
    "Task": {
        "Resource",
        "Parameters",
        "Arguments",
        "TimeoutSeconds",
        "HeartbeatSeconds",
        "ResultPath",
        "Output",
        "Assign",
        "Retry",
        "Catch",
    },
    "Wait": {"Seconds", "Timestamp"},
    "Succeed": set(),
    "Fail": {"Error", "Cause"},
    "Parallel": {"Branches", "Output", "Assign", "Retry", "Catch"},
    "Map": {"Iterator", "ItemProcessor", "MaxConcurrency", "ItemsPath", "Items", "ToleratedFailureCountPath", "Retry", "Catch"},
}
_PROCESSOR = {"StartAt", "States", "Comment", "ProcessorConfig", "QueryLanguage", "TimeoutSeconds"}


_PLAIN_PATH = re.compile(r"\$(\.\w+)*")


class NotMirrored(Exception):
    """The definition says something that is not understood here."""


def mirror(definition: Json) -> Program:
    """Build a program that does what a plain definition says."""
    if not isinstance(definition, dict):
        raise NotMirrored(type(definition))
    return Program(body=_body(definition, definition.get("QueryLanguage", "")), timeout_s=definition.get("TimeoutSeconds"))


def _body(machine: Json, language: str) -> Body:
    _only(machine, _PROCESSOR)
    if machine.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        raise NotMirrored("DISTRIBUTED")
    return Body(machine["StartAt"], {name: _node(name, state, language) for name, state in machine["States"].items()})


def _node(name: str, state: Json, language: str) -> Node:
    kind = state["Type"]
    if kind not in _FIELDS:
        raise NotMirrored(kind)
    _only(state, _FIELDS[kind] | _NAMELESS)
    language = state.get("QueryLanguage", language)
    common: dict[str, Any] = {"name": name, "title": name}
    if kind not in ("Succeed", "Fail"):
        common["next"] = state.get("Next")
    if "Assign" in state:
        common["assign"] = _template(state["Assign"], name, "Assign")
    if kind in ("Task", "Parallel", "Map"):
        common["retry"] = tuple(_retrier(retrier) for retrier in state.get("Retry", ()))
        common["catch"] = tuple(_catcher(catcher, language) for catcher in state.get("Catch", ()))
    match kind:
        case "Pass":
            return Pass(**common, output=_pass_output(name, state))
        case "Task":
            return _task(state, common)
        case "Wait":
            return Wait(**common, until=_until(name, state))
        case "Succeed":
            return Succeed(**common)
        case "Fail":
            return Fail(**common, error=_text(state.get("Error")), cause=_text(state.get("Cause")))
        case "Parallel":
            if "Output" in state:
                common["output"] = _template(state["Output"], name, "Output")
            return Parallel(**common, branches=tuple(_body(branch, language) for branch in state["Branches"]))
        case _:
            inner = state.get("ItemProcessor") or state["Iterator"]
            items = _items(state, language)
            return Map(**common, items=items, body=_body(inner, language), window=_window(name, state))


def _task(state: Json, common: dict[str, Any]) -> Task:
    name: str = state["Resource"]
    given = state.get("Parameters", state.get("Arguments"))
    return Task(
        **common,
        resource=Resource("lambda" if ":lambda:" in name and ":::" not in name else "integration", name),
        arguments=None if given is None else _template(given, common["name"], "Arguments"),
        output=_template(state["Output"], common["name"], "Output")
        if "Output" in state
        else _written(state.get("ResultPath", "$")),
        timeout_s=_seconds(state.get("TimeoutSeconds")),
        heartbeat_s=_seconds(state.get("HeartbeatSeconds")),
    )


def _pass_output(name: str, state: Json) -> Expr | None:
    if "Output" in state:
        return _template(state["Output"], name, "Output")
    result = (lambda _: state["Result"]) if "Result" in state else (lambda scope: scope.result)
    written = _written(state.get("ResultPath", "$"), result)
    return written or (result if "Result" in state else None)


def _items(state: Json, language: str) -> Expr:
    if language != "JSONata":
        return _path(state.get("ItemsPath", "$"))
    given = state.get("Items")
    read = (lambda scope: scope.input) if given is None else _template(given, "", "Items")

    def items(scope: Scope) -> Json:
        value = read(scope)
        if isinstance(value, list):
            return value
        kind = {dict: "object", str: "string", bool: "boolean", type(None): "null"}.get(type(value), "number")
        text = str(given).removeprefix("{%").removesuffix("%}").strip()
        shown = json.dumps(value, separators=(",", ":"))
        if given is None:
            raise _evaluation(scope, f"Map state input must be an array but was: {shown}", "")
        why = f"returned an unexpected result type. Expected 'array', but was '{kind}' for value: {shown}"
        raise _evaluation(scope, f"The JSONata expression '{text}' specified for the field 'Items' {why}", "Items")

    return items


def _window(name: str, state: Json) -> Expr | None:
    window, tolerated = state.get("MaxConcurrency", 0), state.get("ToleratedFailureCountPath")
    read = None if tolerated is None else _path(tolerated)
    if not isinstance(window, int):
        raise NotMirrored(window)

    def check(scope: Scope) -> int:
        count = 0 if read is None else read(scope)
        if not isinstance(count, int):
            raise NotMirrored("ToleratedFailureCountPath")
        if count < 0:
            raise EvaluationError("States.Runtime", f"{_place(scope)} ToleratedFailureCount cannot be negative.")
        return window

    return check


def _retrier(given: Json) -> Retrier:
    _only(given, {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "Comment"})
    return Retrier(
        matches=_matches(given["ErrorEquals"]),
        interval_s=given.get("IntervalSeconds", 1),
        attempts_max=given.get("MaxAttempts", 3),
        backoff_rate=given.get("BackoffRate", 2.0),
    )


def _catcher(given: Json, language: str) -> Catcher:
    _only(given, {"ErrorEquals", "Next", "Comment", "ResultPath", "Output"})
    if given.get("ResultPath", "$") != "$":
        raise NotMirrored("ResultPath")
    output = _template(given["Output"], "", "Output") if "Output" in given else _error_output
    return Catcher(matches=_matches(given["ErrorEquals"]), next=given["Next"], output=output)


def _matches(names: list[str]) -> Callable[[Failure], bool]:
    def matches(failure: Failure) -> bool:
        if failure.error == "States.Runtime":
            return False
        if failure.error == "States.DataLimitExceeded":
            return failure.error in names
        return (
            failure.error in names or "States.ALL" in names or ("States.TaskFailed" in names and failure.error != "States.Timeout")
        )

    return matches


# --- values -----------------------------------------------------------------------------------------------------------------------


def _error_output(scope: Scope) -> Json:
    assert scope.failure is not None
    return {"Error": scope.failure.error, "Cause": scope.failure.cause}


def _template(given: Json, state: str, location: str) -> Expr:
    match given:
        case str() if given.startswith("{%"):
            return _jsonata(given.removeprefix("{%").removesuffix("%}").strip(), state, location)
        case dict():
            made = {}
            if location == "Output" and any(key.endswith(".$") for key in given):
                raise NotMirrored("JSONPath in JSONata")
            for key, value in given.items():
                name = key.removesuffix(".$")
                made[name] = _path(value) if name != key else _template(value, state, f"{location}/{key}")
            return lambda scope: {name: expr(scope) for name, expr in made.items()}
        case list():
            members = [_template(value, state, f"{location}[{index}]") for index, value in enumerate(given)]
            return lambda scope: [member(scope) for member in members]
        case _:
            return lambda _: given


def _jsonata(text: str, state: str, location: str) -> Expr:
    if text == "$states.input":
        return lambda scope: scope.input
    if text == "$states.result":
        return lambda scope: scope.result
    if text == "$states.errorOutput":
        return _error_output
    if text.startswith("$states.input."):
        return _path(text.removeprefix("$states.input").join(("$", "")))
    if text in ("true", "null", "1"):
        return lambda _: json.loads(text)
    if not text.removeprefix("$").isalnum() or not text.startswith("$"):
        raise NotMirrored(text)

    def variable(scope: Scope) -> Json:
        try:
            return scope.variable(text.removeprefix("$"))
        except KeyError:
            why = f"The JSONata expression '{text}' specified for the field '{location}' returned nothing (undefined)."
            raise _evaluation(scope, why, location) from None

    return variable


def _place(scope: Scope) -> str:
    return f"An error occurred while executing the state '{scope.node}' (entered at the event id #{scope.entered_event})."


def _evaluation(scope: Scope, why: str, location: str) -> EvaluationError:
    return EvaluationError("States.QueryEvaluationError", f"{_place(scope)} {why}", location=location)


def _path(path: Json) -> Expr:
    if path == "$$.Task.Token":
        return lambda scope: scope.task_token
    if not isinstance(path, str) or not _PLAIN_PATH.fullmatch(path):
        raise NotMirrored(path)
    names = path.split(".")[1:]

    def read(scope: Scope) -> Json:
        value = scope.input
        for name in names:
            value = value[name]
        return value

    return read


def _written(path: Json, result: Expr = lambda scope: scope.result) -> Expr | None:
    if path == "$":
        return None
    name = str(path).removeprefix("$.")
    if not name.isalnum() or path is None:
        raise NotMirrored(path)
    return lambda scope: {**scope.input, name: result(scope)}


def _seconds(given: Json) -> Expr | None:
    if isinstance(given, str):
        raise NotMirrored(given)
    return None if given is None else lambda _: given


def _until(name: str, state: Json) -> Callable[[Scope], datetime]:
    seconds, given = state.get("Seconds"), state.get("Timestamp")
    if isinstance(seconds, int):
        return lambda scope: scope.now + timedelta(seconds=seconds)
    if given is None or not given.startswith("{%"):
        raise NotMirrored(name)
    read = _template(given, name, "Timestamp")

    def until(scope: Scope) -> datetime:
        text = read(scope)
        try:
            if "T" not in text or not text.endswith("Z"):
                raise ValueError(text)
            return datetime.fromisoformat(text)
        except ValueError:
            why = f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}"
            raise _evaluation(scope, why, "Timestamp") from None

    return until


def _text(given: Json) -> Expr | None:
    if isinstance(given, str) and given.startswith("{%"):
        raise NotMirrored(given)
    return None if given is None else lambda _: given


def _only(given: Json, known: set[str]) -> None:
    if unknown := set(given) - known:
        raise NotMirrored(sorted(unknown))
