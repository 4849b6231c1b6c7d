"""Calls TestState in a world of its own."""

import json
from collections.abc import Callable
from typing import Any

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.operations.test_state import test_state as try_state
from conductor_local.runtime.settings import Settings
from conductor_local.testing.harness import Harness

ROLE = "arn:aws:iam::000000000000:role/r"
INVOKE = "arn:aws:states:::lambda:invoke"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:"
_JSON = ("definition", "input", "context", "variables")


async def answer(definition: Any, functions: dict[str, Callable[..., Any]] | None = None, **params: Any) -> dict[str, Any]:
    """Return the answer; what the API takes as JSON text may be given as values."""
    given = {"definition": definition, "roleArn": ROLE, **params}
    given = {name: json.dumps(value) if name in _JSON and not isinstance(value, str) else value for name, value in given.items()}
    async with Harness(functions=functions or {}) as harness:
        return await try_state(
            Call(service=harness.service, settings=Settings(), params=given, region="eu-west-1", account="123456789012")
        )


async def refused(definition: Any, **params: Any) -> str:
    """Return the refusal as `Code: message`."""
    try:
        got = await answer(definition, **params)
    except AwsError as error:
        return str(error)
    raise AssertionError(f"not refused: {got}")


def task(resource: str = INVOKE, **fields: Any) -> dict[str, Any]:
    """Make a Task that ends."""
    return {"Type": "Task", "Resource": resource, "End": True, **fields}


def result(value: Any, mode: str | None = None) -> dict[str, Any]:
    """Make a mock with a result."""
    return {"result": json.dumps(value), **({} if mode is None else {"fieldValidationMode": mode})}


def error(name: str, cause: str | None = None) -> dict[str, Any]:
    """Make a mock with an error."""
    return {"errorOutput": {"error": name, **({} if cause is None else {"cause": cause})}}
