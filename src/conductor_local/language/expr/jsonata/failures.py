"""What is wrong with an expression: when a definition is read, and when a value cannot be had.

The texts are AWS's (States Language facts, section 6: recorded 2024 to 2026). The sentence that names the state stands in front.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from conductor_local.errors import ConductorError, EvaluationError
from conductor_local.language.expr.failures import place_of
from conductor_local.language.expr.jsonata import limits
from conductor_local.payload import Json
from conductor_local.program import Scope

QUERY_EVALUATION_ERROR: Final = "States.QueryEvaluationError"
UNPARSABLE: Final = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED: Final = "UNSUPPORTED_JSONATA_EXPRESSION"
MALFORMED: Final = "SCHEMA_VALIDATION_FAILED"


class QueryEvaluationError(EvaluationError):
    """A JSONata expression could not be evaluated.

    `location` is the field inside the state, such as `Output/v`, for AWS's EvaluationFailed event.
    """

    def __init__(self, message: str, location: str) -> None:
        super().__init__(QUERY_EVALUATION_ERROR, message)
        self.location = location


@dataclass(frozen=True, slots=True)
class ExpressionProblem:
    """Why AWS would refuse the definition: its diagnostic code, its text, and the field inside the state."""

    code: str
    message: str
    field: str


class ExpressionRefused(ConductorError):
    """An expression of the definition is not valid."""

    def __init__(self, problems: Sequence[ExpressionProblem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(f"{first.code}: {first.message} at {first.field}")


def failed(scope: Scope, expression: str, field: str, ending: str) -> QueryEvaluationError:
    """Return the failure of `expression`, the text between the delimiters; `ending` follows the name of the field."""
    text = f"The JSONata expression '{expression}' specified for the field '{field}' {ending}"
    return QueryEvaluationError(place_of(scope) + text, field)


NOTHING: Final = "returned nothing (undefined)."
UNSUPPORTED_RESULT: Final = "returned an unsupported result type."


def unexpected(expected: str, value: Json) -> str:
    """Say that a result has the wrong type."""
    shown = msgspec.json.encode(value).decode()
    if len(shown) > limits.VALUE_SHOWN:
        shown = shown[: limits.VALUE_SHOWN] + "…"
    return f"returned an unexpected result type. Expected '{expected}', but was '{type_of(value)}' for value: {shown}"


def type_of(value: Json) -> str:
    """Return the JSON type of `value` as AWS names it."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object" if isinstance(value, dict) else "null"
