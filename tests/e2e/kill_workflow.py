"""The workflow that is killed, in both languages: every kind of step that waits or calls, with first attempts that fail, and what
it must come to. One instance of three is a state machine.
"""

import json
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

NAME = "kill-me"
RETRY = [{"errorEquals": ["FirstTime"], "intervalSeconds": 1, "backoffRate": 1, "maxAttempts": 2}]

DEFINITION: dict[str, Any] = {
    "name": NAME,
    "startAt": "double",
    "steps": {
        "double": {
            "name": "Double", "type": "function", "functionName": "double", "inputPath": "$.n", "resultPath": "$.doubled",
            "nextStepId": "pause",
        },
        "pause": {"name": "Pause", "type": "wait", "seconds": "$.pause", "nextStepId": "flaky"},
        "flaky": {
            "name": "Flaky", "type": "function", "functionName": "flaky", "inputPath": "$.n", "resultPath": "$.flaky",
            "retry": RETRY, "nextStepId": "both",
        },
        "both": {
            "name": "Both", "type": "parallel", "resultPath": "$.both", "nextStepId": "each",
            "branches": [
                {"startAt": "left", "steps": {"left": {"name": "Left", "type": "function", "functionName": "left"}}},
                {"startAt": "rest", "steps": {
                    "rest": {"name": "Rest", "type": "wait", "seconds": 0.1, "nextStepId": "right"},
                    "right": {"name": "Right", "type": "function", "functionName": "right"},
                }},
            ],
        },
        "each": {
            "name": "Each", "type": "map", "itemsPath": "$.items", "maxConcurrency": 2, "resultPath": "$.squares",
            "iterator": {
                "startAt": "square",
                "steps": {"square": {"name": "Square", "type": "function", "functionName": "square", "retry": RETRY}},
            },
        },
    },
}  # fmt: skip

LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:"
MACHINE_NAME = "kill-machine"
MACHINE_RETRY = [{"ErrorEquals": ["FirstTime"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 2}]

MACHINE: dict[str, Any] = {
    "StartAt": "Double",
    "States": {
        "Double": {
            "Type": "Task", "Resource": f"{LAMBDA}double", "InputPath": "$.n", "ResultPath": "$.doubled", "Next": "Pause",
        },
        "Pause": {"Type": "Wait", "SecondsPath": "$.pause", "Next": "Flaky"},
        "Flaky": {
            "Type": "Task", "Resource": f"{LAMBDA}flaky", "InputPath": "$.n", "ResultPath": "$.flaky", "Retry": MACHINE_RETRY,
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel", "ResultPath": "$.both", "Next": "Each",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": {"Type": "Task", "Resource": f"{LAMBDA}left", "End": True}}},
                {"StartAt": "Rest", "States": {
                    "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Right"},
                    "Right": {"Type": "Task", "Resource": f"{LAMBDA}right", "End": True},
                }},
            ],
        },
        "Each": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ResultPath": "$.squares", "End": True,
            "ItemProcessor": {
                "StartAt": "Square",
                "States": {"Square": {"Type": "Task", "Resource": f"{LAMBDA}square", "Retry": MACHINE_RETRY, "End": True}},
            },
        },
    },
}  # fmt: skip

FUNCTIONS = '''\
"""Functions that note every call, and some of which fail at the first attempt."""

import asyncio
import time
from pathlib import Path

from conductor_local.functions import Context

_LOG = Path(__file__).with_name("calls.log")


class FirstTime(Exception):
    pass


def _note(context):
    with _LOG.open("a") as log:
        log.write(context.idempotency_key + "\\n")


def _fail_at_first(context, number):
    if number % 3 == 0 and context.attempt == 1:
        raise FirstTime(f"{number} fails at first")


def double(n, context: Context):
    _note(context)
    time.sleep(0.02)
    return n * 2


async def flaky(n, context: Context):
    _note(context)
    _fail_at_first(context, n)
    return {"attempt": context.attempt}


def left(payload, context: Context):
    _note(context)
    time.sleep(0.02)
    return {"left": payload["n"] + payload["doubled"]}


async def right(payload, context: Context):
    _note(context)
    await asyncio.sleep(0.2)
    return {"right": payload["n"] * payload["doubled"]}


async def square(item, context: Context):
    _note(context)
    _fail_at_first(context, item)
    return item * item
'''


def write(folder: Path) -> None:
    """Put the definitions and the functions where the server finds them."""
    (folder / "workflow.json").write_text(json.dumps(DEFINITION))
    (folder / f"{MACHINE_NAME}.asl.json").write_text(json.dumps(MACHINE))
    (folder / "functions.py").write_text(FUNCTIONS)


def is_machine(n: int) -> bool:
    """Tell whether instance `n` is one of the state machine; either language has instances whose first attempts fail."""
    return n // 3 % 3 == 0


def name_of(n: int) -> str:
    """Return the name of the definition that instance `n` is started of."""
    return MACHINE_NAME if is_machine(n) else NAME


def payload(n: int, random: Random, pause_s_max: float) -> dict[str, Any]:
    """Make the payload of instance `n`; a state machine waits whole seconds."""
    pause = random.uniform(0.1, pause_s_max)
    return {"n": n, "pause": ceil(pause) if is_machine(n) else round(pause, 2), "items": list(range(n % 5 + 1))}


def outcome(payload: dict[str, Any]) -> dict[str, Any]:
    """Say, without Conductor, what an instance must end with."""
    n, both = payload["n"], {**payload, "doubled": payload["n"] * 2, "flaky": {"attempt": 2 if payload["n"] % 3 == 0 else 1}}
    left, right = {"left": n + n * 2}, {"right": n * n * 2}  # what a state machine's task gives replaces its input
    return {
        **both,
        "both": [left, right] if is_machine(n) else [{**both, **left}, {**both, **right}],
        "squares": [item * item for item in payload["items"]],
    }


def attempts(payload: dict[str, Any]) -> int:
    """Say how many attempts of functions an instance must make."""
    return 3 + (2 if payload["n"] % 3 == 0 else 1) + sum(2 if item % 3 == 0 else 1 for item in payload["items"])
