"""The texts AWS gives when an expression fails (reference sheet 4; recorded unless noted).

Rules: the sentence that names the state stands in front of every one of them and is made here only. Most are `States.Runtime`,
which no handler catches.
"""

from dataclasses import dataclass

from conductor_local.errors import EvaluationError
from conductor_local.language.absent import ABSENT
from conductor_local.language.expr.path import Index, Name, Names, Path
from conductor_local.language.expr.text import java_class, java_text, json_text
from conductor_local.language.expr.walk import finder
from conductor_local.payload import Json
from conductor_local.program import ErrorName, Scope

INTRINSIC_FAILURE = "States.IntrinsicFailure"
RESULT_PATH_FAILURE = "States.ResultPathMatchFailure"
_PROVIDER = "com.jayway.jsonpath.spi.json.JacksonJsonProvider"


def failure(scope: Scope, text: str, error: str = ErrorName.RUNTIME) -> EvaluationError:
    """Return the failure of the current state with this text."""
    return EvaluationError(error, place_of(scope) + text)


def place_of(scope: Scope) -> str:
    """Return the sentence that names the state; empty without a history, which has no event to name (AWS's TestState)."""
    if not scope.entered_event:
        return ""
    return f"An error occurred while executing the state '{scope.node}' (entered at the event id #{scope.entered_event}). "


def not_found(scope: Scope, path: Path, field: str, document: Json) -> EvaluationError:
    """A path of a payload template, or an `ErrorPath` or `CausePath`, that leads nowhere."""
    text = f"The JSONPath '{path.text}' specified for the field '{field}' could not be found in the input '{json_text(document)}'"
    return failure(scope, text)


def invalid_path(scope: Scope, path: Path, document: Json) -> EvaluationError:
    """A path of a field such as `InputPath` that leads nowhere."""
    return failure(scope, f"Invalid path '{path.text}' : {miss(path, document).reason}")


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a definite path found nothing, in Jayway's words."""

    reason: str
    is_past_end: bool = False
    """The path ends with an index that the list does not have."""
    is_not_a_list: bool = False
    """The path has an index where there is no list."""


def miss(path: Path, document: Json) -> Miss:
    """Say why `path` finds nothing in `document`."""
    shown, value = "$", document
    nowhere = f"No results for path: {path.canonical}"
    last = len(path.segments) - 1
    for place, segment in enumerate(path.segments):
        if isinstance(segment, Index):
            if value is None:
                return Miss(f"The path {shown} is null")
            if not isinstance(value, list):
                return Miss(
                    f"Filter: {segment} can only be applied to arrays. Current context is: {java_text(value)}", is_not_a_list=True
                )
        elif isinstance(segment, Name | Names) and not isinstance(value, dict):
            return Miss(_no_object(segment, shown, value))
        shown += str(segment)
        following = finder((segment,))(value)
        if following is ABSENT:
            if isinstance(segment, Index):
                return Miss(nowhere, is_past_end=place == last)
            return Miss(nowhere if place == last else f"Missing property in path {shown}")
        value = following
    return Miss(nowhere)


def _no_object(segment: Name | Names, shown: str, value: Json) -> str:
    return (
        f"Expected to find an object with property {segment} in path {shown} but found '{java_class(value)}'. "
        f"This is not a json object according to the JsonProvider: '{_PROVIDER}'."
    )
