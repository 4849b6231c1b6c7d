"""The data flow of a state in JSONPath mode, as the slots of its node (reference sheet 3.1 and 5).

    effective input   InputPath of the raw input                                     `arguments`, with Parameters on top
    output            ResultSelector of the result, ResultPath onto the *raw* input, OutputPath
    assign            a template on the result as it came, before ResultSelector

Rules: a null InputPath or OutputPath gives `{}`, a null ResultPath drops the result; slots that would change nothing are left out.
Each field is read once; what is wrong with it is noted where it stands.
"""

from collections.abc import Callable
from typing import TypeVar

from conductor_local.language.asl.fields import Fields
from conductor_local.language.asl.templates import template_of, warn_of_static
from conductor_local.language.asl.variables import check_names
from conductor_local.language.expr import (
    Context,
    ExpressionSyntaxError,
    Path,
    Read,
    Root,
    choice_path,
    count_path,
    data_path,
    failure,
    items_path,
    parse,
    parse_result_path,
    percentage_path,
    read_text,
    writer,
)
from conductor_local.language.expr.text import json_text
from conductor_local.payload import Json
from conductor_local.program import Expr, Scope

NOT_A_PATH = "Value must be a valid JSONPath."  # AWS, observed 2025-04, full stop included
NOT_A_REFERENCE = "Value is not a Reference Path"

Made = TypeVar("Made")


