"""Play scripts over boto3, and put each answer beside the recorded one."""

import json
import time
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from ..replay import histories
from ..replay.compare import ABSENT, Comparison, Difference
from ..replay.stand_in import stand_in
from ..replay.verdicts import Verdict, verdict_of
from .refusals import as_aws_says
from .scripts import Script, Step, params_of
from .world import World, world

Json = Any
PATIENCE_S = 10.0
PAUSE_S = 0.02
_ENDS = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})


def judge_all(scripts: Sequence[Script]) -> Iterator[Verdict]:
    """Play all that can be played, each in an empty world."""
    with world() as (served, client):
        for script in scripts:
            yield judge_script(script, served, client)


def judge_script(script: Script, served: World, client: Any) -> Verdict:
    """Play one. Whatever goes wrong on the way is a failing case."""
    if script.obstacle:
        return verdict_of(script, "not yet", Difference("steps", "a world to play in", script.obstacle))
    endpoints = []
    if script.is_outside:
        stand_in().prepare(script.setup)
        endpoints = [stand_in().url]
    served.empty(script.behaviours, endpoints)
    try:
        found = _first_difference(script, client)
    except Exception:  # noqa: BLE001
        return verdict_of(script, "fail", Difference("steps", "an answer", traceback.format_exc()))
    return verdict_of(script, "fail" if found else "pass", found)


def _first_difference(script: Script, client: Any) -> Difference | None:
    comparison, answers = Comparison(is_before_redrive=script.is_before_redrive), list[Json]()
    is_concurrent = any(histories.has_branches(_definition(step)) for step in script.steps)
    for number, step in enumerate(script.steps):
        answer = _answer(client, step, answers) if step.service == "stepfunctions" else {}
        answers.append(answer)
        for name in step.names:
            if found := _compare(comparison, script.expected.get(name, ABSENT), answer, is_concurrent=is_concurrent):
                return Difference(f"steps[{number}] {name}.{found.path}".rstrip("."), found.expected, found.got)
    return None


def _definition(step: Step) -> Json:
    try:
        return json.loads(step.params["definition"])
    except (KeyError, TypeError, ValueError):
        return None


def _answer(client: Any, step: Step, answers: Sequence[Json]) -> Json:
    """Make a call; one that polls is made until it tells what was waited for, or for as long as we have patience."""
    params = params_of(step, answers)
    until = time.monotonic() + PATIENCE_S
    while True:
        answer = _called(client, step.operation, params)
        if not step.is_poll or _has_happened(step.operation, answer) or time.monotonic() > until:
            return answer
        time.sleep(PAUSE_S)


def _called(client: Any, operation: str, params: Json) -> Json:
    """Return an answer; of a refusal everything that boto3 tells of it."""
    try:
        return getattr(client, xform_name(operation))(**params)
    except ClientError as error:
        return {**error.response, "exception_typename": type(error).__name__, "exception_value": str(error)}


def _has_happened(operation: str, answer: Json) -> bool:
    match operation:
        case "GetExecutionHistory":
            return bool(answer.get("events")) and answer["events"][-1]["type"] in _ENDS
        case "DescribeExecution":
            return bool(answer.get("status") != "RUNNING")
        case "ListExecutions":
            return bool(answer.get("executions"))
        case _:
            return True


def _compare(comparison: Comparison, expected: Json, answer: Json, *, is_concurrent: bool) -> Difference | None:
    """Compare status and members. A recorded refusal has one of two forms, ours has both.

    A text is boto3's, which sent nothing; a list is what another service was given, which only that service could show.
    """
    if isinstance(expected, str | list):
        return None
    expected = as_aws_says(expected)
    if "exception_typename" in expected:
        answer = {name: answer.get(name, ABSENT) for name in ("exception_typename", "exception_value")}
        return comparison.difference(expected, answer)
    answer = {name: value for name, value in answer.items() if not name.startswith("exception_")}
    statuses = (_status(expected), _status(answer))
    if statuses[0] != statuses[1]:
        return Difference("HTTPStatusCode", statuses[0], answer)
    if "events" in expected and "events" in answer:
        return histories.difference(
            comparison, expected["events"], answer["events"], is_normalised=False, is_concurrent=is_concurrent
        )  # fmt: skip
    return comparison.difference(expected, answer)


def _status(answer: Json) -> Json:
    return answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
