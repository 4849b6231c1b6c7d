"""A mocked result held against the API it stands for, in AWS's words (recorded 2025-12).

Rules: only members that the API describes are judged, by their names in Step Functions' case (`ExecutionArn`); others may stand
beside them. STRICT wants the required members too, PRESENT does not, NONE looks at nothing. The first problem is told, with the
bare name of the innermost member. Instants and bytes are texts here.
"""

from collections.abc import Iterator
from typing import Any

from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.teststate.api_shapes import Answer, Shape, answer_of
from conductor_local.api.aws.teststate.texts import refusal
from conductor_local.payload import Json

STRICT, PRESENT, NONE = "STRICT", "PRESENT", "NONE"
_KINDS = {
    "string": "a string", "timestamp": "a string", "blob": "a string", "character": "a string", "boolean": "a boolean",
    "integer": "a number", "long": "a number", "float": "a number", "double": "a number", "bigdecimal": "a number",
    "list": "an array", "structure": "an object", "map": "an object",
}  # fmt: skip


def check_result(resource: str, result: Json, mode: str) -> None:
    """Raise `AwsError` when the API behind a task's resource could not have answered this."""
    answer = None if mode == NONE else answer_of(resource)
    if answer is None:
        return
    if not isinstance(result, dict):
        raise refusal("Mocked result must be a JSON object.")
    problem = next(_Schema(answer, is_strict=mode == STRICT).members(answer.shape, result, answer.anything), None)
    if problem is not None:
        raise _error(problem)


def _error(problem: str) -> AwsError:
    return refusal(f"Mock result schema validation error: {problem}")


class _Schema:
    """Judges values by the shapes of one answer."""

    def __init__(self, answer: Answer, *, is_strict: bool) -> None:
        self._shapes, self._is_strict = answer.shapes, is_strict

    def members(self, shape: Shape, value: dict[str, Json], anything: frozenset[str] = frozenset()) -> Iterator[str]:
        """Yield the problems of a structure; members that may be `anything` are not looked into."""
        known = {_pascal(name): self._shapes[member["shape"]] for name, member in shape["members"].items()}
        for name, item in value.items():
            if name in known and name not in anything:
                yield from self._value(name, known[name], item)
        if self._is_strict:
            missing = (name for name in map(_pascal, shape.get("required", ())) if name not in value)
            yield from (f"Required field '{name}' is missing" for name in missing)

    def _value(self, name: str, shape: Shape, value: Json) -> Iterator[str]:
        wanted = _KINDS[shape["type"]]
        if not _is(wanted, value):
            yield f"Field '{name}' must be {wanted}"
            return
        yield from (f"Field '{name}' {text}" for text in _broken(shape, value))
        match shape["type"]:
            case "structure":
                yield from self.members(shape, value)
            case "list":
                inner = self._shapes[shape["member"]["shape"]]
                for item in value:
                    yield from self._value(name, inner, item)
            case "map":
                inner = self._shapes[shape["value"]["shape"]]
                for key, item in value.items():
                    yield from self._value(key, inner, item)


def _is(wanted: str, value: Json) -> bool:
    match wanted:
        case "a number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "a boolean":
            return isinstance(value, bool)
        case "an array":
            return isinstance(value, list)
        case "an object":
            return isinstance(value, dict)
        case _:
            return isinstance(value, str)


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    """Yield what a value of the right kind breaks."""
    if "enum" in shape and value not in shape["enum"]:
        yield "is not an expected value"
    is_number = isinstance(value, int | float)
    size = value if is_number else len(value) if isinstance(value, str | list | dict) else 0
    if size < shape.get("min", size):
        yield "is less than the minimum value" if is_number else "is smaller than the minimum length"
    if size > shape.get("max", size):
        yield "exceeds the maximum value" if is_number else "exceeds the maximum length"


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]
