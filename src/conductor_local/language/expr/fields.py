"""Paths as the fields of a state read them: what a miss means differs from field to field (reference sheet 4).

Each function makes a `Read`: it takes the document that `$` means there, and the scope. All raise `EvaluationError`. A variable
that does not exist is a miss like any other.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias, assert_never

from conductor_local.errors import EvaluationError
from conductor_local.language.absent import ABSENT
from conductor_local.language.comparison import is_number
from conductor_local.language.expr.context import Context, Section
from conductor_local.language.expr.failures import failure, invalid_path, miss, not_found
from conductor_local.language.expr.path import Name, Path, Root
from conductor_local.language.expr.text import java_text, json_text
from conductor_local.language.expr.walk import Find, finder
from conductor_local.language.timestamps import moment
from conductor_local.payload import Json
from conductor_local.program import Expr, Scope

Read: TypeAlias = Callable[[Json, Scope], Json]
"""Takes what `$` stands for and the scope."""


def on_input(read: Read) -> Expr:
    """Return the slot that reads the raw input of the node."""
    return lambda scope: read(scope.input, scope)


def on_result(read: Read) -> Expr:
    """Return the slot that reads the result of the node's work."""
    return lambda scope: read(scope.result, scope)


def maybe(path: Path, context: Context) -> Callable[[Json, Scope], Any]:
    """Read what is there, or `ABSENT`: for `IsPresent`, and for everything below."""
    find = finder(path.segments)
    match path.root:
        case Root.INPUT:
            return lambda document, _scope: find(document)
        case Root.VARIABLE:
            assert path.variable is not None
            return _from_variable(find, path.variable)
        case Root.CONTEXT:
            return _from_context(path, context)
        case _:
            assert_never(path.root)


def _from_variable(find: Find, name: str) -> Callable[[Json, Scope], Any]:
    def read(_document: Json, scope: Scope) -> Any:
        try:
            value = scope.variable(name)
        except KeyError:
            return ABSENT
        return find(value)

    return read


def _from_context(path: Path, context: Context) -> Callable[[Json, Scope], Any]:
    first = path.segments[0] if path.segments else None
    if path.is_definite and isinstance(first, Name):
        section, rest = context.sections().get(first.name), finder(path.segments[1:])
        return lambda _document, scope: _in_section(section, rest, scope)
    find = finder(path.segments)
    return lambda _document, scope: find(context.whole(scope))


def _in_section(section: Section | None, find: Find, scope: Scope) -> Any:
    value = None if section is None else section(scope)
    return ABSENT if value is None else find(value)


def _document_of(path: Path, context: Context, document: Json, scope: Scope) -> Json:
    """Return the document the path was followed in, for messages."""
    if path.root is Root.CONTEXT:
        return context.whole(scope)
    if path.variable is None:
        return document
    try:
        return scope.variable(path.variable)
    except KeyError:
        return {}


def _required(path: Path, context: Context, missed: Callable[[Scope, Json], EvaluationError]) -> Read:
    read = maybe(path, context)

    def required(document: Json, scope: Scope) -> Json:
        value = read(document, scope)
        if value is ABSENT:
            raise missed(scope, document)
        return value

    return required


def template_path(path: Path, context: Context, field: str) -> Read:
    """Read for `"field": path` of a payload template. An index past the end of its list gives null (AWS, measured 2025)."""
    read = maybe(path, context)

    def from_template(document: Json, scope: Scope) -> Json:
        value = read(document, scope)
        if value is not ABSENT:
            return value
        searched = _document_of(path, context, document, scope)
        if miss(path, searched).is_past_end:
            return None
        shown = searched if path.root is Root.CONTEXT else document
        raise not_found(scope, path, field, shown)

    return from_template


def named_path(path: Path, context: Context, field: str) -> Read:
    """Read for `ErrorPath` and `CausePath`."""
    return _required(path, context, lambda scope, document: not_found(scope, path, field, document))


