"""The recordings: read, spread out (one execution each), their placeholders filled in.

The folder is a sibling of the repository, or wherever CONDUCTOR_AWS_RECORDED says; it is not part of the project.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

Json = Any
GROUPS = frozenset("ABD")
SERVICES = frozenset({"sqs", "sns", "dynamodb", "events", "s3", "secretsmanager"})
"""The services that there is a stand-in for."""
_ENOUGH = SERVICES | {"logs", "lambda", "second-account", "distributed-map", "jsonata"}
"""What cases of group C may need to be replayed. All accounts are one here, and nobody looks into the logs."""
KINDS = frozenset({"execution", "executions"})
ACCOUNT, REGION = "111111111111", "us-east-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/conformance"
_FIXED = {
    "account_id": ACCOUNT, "role_arn": ROLE_ARN, "endpoint": f"https://sqs.{REGION}.amazonaws.com", "bucket_0": "bucket-name",
    "table_0": "table-name",
}  # fmt: skip
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One execution and what AWS answered. `input` is JSON text; `expected` maps an operation to its answer, or has `output`."""

    id: str
    kind: str
    module: str
    definition: Json
    input: str
    expected: dict[str, Json]
    is_express: bool = False
    is_sync: bool = False
    is_normalised: bool = False
    behaviours: dict[str, str] = field(default_factory=dict)
    """What the handler of each function does, in the words of the recording."""
    objects: dict[str, dict[str, str]] = field(default_factory=dict)
    """What buckets hold: bodies by bucket and key."""
    setup: list[Json] = field(default_factory=list)
    """The calls of services that were made before."""
    is_outside: bool = False
    """Whether it calls services that `stand_in.py` has."""


def folder() -> Path:
    """Return where the recordings are, or would be."""
    return Path(os.environ.get("CONDUCTOR_AWS_RECORDED") or Path(__file__).parents[4] / "shared" / "aws-recorded")


def load(root: Path) -> list[Case]:
    """Read every case that can be replayed, in a fixed order."""
    return [case for file in sorted(root.rglob("*.json")) for case in read(json.loads(file.read_text()))]


def read(recording: dict[str, Json]) -> Iterator[Case]:
    """Take one file apart; nothing comes of kinds and groups that need more than an execution."""
    needs = set(recording.get("needs", ()))
    if recording["kind"] not in KINDS or not (recording["group"] in GROUPS or needs <= _ENOUGH):
        return
    if "FifoTopic" in json.dumps(recording.get("setup")):  # such a topic has a name of its own kind
        recording = json.loads(json.dumps(recording).replace("{{topic_0}}", "{{topic_0}}.fifo"))
    setup = filled(recording.get("setup", []))
    make = partial(
        Case,
        kind=recording["kind"],
        module=recording["id"].partition("/")[0].partition(".")[0],
        is_express=recording.get("type") == "EXPRESS",
        is_sync=recording.get("start") == "StartSyncExecution",
        is_normalised=recording.get("parallel_normalised", False),
        objects=_objects(setup),
        setup=setup,
        is_outside=recording["group"] == "C" and "distributed-map" not in needs and not needs.isdisjoint(SERVICES),
        behaviours={filled(name): described["behaviour"] for name, described in recording.get("lambdas", {}).items()},
    )
    if recording["kind"] == "execution":
        definition = filled(recording["definition"])
        yield make(id=recording["id"], definition=definition, input=_input(recording), expected=recording["expected"])
        return
    for number, case in enumerate(recording["cases"]):
        definition = filled(case.get("definition", recording.get("definition")))
        yield make(id=f"{recording['id']}#{number}", definition=definition, input=_input(case), expected=case["expected"])


def _objects(setup: list[Json]) -> dict[str, dict[str, str]]:
    """Read the preparing calls for what buckets hold."""
    found: dict[str, dict[str, str]] = {}
    for step in setup:
        given = step.get("params", {})
        if step.get("service") == "s3" and "Bucket" in given:
            found.setdefault(given["Bucket"], {}).update({given["Key"]: given["Body"]} if "Body" in given else {})
    return found


def filled(value: Json) -> Json:
    """Put values in the place of `{{placeholders}}`."""
    match value:
        case str():
            return _PLACEHOLDER.sub(lambda found: _FIXED.get(found[1]) or found[1].replace("_", "-"), value)
        case list():
            return [filled(item) for item in value]
        case dict():
            return {filled(key): filled(item) for key, item in value.items()}
        case _:
            return value


def _input(recording: dict[str, Json]) -> str:
    if "input_text" in recording:
        return str(filled(recording["input_text"]))
    return json.dumps(filled(recording["input"])) if "input" in recording else "{}"
