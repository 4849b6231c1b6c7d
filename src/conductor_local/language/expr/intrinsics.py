"""Intrinsic function calls, compiled once into a `Read`.

Rules: arguments are evaluated from left to right, a path that leads nowhere is `States.Runtime` and names the whole expression, an
index past the end of a list included (AWS, measured 2025); a function that will not take its arguments is
`States.IntrinsicFailure`.
"""

from conductor_local.errors import EvaluationError
from conductor_local.language.absent import ABSENT
from conductor_local.language.expr.arithmetic import BadArguments
from conductor_local.language.expr.calls import Argument, Call, Literal
from conductor_local.language.expr.context import Context
from conductor_local.language.expr.failures import INTRINSIC_FAILURE, failure, miss
from conductor_local.language.expr.fields import Read, maybe
from conductor_local.language.expr.library import FUNCTIONS, BadTemplate
from conductor_local.language.expr.path import Path, Root
from conductor_local.language.expr.text import json_text
from conductor_local.payload import Json
from conductor_local.program import Scope


def compile_call(call: Call, context: Context) -> Read:
    """Return what evaluates `call`; raises `EvaluationError` when run."""
    return _call(call, context, call.text)


def _call(call: Call, context: Context, whole: str) -> Read:
    function, fewest, most = FUNCTIONS[call.name]
    takes = fewest <= len(call.arguments) and (most is None or len(call.arguments) <= most)
    is_format = call.name == "States.Format"
    reads = [_argument(each, context, whole, is_format and place == 0) for place, each in enumerate(call.arguments)]

    def evaluate(document: Json, scope: Scope) -> Json:
        arguments = [read(document, scope) for read in reads]
        try:
            if not takes:
                raise BadArguments
            return function(scope, *arguments)
        except BadArguments as error:
            raise _failed(scope, whole, f"Invalid arguments in {call.name}{error.detail}") from None
        except BadTemplate:
            raise _failed(scope, whole, f"Invalid template in {call.name}: matching '}}' not found for '{{'.") from None

    return evaluate


def _failed(scope: Scope, whole: str, text: str) -> EvaluationError:
    return failure(scope, f"The function '{whole}' had the following error: {text}", INTRINSIC_FAILURE)


def _argument(argument: Argument, context: Context, whole: str, is_template: bool) -> Read:
    if isinstance(argument, Call):
        return _call(argument, context, whole)
    if isinstance(argument, Path):
        return _path(argument, context, whole)
    value = _template_or_value(argument) if is_template else argument.value
    return lambda _document, _scope: value


def _template_or_value(literal: Literal) -> Json:
    """A template written into the call keeps its escapes, for `States.Format` to read."""
    return literal.value if literal.template is None else literal.template


def _path(path: Path, context: Context, whole: str) -> Read:
    read = maybe(path, context)

    def evaluate(document: Json, scope: Scope) -> Json:
        value = read(document, scope)
        if value is ABSENT:
            raise failure(scope, f"The function '{whole}' had the following error: {_reason(path, document)}")
        return value

    return evaluate


def _reason(path: Path, document: Json) -> str:
    """AWS: a context path is shown without its first `$`, with the state's input; an index into no list in Jayway's own words."""
    if path.root is Root.INPUT and (found := miss(path, document)).is_not_a_list:
        return found.reason
    shown = path.text.removeprefix("$") if path.root is Root.CONTEXT else path.text
    return f"The JsonPath argument for the field '{shown}' could not be found in the input '{json_text(document)}'"