def data_path(path: Path, context: Context) -> Read:
    """Read for `InputPath`, `OutputPath`, `TimeoutSecondsPath`, `HeartbeatSecondsPath` and every path without a text of its own."""
    return _required(
        path, context, lambda scope, document: invalid_path(scope, path, _document_of(path, context, document, scope))
    )  # fmt: skip


def choice_path(path: Path, context: Context) -> Read:
    """Read for `Variable` and the `…Path` operators of a Choice."""
    text = f"Invalid path '{path.text}': The choice state's condition path references an invalid value."
    return _required(path, context, lambda scope, _document: failure(scope, text))


def items_path(path: Path, context: Context, *, may_be_object: bool = False) -> Read:
    """Read for `ItemsPath`: a list, or an object where that is allowed too."""
    read = data_path(path, context)

    def items(document: Json, scope: Scope) -> Json:
        value = read(document, scope)
        if not isinstance(value, list) and not (may_be_object and isinstance(value, dict)):
            shown = path.text.removeprefix("$") if path.root is Root.CONTEXT else path.text  # recorded 2025-12
            raise failure(scope, f'Reference path "{shown}" must point to array.')
        return value

    return items


def seconds_path(path: Path, context: Context) -> Callable[[Json, Scope], int]:
    """Read for `SecondsPath`: whole seconds from 0."""
    text = f"The SecondsPath parameter does not reference an input value: {path.text}"
    read = _required(path, context, lambda scope, _document: failure(scope, text))

    def seconds(document: Json, scope: Scope) -> int:
        value = read(document, scope)
        if value is None:
            raise failure(scope, text)
        shown = f"{path.text} == {java_text(value)}"
        if not isinstance(value, int) or isinstance(value, bool):
            raise failure(scope, f"The SecondsPath parameter cannot be parsed as a long value: {shown}")
        if value < 0:
            raise failure(scope, f"The SecondsPath parameter references a negative value: {shown}")
        return value

    return seconds


def timestamp_path(path: Path, context: Context) -> Callable[[Json, Scope], datetime]:
    """Read for `TimestampPath`: an aware UTC datetime."""
    text = f"The TimestampPath parameter does not reference an input value: {path.text}"
    read = _required(path, context, lambda scope, _document: failure(scope, text))
    wanted = "a valid ISO-8601 extended offset date-time format string"

    def timestamp(document: Json, scope: Scope) -> datetime:
        value = read(document, scope)
        found = moment(value) if isinstance(value, str) else None
        if found is None:
            raise failure(scope, f"The TimestampPath parameter does not reference {wanted}: {path.text} == {java_text(value)}")
        return found

    return timestamp


def count_path(path: Path, context: Context, field: str) -> Callable[[Json, Scope], int]:
    """Read for `MaxConcurrencyPath`, `ToleratedFailureCountPath`, `MaxItemsPath`: an integer from 0."""
    read = data_path(path, context)

    def count(document: Json, scope: Scope) -> int:
        value = read(document, scope)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _not_valid(scope, path, field, value, "integer")
        if value < 0:
            raise failure(scope, f"{field.removesuffix('Path')} cannot be negative.")
        return value

    return count


def percentage_path(path: Path, context: Context, field: str = "ToleratedFailurePercentagePath") -> Callable[[Json, Scope], float]:
    """Read for `ToleratedFailurePercentagePath`: a number from 0 to 100."""
    read = data_path(path, context)

    def percentage(document: Json, scope: Scope) -> float:
        value = read(document, scope)
        if not is_number(value):
            raise _not_valid(scope, path, field, value, "float")
        if not 0 <= value <= 100:
            raise failure(scope, f"{field.removesuffix('Path')} must be between 0 and 100.")
        return float(value)

    return percentage


def _not_valid(scope: Scope, path: Path, field: str, value: Json, wanted: str) -> EvaluationError:
    shown = value if isinstance(value, str) else json_text(value)
    return failure(scope, f'The {field} field refers to value "{shown}" which is not a valid {wanted}: {path.text}')
