"""Definitions that real people wrote, made ready to compile and run: placeholders filled in, and a payload that their paths find.

The files lie beside the project and are not part of it; who uses this skips when they are not there.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from conductor_local.engine.effects import Invoke

SHARED = Path(__file__).parents[3] / "shared"
SAMPLES, INVALID = SHARED / "asl-samples", SHARED / "asl-invalid"
MISSING = "the collection of definitions is not beside the project"

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:work"
_RESOURCE = re.compile(r'("?Resource"?:\s*"?)(?:\$\{[^}]+\}|arn:aws:(?:rpcmessage|swf)[^"\n]*)')
_PARTITION = re.compile(r"\$\{[Pp]artition\}")
_PLACEHOLDER = re.compile(r"\$\{[^}]+\}")
_PATH = re.compile(r"\$(?:\$\.Execution\.Input|states\.input|states\.result)?((?:\.[\w-]+|\[\d+\]|\['[^']+'\])+)")
_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]")


@cache
def files(folder: Path) -> tuple[str, ...]:
    """Names of the definitions in a folder; none when it is not there."""
    index = folder / "index.json"
    return tuple(entry["file"] for entry in json.loads(index.read_text())["files"]) if index.exists() else ()


def sample(name: str) -> Any:
    """A definition with every placeholder filled in; resources that are none of AWS's become a function."""
    text = (SAMPLES / name).read_text()
    text = _PLACEHOLDER.sub("x", _PARTITION.sub("aws", _RESOURCE.sub(rf"\g<1>{LAMBDA}", text)))
    return yaml.safe_load(text) if name.endswith("yaml") else json.loads(text)


ENDS: dict[str, Any] = {"ItemsPath": [{}], "Items": [{}], "SecondsPath": 1, "TimestampPath": "2026-01-02T00:00:00Z"}
"""What the path in a field must lead to; elsewhere a text will do."""


def payload_for(document: Any) -> Any:
    """A payload in which every path that the definition reads leads somewhere."""
    root: dict[str, Any] = {}
    for field, text in sorted(_texts(document, ""), key=lambda found: found[0] not in ENDS):
        for path in _PATH.findall(text):
            _plant(root, _steps(path), ENDS.get(field, "1"))
    return root


def answer_for(document: Any, payload: Any) -> Callable[[Invoke], Any]:
    """What every task gives back: the payload, and what a path will look for at the place where the result goes."""
    states = dict(_states(document))

    def answer(invoke: Invoke) -> Any:
        found = payload
        for step in _steps((states[invoke.node].get("ResultPath") or "$").removeprefix("$")):
            found = found.get(step, {}) if isinstance(found, dict) else {}
        return {**payload, **(found if isinstance(found, dict) else {})}

    return answer


def _steps(path: str) -> list[str | int]:
    return [name or quoted or int(index) for name, index, quoted in _STEP.findall(path)]


def _states(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from (value["States"].items() if isinstance(value.get("States"), dict) else ())
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _states(item)


def _texts(value: Any, field: str) -> Iterator[tuple[str, str]]:
    """Give every text with the name of the field around it."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, field)


def _plant(place: Any, steps: list[str | int], end: Any) -> None:
    """Make the objects and lists on the way; what is at the end stays when it is there already."""
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        empty: Any = end if following is None else [] if isinstance(following, int) else {}
        if isinstance(step, int):
            if not isinstance(place, list):
                return
            place.extend({} for _ in range(step + 1 - len(place)))
            if following is None or not isinstance(place[step], type(empty)):
                place[step] = place[step] or empty
        elif not isinstance(place, dict):
            return
        elif step not in place or (isinstance(place[step], str) and following is not None):
            place[step] = copy.deepcopy(empty)
        place = place[step]
