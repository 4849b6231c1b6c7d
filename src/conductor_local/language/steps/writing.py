"""`resultPath`: where a step's result goes. The `output` slots of the steps language.

Rules: the payload is never changed in place; every object on the way to the written place is copied, the rest is shared. Missing
objects are made on the way. What is there already and is no object, null included, is not written through.
"""

from conductor_local.errors import EvaluationError
from conductor_local.language.absent import ABSENT
from conductor_local.language.problems import kind_of
from conductor_local.language.steps.paths import Path, shown
from conductor_local.payload import Json
from conductor_local.program import Expr, Scope

RESULT_PATH_FAILURE = "States.ResultPathMatchFailure"


def merged_output(scope: Scope) -> Json:
    """Merge an object into the payload's root; any other result, or any result for a payload that is no object, takes its place."""
    payload, result = scope.input, scope.result
    if isinstance(result, dict) and isinstance(payload, dict):
        return {**payload, **result}
    return result


def written_output(step: str, path: Path) -> Expr:
    """Return a slot that writes the step's result at `path` into its payload."""
    return lambda scope: written(scope.input, path, scope.result, step)


def error_output(step: str, path: Path | None) -> Expr:
    """Return a slot for a catch: the error takes the payload's place, or is written at `path` into it."""
    if path is None or not path.segments:
        return _error
    return lambda scope: written(scope.input, path, _error(scope), step)


def written(payload: Json, path: Path, value: Json, step: str) -> Json:
    """Return a copy of `payload` with `value` at `path`; raises `EvaluationError` when something on the way is no object."""
    root = place = _copied(payload, path, 0, step)
    for depth, name in enumerate(path.segments[:-1], start=1):
        inner = _copied(place.get(name, ABSENT), path, depth, step)
        place[name] = inner
        place = inner
    place[path.segments[-1]] = value
    return root


def _copied(value: Json, path: Path, depth: int, step: str) -> Json:
    if value is ABSENT:
        return {}
    if isinstance(value, dict):
        return dict(value)
    where = shown(path.segments[:depth])
    message = f"step '{step}': resultPath '{path.text}' cannot be written, because '{where}' is {kind_of(value)} and not an object"
    raise EvaluationError(RESULT_PATH_FAILURE, message)


def _error(scope: Scope) -> Json:
    failure = scope.failure
    assert failure is not None
    return {"error": failure.error, "cause": failure.cause}
