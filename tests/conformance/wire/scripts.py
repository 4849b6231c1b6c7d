"""The recordings that are sequences of calls: read, and said of each whether it can be played here."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conductor_local.api.aws.operations import OPERATIONS

from ..replay import stand_in
from ..replay.cases import ROLE_ARN, SERVICES, filled

Json = Any
KINDS = frozenset({"create", "validate", "test_state", "script"})
_HARMLESS = frozenset(
    {"jsonata", "logs", "states-integration", "activity", "distributed-map", "task-token", "lambda", "second-account"}
)  # fmt: skip
"""Needs that ask for nothing but this server; log groups may be missing, and nobody looks at the account of a role."""
_LISTENING = frozenset({"ReceiveMessage", "DeleteMessage"})
"""What the recorder did to see what a queue was given."""
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
    is_outside: bool = False
    """Whether it calls other services, which a stand-in plays; `setup` is what must be there before."""
    setup: Sequence[Json] = ()
    is_before_redrive: bool = False


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
        is_outside=recording["kind"] != "test_state" and not SERVICES.isdisjoint(recording["needs"]),
        is_before_redrive=_date(recording) < "2023-11-15",
        setup=[step for step in filled(recording.get("setup", [])) if step["op"] not in _LISTENING],
    )


def _date(recording: dict[str, Json]) -> str:
    """Return the day of a recording, such as `2023-06-30`."""
    return "-".join(reversed(recording.get("recorded", "").partition(",")[0].split("-")))


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
    needs = set(recording["needs"]) - _HARMLESS - (SERVICES if stand_in.is_there() else set())
    if recording["kind"] != "test_state" and needs:
        return f"it needs {', '.join(sorted(needs))}"
    if any(step.operation.startswith("SendTask") and _is_foreign(step.params.get("taskToken")) for step in steps):
        return "it answers with tokens that AWS had given"
    return f"there is no {missing[0]}" if missing else ""


def _is_foreign(token: Json) -> bool:
    """Whether this is a token, and not the place of one in an earlier answer."""
    return isinstance(token, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", token) is not None


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
