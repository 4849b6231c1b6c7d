"""Payload templates: JSON in which a key that ends with `.$` has a path or a call as its value (reference sheet 5).

Rules: parts without such a key are used as they stand, never copied; the others are built afresh each time, keys in the order of
the definition. A text under any other key is a text, even if it looks like a path. What is wrong is told to `refuse`, all of it.
"""

from collections.abc import Callable, Container, Iterator
from typing import Any, TypeAlias

from conductor_local.language.expr.calls import parse_call, paths_of
from conductor_local.language.expr.context import Context
from conductor_local.language.expr.fields import Read, named_path, template_path
from conductor_local.language.expr.intrinsics import compile_call
from conductor_local.language.expr.jsonpath import parse
from conductor_local.language.expr.library import FUNCTIONS, TEXT_FUNCTIONS
from conductor_local.language.expr.path import Path
from conductor_local.language.expr.syntax import ExpressionSyntaxError
from conductor_local.language.positions import child
from conductor_local.payload import Json
from conductor_local.program import Scope

Refuse: TypeAlias = Callable[[str, str, str], None]
"""Takes the pointer of the field inside the template, AWS's message, and what exactly is wrong."""

_MARK = ".$"


def is_call(text: str) -> bool:
    """Tell whether a value is meant as a call rather than a path."""
    return not text.startswith("$")


def paths_in(text: str, known: Container[str] = FUNCTIONS) -> Iterator[Path]:
    """Give every path that an expression reads; raises `ExpressionSyntaxError`."""
    if is_call(text):
        yield from paths_of(parse_call(text, known))
    else:
        yield parse(text)


def read_value(text: str, field: str, context: Context) -> Read:
    """Compile the value of a key `field` that ends with `.$`; raises `ExpressionSyntaxError`."""
    if is_call(text):
        return compile_call(parse_call(text, FUNCTIONS), context)
    return template_path(parse(text), context, field)


def read_text(text: str, field: str, context: Context) -> Read:
    """Compile an `ErrorPath` or `CausePath`: a path, or a call that gives a text; raises `ExpressionSyntaxError`."""
    if not is_call(text):
        return named_path(parse(text), context, field)
    call = parse_call(text, FUNCTIONS)
    if call.name not in TEXT_FUNCTIONS:
        raise ExpressionSyntaxError(f"{call.name} cannot be used in {field}", 0)
    return compile_call(call, context)


def compile_template(template: Json, context: Context, refuse: Refuse) -> Read:
    """Return what fills in the template; a template without anything to fill in gives itself."""
    read = _part(template, "", context, refuse)
    return read if read is not None else lambda _document, _scope: template


def _part(template: Json, pointer: str, context: Context, refuse: Refuse) -> Read | None:
    """Return what builds this part, or None when it stands as it is."""
    if isinstance(template, dict):
        return _object(template, pointer, context, refuse)
    if isinstance(template, list):
        return _list(template, pointer, context, refuse)
    return None


def _object(template: dict[str, Json], pointer: str, context: Context, refuse: Refuse) -> Read | None:
    fixed: dict[str, Json] = {}
    reads: list[tuple[str, Read]] = []
    for key, value in template.items():
        name, place = key, child(pointer, key)
        if key.endswith(_MARK):
            name = key.removesuffix(_MARK)
            if name in template:
                refuse(place, f"The fields '{name}' and '{key}' cannot both be specified", "keep one of the two")
            read: Read | None = _marked(key, value, place, context, refuse)
        else:
            read = _part(value, place, context, refuse)
        fixed[name] = value
        if read is not None:
            reads.append((name, read))
    return _filled(fixed, reads) if reads else None


def _marked(key: str, value: Json, pointer: str, context: Context, refuse: Refuse) -> Read:
    if isinstance(value, str):
        try:
            return read_value(value, key, context)
        except ExpressionSyntaxError as error:
            reason = error.message
    else:
        reason = "the value is not a text"
    refuse(pointer, f"The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call", reason)
    return lambda _document, _scope: None


def _list(template: list[Json], pointer: str, context: Context, refuse: Refuse) -> Read | None:
    reads = []
    for index, item in enumerate(template):
        read = _part(item, child(pointer, index), context, refuse)
        if read is not None:
            reads.append((index, read))
    return _filled(template, reads) if reads else None


def _filled(fixed: Any, reads: list[tuple[Any, Read]]) -> Read:
    """Copy the fixed parts and fill in the others at their places."""
    copy = type(fixed)

    def fill(document: Json, scope: Scope) -> Json:
        filled = copy(fixed)
        for place, read in reads:
            filled[place] = read(document, scope)
        return filled

    return fill
