"""Slots that read one value of the payload: the input of a step, a number of seconds, a text.

Rules: slots read the payload as it came into the step. A value of the wrong type is an `EvaluationError` that names the step, the
field and the path; `States.Runtime`, as the States Language has it, so that no handler takes a mistake for a passing failure.
"""

import re

from conductor_local.errors import EvaluationError
from conductor_local.language.absent import ABSENT
from conductor_local.language.comparison import is_number
from conductor_local.language.problems import kind_of
from conductor_local.language.steps.fields import Fields, Range
from conductor_local.language.steps.paths import Lookup, lookup
from conductor_local.payload import Json
from conductor_local.program import ErrorName, Expr, Scope

SECONDS_MAX = 99_999_999
POSITIVE_SECONDS = Range(f"a number of seconds above 0 and up to {SECONDS_MAX}", lambda value: 0 < value <= SECONDS_MAX)
_NUMBER = re.compile(r"[-+]?[\d.]*\d[\d.]*")
PARAMETER_PATH_FAILURE = "States.ParameterPathFailure"


def input_slot(step: str, fields: Fields) -> Expr | None:
    """Return the slot of an `inputPath`: what the path finds, else null, or an error where the definition has strict paths."""
    path = fields.path("inputPath")
    if path is None or not path.segments:
        return None
    find = lookup(path, fields.context.records, fields.at("inputPath"))
    if not fields.context.strict_paths:
        return _or_null(find)
    message = f"step '{step}': inputPath '{path.text}' finds nothing"

    def read(scope: Scope) -> Json:
        value = find(scope.input, scope)
        if value is ABSENT:
            raise EvaluationError(PARAMETER_PATH_FAILURE, message)
        return value

    return read


def items_slot(step: str, fields: Fields) -> Expr:
    """Return the slot of an `itemsPath`: the list it finds in the input of the step."""
    find = fields.lookup("itemsPath")
    path = fields.value.get("itemsPath", "$")

    def read(scope: Scope) -> Json:
        value = scope.arguments if find is None else find(scope.arguments, scope)
        if not isinstance(value, list):
            raise unsuitable(step, "itemsPath", path, "a list", value)
        return value

    return read


def seconds_slot(step: str, fields: Fields, name: str, range: Range = POSITIVE_SECONDS) -> Expr | None:
    """Return a slot that gives a number in `range`, written as it is or as a path to it."""
    if not isinstance(fields.value.get(name), str):
        number = fields.number(name, range)
        return None if number is None else lambda scope: number
    if _NUMBER.fullmatch(fields.value[name]):
        fields.error(name, "WRONG_TYPE", f"must be {range.words}", "write the number without quotes")
        return None
    find = fields.lookup(name)
    if find is None:
        return None

    def read(scope: Scope) -> Json:
        value = find(scope.input, scope)
        if not is_number(value) or not range.holds(value):
            raise unsuitable(step, name, fields.value[name], range.words, value)
        return value

    return read


def text_slot(step: str, fields: Fields, name: str) -> Expr | None:
    """Return a slot that gives a text: as written, or found by a path when it begins like one (`$`, `$.` or `$[`)."""
    text = fields.text(name)
    if text is None:
        return None
    if text != "$" and not text.startswith(("$.", "$[")):
        return lambda scope: text
    find = fields.lookup(name)
    if find is None:
        return None

    def read(scope: Scope) -> Json:
        value = find(scope.input, scope)
        if value is not None and not isinstance(value, str):
            raise unsuitable(step, name, text, "a text or null", value)
        return value

    return read


def unsuitable(step: str, name: str, path: str, wanted: str, value: Json) -> EvaluationError:
    """Make the error for a path that led to nothing or to something that will not do."""
    found = "finds nothing" if value is ABSENT else f"finds {_described(value)}"
    return EvaluationError(ErrorName.RUNTIME, f"step '{step}': {name} '{path}' {found}, but must lead to {wanted}")


def _described(value: Json) -> str:
    return f"the number {value}" if is_number(value) else kind_of(value)


def _or_null(find: Lookup) -> Expr:
    def read(scope: Scope) -> Json:
        value = find(scope.input, scope)
        return None if value is ABSENT else value

    return read
