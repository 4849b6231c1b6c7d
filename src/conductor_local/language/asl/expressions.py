"""The data flow of a state in JSONata mode, as the slots of its node (reference sheet 3.2 and 6).

Rules: `Arguments`, `Assign` and `Output` are the slots as they stand; absent ones change nothing. An expression may read
`$states.result` only where there is one and `$states.errorOutput` only in a Catcher; others are refused when the definition is
read.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from conductor_local.errors import EvaluationError
from conductor_local.language.asl.dataflow import error_output
from conductor_local.language.asl.diagnostics import Place
from conductor_local.language.asl.fields import SECONDS_MAX, Fields
from conductor_local.language.asl.variables import check_names
from conductor_local.language.comparison import is_number
from conductor_local.language.expr import Context, failure
from conductor_local.language.expr.jsonata import (
    AT_ENTRY,
    AT_EXIT,
    IN_CATCH,
    ExpressionProblem,
    ExpressionRefused,
    compile_value,
    is_expression,
)
from conductor_local.language.expr.text import json_text
from conductor_local.language.positions import child
from conductor_local.language.timestamps import moment
from conductor_local.payload import Json
from conductor_local.program import Expr, Scope

QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
COUNT_MAX = 2**31 - 1


class ExpressionSlots:
    """Compiles the fields of one state; `token` is the context while the arguments of a task are made."""

    __slots__ = ("context", "fields", "members", "token")

    def __init__(self, fields: Fields, context: Context, token: Context | None = None) -> None:
        self.fields = fields
        self.context = context
        self.token = token or context
        self.members = AT_EXIT if context.counts_retries else AT_ENTRY  # the types that retry are those that have a result

    # into and out of the work

    def arguments(self, template: str | None = None) -> Expr | None:
        """Return the slot for what the work is given; a type that has no `template` in the other mode has no Arguments."""
        return None if template is None else self._value(self.fields, "Arguments", "Arguments", AT_ENTRY, context=self.token)

    def constant(self, name: str) -> Expr | None:
        """There is no `Result` here; that has been noted."""
        return None

    def credentials(self) -> Expr | None:
        """Return the slot for Credentials; anything but an object has been noted."""
        if not isinstance(self.fields.value.get("Credentials"), dict):
            return None
        return self._value(self.fields, "Credentials", "Credentials", AT_ENTRY)

    def inside(self, fields: Fields) -> "ExpressionSlots":
        """Return what compiles the fields of an object in the state."""
        return ExpressionSlots(fields, self.context)

    def template(self, name: str) -> Expr | None:
        """Return the slot for a field that may hold expressions."""
        return self._value(self.fields, name, name, AT_ENTRY)

    def output(self, fields: Fields | None = None, path: str = "Output") -> Expr | None:
        """Return the slot for Output: of the state, or of one of its Choice rules."""
        return self._value(fields or self.fields, "Output", path, self.members)

    def assign(self, fields: Fields | None = None, path: str = "Assign") -> Expr | None:
        """Return the slot for an Assign: of the state, or of one of its Choice rules."""
        return self._assign(fields or self.fields, path, self.members)

    def caught_output(self, fields: Fields, path: str) -> Expr:
        """Return what a Catcher passes on."""
        return self._value(fields, "Output", f"{path}/Output", IN_CATCH) or error_output

    def caught_assign(self, fields: Fields, path: str) -> Expr | None:
        """Return the Assign of a Catcher."""
        return self._assign(fields, f"{path}/Assign", IN_CATCH)

    def condition(self, fields: Fields, path: str) -> Callable[[Scope], bool]:
        """Return the Condition of a Choice rule."""
        if not isinstance(fields.value.get("Condition"), bool) and not is_expression(fields.value.get("Condition")):
            if "Condition" in fields:
                fields.error("Condition", "Expected value of type Boolean or a JSONata expression")
            return lambda scope: False
        read = self._value(fields, "Condition", path, AT_ENTRY, expects="boolean")
        return lambda scope: read is not None and read(scope) is True

    # single values

    def number(self, name: str, least: int, most: int) -> Expr | None:
        """Return the slot for a whole number."""
        if not is_expression(self.fields.value.get(name)):
            literal = self.fields.whole_number(name, least, most)
            return None if literal is None else lambda scope: literal
        read = self._value(self.fields, name, name, AT_ENTRY, expects="number")
        return None if read is None else _within(read, name, least, most)

    def text(self, name: str) -> Expr | None:
        """Return the slot for a text."""
        if self.fields.text(name) is None:
            return None
        return self._value(self.fields, name, name, AT_ENTRY, expects="string")

    def until(self) -> Callable[[Scope], datetime]:
        """Return the instant of a Wait."""
        seconds, timestamp = self.number("Seconds", 0, SECONDS_MAX), self._timestamp()
        if seconds is not None:
            return lambda scope: scope.entered_at + timedelta(seconds=seconds(scope))
        return timestamp or (lambda scope: scope.entered_at)

    def _timestamp(self) -> Callable[[Scope], datetime] | None:
        text = self.fields.text("Timestamp")
        if text is None:
            return None
        if not is_expression(text):
            at = moment(text)
            if at is None:
                self.fields.error("Timestamp", "String does not match RFC3339 timestamp")
            return None if at is None else lambda scope: at
        read = self._value(self.fields, "Timestamp", "Timestamp", AT_ENTRY, expects="string")
        return None if read is None else lambda scope: _moment(scope, read(scope))

    # Map

    def items(self, *, may_be_object: bool = False) -> Expr:
        """Return the slot for the items: Items, else the input. A list, or an object where that is allowed too."""
        items = self.fields.value.get("Items")
        if "Items" not in self.fields:
            return _input_items if not may_be_object else _input_items_or_object
        if not isinstance(items, list) and not is_expression(items) and not (may_be_object and isinstance(items, dict)):
            self.fields.error("Items", "Expected value of type Array or a JSONata expression")
            return _input_items
        expects = "array or object" if may_be_object else "array"
        return self._value(self.fields, "Items", "Items", AT_ENTRY, expects=expects) or _input_items

    def item(self) -> Expr | None:
        """Return the slot for the input of one iteration."""
        return self._value(self.fields, "ItemSelector", "ItemSelector", AT_ENTRY)

    def count(self, name: str) -> Expr | None:
        """Return the slot for a number from 0."""
        return self.number(name, 0, COUNT_MAX)

    def percentage(self, name: str) -> Expr | None:
        """Return the slot for a percentage."""
        if not is_expression(self.fields.value.get(name)):
            literal = self.fields.number(name, 0.0, 100.0)
            return None if literal is None else lambda scope: literal
        read = self._value(self.fields, name, name, AT_ENTRY, expects="number")
        return None if read is None else _within(read, name, 0, 100, whole=False)

    # compiling

    def _assign(self, fields: Fields, path: str, members: frozenset[str]) -> Expr | None:
        if fields.object("Assign") is None:
            return None
        check_names(fields)
        return self._value(fields, "Assign", path, members)

    def _value(
        self, fields: Fields, name: str, path: str, members: frozenset[str], *, expects: str | None = None,
        context: Context | None = None,
    ) -> Expr | None:  # fmt: skip
        """Compile a field; `path` is its place in the state as AWS writes it."""
        if name not in fields:
            return None
        whole = (context or self.context).whole
        try:
            return compile_value(fields.value[name], path, context=whole, members=members, expects=expects).expr
        except ExpressionRefused as refused:
            for problem in refused.problems:
                self._note(problem)
            return None

    def _note(self, problem: ExpressionProblem) -> None:
        state = self.fields.place
        caret = Place(state.pointer + _pointer(self.fields.value, problem.field))
        at = Place(caret.pointer, f"{state.path}/{problem.field}")
        self.fields.reading.diagnostics.error(at, problem.message, code=problem.code)


def _input_items(scope: Scope) -> Json:
    if not isinstance(scope.input, list):
        raise _evaluation_failure(scope, f"Map state input must be an array but was: {json_text(scope.input)}", "")
    return scope.input


def _input_items_or_object(scope: Scope) -> Json:
    return scope.input if isinstance(scope.input, dict) else _input_items(scope)


def _within(read: Expr, name: str, least: float, most: float, *, whole: bool = True) -> Expr:
    def number(scope: Scope) -> Json:
        value = read(scope)
        assert is_number(value)
        if whole and isinstance(value, float):
            raise _evaluation_failure(scope, f"The {name} field cannot be parsed as a long value: {json_text(value)}", name)
        if not least <= value <= most:
            raise _evaluation_failure(scope, f"The {name} field must be between {least} and {most}: {json_text(value)}", name)
        return value

    return number


def _moment(scope: Scope, text: str) -> datetime:
    at = moment(text)
    if at is None:
        wanted = "an ISO-8601 extended offset date-time format string"
        raise _evaluation_failure(scope, f"The Timestamp field cannot be parsed as {wanted}: {text}", "Timestamp")
    return at


def _evaluation_failure(scope: Scope, text: str, location: str) -> EvaluationError:
    told = failure(scope, text, QUERY_EVALUATION_ERROR)
    return EvaluationError(told.error, told.message, location=location)


def _pointer(value: Json, field: str) -> str:
    """Return the pointer of a field such as `Output/values[0]` below a state, as far as the document can be followed."""
    pointer = ""
    while field:
        key = _first(value, field)
        if key is None:
            break
        shown = f"[{key}]" if isinstance(key, int) else key
        value, pointer = value[key], child(pointer, key)
        field = field[len(shown) :].removeprefix("/")
    return pointer


def _first(value: Json, field: str) -> str | int | None:
    """Return the key or index with which `field` begins; a key may hold any character."""
    if isinstance(value, list):
        index = field[1:].partition("]")[0]
        return int(index) if index.isdecimal() and int(index) < len(value) else None
    if not isinstance(value, dict):
        return None
    return max((key for key in value if field == key or field.startswith((f"{key}/", f"{key}["))), key=len, default=None)