class PathSlots:
    """Compiles the fields of one state; `token` is the context while the parameters of a task are made."""

    __slots__ = ("context", "effective", "fields", "token")

    def __init__(self, fields: Fields, context: Context, token: Context | None = None) -> None:
        self.fields = fields
        self.context = context
        self.token = token or context
        self.effective = self._effective()

    # into the work

    def _effective(self) -> Expr | None:
        """Return what gives the effective input; None: the raw input itself."""
        read = self._data_path("InputPath")
        return None if read is None else lambda scope: read(scope.input, scope)

    def effective_input(self, scope: Scope) -> Json:
        """Return the input of the state after InputPath."""
        return scope.input if self.effective is None else self.effective(scope)

    def arguments(self, template: str | None = None) -> Expr | None:
        """Return the slot for what the work is given; `template` names the field for Parameters where the type has it."""
        if template is None or template not in self.fields:
            return self.effective
        fill = template_of(self.fields, template, self.token)
        effective = self.effective_input
        return lambda scope: fill(effective(scope), scope)

    def constant(self, name: str) -> Expr | None:
        """Return the slot for a Pass with a Result; what stands before it in the flow is evaluated nevertheless, and may fail."""
        before, value = self.arguments("Parameters"), self.fields.value[name]
        warn_of_static(self.fields, name)
        if before is None:
            return lambda scope: value

        def read(scope: Scope) -> Json:
            before(scope)
            return value

        return read

    def credentials(self) -> Expr | None:
        """Return the slot for Credentials; anything but an object has been noted."""
        if not isinstance(self.fields.value.get("Credentials"), dict):
            return None
        fill = template_of(self.fields, "Credentials", self.context)
        effective = self.effective_input
        return lambda scope: fill(effective(scope), scope)

    def inside(self, fields: Fields) -> "PathSlots":
        """Return what compiles the fields of an object in the state; they read the same input."""
        slots = PathSlots(fields, self.context)
        slots.effective = self.effective
        return slots

    def template(self, name: str) -> Expr | None:
        """Return the slot for a field that holds a template."""
        return self.arguments(name) if name in self.fields else None

    # out of the work

    def output(self) -> Expr | None:
        """Return the slot for what the state passes on."""
        select, write, cut = self.selector(), self.result_writer(self.fields), self.cut()
        if select is None and write is None and cut is None:
            return None

        def output(scope: Scope) -> Json:
            value = scope.result if select is None else select(scope.result, scope)
            if write is not None:
                value = write(scope.input, value, scope)
            return value if cut is None else cut(value, scope)

        return output

    def selector(self) -> Read | None:
        """Return what ResultSelector makes of the result; None: nothing."""
        if self.fields.value.get("ResultSelector") is None or self.fields.object("ResultSelector") is None:
            return None
        return template_of(self.fields, "ResultSelector", self.context)

    def result_writer(self, fields: Fields) -> Callable[[Json, Json, Scope], Json] | None:
        """Return what puts a result into the raw input; None where it takes its place."""
        if "ResultPath" not in fields:
            return None
        if fields.value["ResultPath"] is None:
            return writer(None)
        path = _parsed(fields, "ResultPath", parse_result_path, NOT_A_REFERENCE)
        return writer(path) if path is not None and path.segments else None

    def cut(self) -> Read | None:
        """Return what OutputPath takes of the state's result; None: all."""
        return self._data_path("OutputPath")

    def assign(self, fields: Fields | None = None, path: str = "Assign") -> Expr | None:
        """Return the slot for an Assign: of the state, or of one of its Choice rules."""
        fields = fields or self.fields
        if fields.object("Assign") is None:
            return None
        check_names(fields)
        fill = template_of(fields, "Assign", self.context)
        return lambda scope: fill(scope.result, scope)

    # Catch

    def caught_output(self, fields: Fields, path: str) -> Expr:
        """Return what a Catcher passes on."""
        write = self.result_writer(fields)
        if write is None:
            return error_output
        return lambda scope: write(scope.input, error_output(scope), scope)

    def caught_assign(self, fields: Fields, path: str) -> Expr | None:
        """Return the Assign of a Catcher."""
        if fields.object("Assign") is None:
            return None
        check_names(fields)
        fill = template_of(fields, "Assign", self.context)
        return lambda scope: fill(error_output(scope), scope)

    # single values

    def number(self, name: str, least: int, most: int) -> Expr | None:
        """Return the slot for a whole number, as `name` or by a path as `<name>Path`."""
        self.fields.at_most_one(name, f"{name}Path")
        literal = self.fields.whole_number(name, least, most)
        if literal is not None:
            return lambda scope: literal
        path = self.path(f"{name}Path")
        if path is None:
            return None
        read, effective, shown = data_path(path, self.context), self.effective_input, f"{name}Path"

        def number(scope: Scope) -> Json:
            value = read(effective(scope), scope)
            if isinstance(value, bool) or not isinstance(value, int):
                raise failure(scope, f"The {shown} parameter cannot be parsed as a long value: {path.text} == {json_text(value)}")
            if not least <= value <= most:
                raise failure(scope, f"The {shown} parameter must be between {least} and {most}: {path.text} == {value}")
            return value

        return number

    def text(self, name: str) -> Expr | None:
        """Return the slot for a text, as `name`, or by a path or a call as `<name>Path`."""
        self.fields.at_most_one(name, f"{name}Path")
        literal = self.fields.text(name)
        if literal is not None:
            return lambda scope: literal
        field = f"{name}Path"
        read = _parsed(self.fields, field, lambda text: read_text(text, field, self.context), NOT_A_PATH)
        if read is None:
            return None
        return lambda scope: _as_text(read(scope.input, scope))

    def path(self, name: str, *, may_read_context: bool = True) -> Path | None:
        """Return a Reference Path."""
        path = _parsed(self.fields, name, parse, NOT_A_REFERENCE)
        if path is not None and (not path.is_reference or (path.root is Root.CONTEXT and not may_read_context)):
            self.fields.error(name, NOT_A_REFERENCE)
            return None
        return path

    # Map

    def items(self, *, may_be_object: bool = False) -> Expr:
        """Return the slot for the items: ItemsPath of the effective input."""
        path = _parsed(self.fields, "ItemsPath", parse, NOT_A_REFERENCE) or parse("$")
        read, effective = items_path(path, self.context, may_be_object=may_be_object), self.effective_input
        return lambda scope: read(effective(scope), scope)

    def item(self) -> Expr | None:
        """Return the slot for the input of one iteration; its `$` is the effective input of the Map."""
        self.fields.at_most_one("ItemSelector", "Parameters")
        name = "ItemSelector" if "ItemSelector" in self.fields else "Parameters"
        if name not in self.fields:
            return None
        fill = template_of(self.fields, name, self.context)
        effective = self.effective_input
        return lambda scope: fill(effective(scope), scope)

    def count(self, name: str) -> Expr | None:
        """Return the slot for a number from 0, as `name` or by a path as `<name>Path`."""
        return self._map_number(name, lambda: self.fields.whole_number(name, 0, 2**31 - 1), count_path)

    def percentage(self, name: str) -> Expr | None:
        """Return the slot for a percentage, as `name` or by a path as `<name>Path`."""
        return self._map_number(name, lambda: self.fields.number(name, 0.0, 100.0), percentage_path)

    def _map_number(
        self, name: str, read_literal: Callable[[], Json], by_path: Callable[[Path, Context, str], Callable[[Json, Scope], float]]
    ) -> Expr | None:
        self.fields.at_most_one(name, f"{name}Path")
        literal = read_literal()
        if literal is not None:
            return lambda scope: literal
        path = self.path(f"{name}Path", may_read_context=False)
        if path is None:
            return None
        read, effective = by_path(path, self.context, f"{name}Path"), self.effective_input
        return lambda scope: read(effective(scope), scope)

    # paths

    def variable(self, fields: Fields, name: str) -> Path | None:
        """Return a path of a Choice rule."""
        return _parsed(fields, name, parse, NOT_A_PATH)

    def compared(self, path: Path) -> Expr:
        """Return what reads a path of a Choice rule."""
        read, effective = choice_path(path, self.context), self.effective_input
        return lambda scope: read(effective(scope), scope)

    def _data_path(self, name: str) -> Read | None:
        """Return what InputPath or OutputPath does; None: nothing."""
        if name not in self.fields:
            return None
        if self.fields.value[name] is None:
            return lambda _document, _scope: {}
        path = _parsed(self.fields, name, parse, NOT_A_PATH)
        if path is None or (path.root is Root.INPUT and not path.segments):
            return None
        return data_path(path, self.context)


def error_output(scope: Scope) -> Json:
    """Return the error output: the value that a Catcher sees (ASL spec, "Fallback states")."""
    error = scope.failure
    assert error is not None
    return {"Error": error.error, "Cause": error.cause}


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else json_text(value)


def _parsed(fields: Fields, name: str, parse_text: Callable[[str], Made], wrong: str) -> Made | None:
    """Read a field by a parser of expressions; notes `wrong` when the text is none, with the parser's reason as a hint."""
    if name not in fields:
        return None
    value = fields.value[name]
    if isinstance(value, str):
        try:
            return parse_text(value)
        except ExpressionSyntaxError as error:
            fields.error(name, wrong, error.message)
            return None
    fields.error(name, wrong)
    return None
