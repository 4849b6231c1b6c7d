"""The recordings that are sequences of calls: read, and said of each whether it can be played here."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conductor_local.api.aws.operations import OPERATIONS

from ..replay.cases import ROLE_ARN, filled

Json = Any
KINDS = frozenset({"create", "validate", "test_state", "script"})
_HARMLESS = frozenset({"jsonata", "logs", "states-integration", "activity", "distributed-map"})
"""Needs that ask for nothing but this server; log groups may be missing."""
_EARLIER = re.compile(r"\{\{steps\[(\d+)\]((?:\.\w+|\[\d+\])+)\}\}")
_NUMBERED_ROLE = re.compile(r"snf_role_arn_t(\d)")
_PART = re.compile(r"\.(\w+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `names` are the entries of what is expected; `is_poll`: repeated until what was waited for had happened."""

    operation: str
    params: Json
    service: str = "stepfunctions"
    names: tuple[str, ...] = ()
    is_poll: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One recording; `obstacle` says why it cannot be played, when it cannot."""

    id: str
    kind: str
    module: str
    steps: Sequence[Step]
    expected: dict[str, Json]
    obstacle: str = ""
    behaviours: dict[str, str] = field(default_factory=dict)
    """What the handler of each function does, in the words of the recording."""


def load_scripts(root: Path) -> list[Script]:
    """Read every recording of these kinds, in a fixed order."""
    recordings = (json.loads(file.read_text()) for file in sorted(root.rglob("*.json")))
    return [script for recording in recordings for script in read_script(recording)]


def read_script(recording: dict[str, Json]) -> Iterator[Script]:
    """Take one file; nothing comes of other kinds."""
    if recording["kind"] not in KINDS:
        return
    steps = _with_roles([_step(given) for given in recording["steps"]], recording["expected"])
    yield Script(
        id=recording["id"],
        kind=recording["kind"],
        module=recording["id"].partition("/")[0].partition(".")[0],
        steps=steps,
        expected=recording["expected"],
        obstacle=_obstacle(recording, steps),
        behaviours={filled(name): told["behaviour"] for name, told in recording.get("lambdas", {}).items()},
    )


def params_of(step: Step, answers: Sequence[Json]) -> Json:
    """Return the parameters of a call, with fields of earlier answers in the place of `{{steps[2].executionArn}}`."""
    return _resolved(step.params, answers)


def _step(given: dict[str, Json]) -> Step:
    expect = given.get("expect", [])
    names = (expect,) if isinstance(expect, str) else tuple(expect)
    return Step(given["op"], filled(given["params"]), given.get("service", "stepfunctions"), names, given.get("poll", False))


def _with_roles(steps: list[Step], expected: dict[str, Json]) -> list[Step]:
    """Tell roles apart: the recording calls them all the same, and the description that comes next says which one it was."""
    found, role = list[Step](), ROLE_ARN
    for step in reversed(steps):
        for name in step.names:
            answer = expected.get(name)
            if isinstance(answer, dict) and (shown := answer.get("roleArn")):
                number = _NUMBERED_ROLE.fullmatch(shown)
                role = f"{ROLE_ARN}-{number[1]}" if number else ROLE_ARN
        has_role = step.service == "stepfunctions" and step.params.get("roleArn") == ROLE_ARN
        found.append(replace(step, params={**step.params, "roleArn": role}) if has_role else step)
    return found[::-1]


def _obstacle(recording: dict[str, Json], steps: Sequence[Step]) -> str:
    missing = [step.operation for step in steps if step.service == "stepfunctions" and step.operation not in OPERATIONS]
    needs = set(recording["needs"]) - _HARMLESS
    if recording["kind"] != "test_state" and needs:
        return f"it needs {', '.join(sorted(needs))}"
    if any("ActivityStarted" in json.dumps(answer) for answer in recording["expected"].values()):
        return "it needs the worker of an activity"
    return f"there is no {missing[0]}" if missing else ""


def _resolved(value: Json, answers: Sequence[Json]) -> Json:
    match value:
        case str():
            return _EARLIER.sub(lambda found: str(_member(answers[int(found[1])], found[2])), value)
        case list():
            return [_resolved(item, answers) for item in value]
        case dict():
            return {name: _resolved(item, answers) for name, item in value.items()}
        case _:
            return value


def _member(answer: Json, path: str) -> Json:
    found = answer
    for name, index in _PART.findall(path):
        try:
            found = found[name] if name else found[int(index)]
        except LookupError:
            raise LookupError(f"{path} is not in the earlier answer {answer}") from None
    return found
