"""One JSONata expression: checked when the definition is read, evaluated as often as wanted.

`compile_expression` refuses what AWS refuses at create time and gives an `Expression`, which is an `Expr`. A path that only names
members (`$states.input.a`, `$order.id`) is walked in Python as long as it meets objects only, where JSONata has no
surprises; everything else goes to the engine.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from conductor_local.language.expr.jsonata import engine, functions
from conductor_local.language.expr.jsonata.bindings import MEMBERS, binder, reader
from conductor_local.language.expr.jsonata.engine import EngineFault, Evaluator
from conductor_local.language.expr.jsonata.failures import (
    NOTHING,
    UNPARSABLE,
    UNSUPPORTED,
    UNSUPPORTED_RESULT,
    ExpressionProblem,
    ExpressionRefused,
    failed,
    type_of,
    unexpected,
)
from conductor_local.language.expr.jsonata.numbers import numbers
from conductor_local.language.expr.jsonata.references import STATES, References, references
from conductor_local.language.expr.jsonata.source import program_text
from conductor_local.language.expr.jsonata.syntax import Tree, parse
from conductor_local.language.expr.jsonata.tokens import SyntaxFault
from conductor_local.language.expr.jsonata.wording import worded
from conductor_local.payload import Json
from conductor_local.program import Expr, Scope

AT_ENTRY: Final = frozenset({"input", "context"})
"""Members of `$states` before the work is done."""
AT_EXIT: Final = frozenset({"input", "context", "result"})
IN_CATCH: Final = frozenset({"input", "context", "errorOutput"})


_LONG_NUMBER: Final = re.compile(r"\d{16}|\de")


class _Engine(Exception):
    """The short way does not fit: ask the engine."""


class Expression:
    """A compiled expression. Call it with a scope; raises `QueryEvaluationError`.

    `text` is what stands between the delimiters; `variables` are the workflow variables it names.
    """

    __slots__ = (
        "_bind",
        "_called",
        "_evaluate",
        "_functions",
        "_is_finite",
        "_may_be_function",
        "_program",
        "_short",
        "expects",
        "field",
        "text",
        "variables",
    )

    def __init__(
        self, text: str, field: str, tree: Tree, found: References, expects: str | None, bind: "_Bind", short: Expr | None
    ):
        self.text = text
        self.field = field
        self.expects = expects
        self.variables = tuple(found.named)
        self._called = tuple(found.called)
        self._may_be_function = found.may_be_function
        self._is_finite = not any(sign in text for sign in ("*", "/", "$power"))
        self._bind = bind
        self._short = short
        self._functions = found.functions
        self._program = program_text(text, tree, found)
        self._evaluate = _evaluators(self._program, self._functions)

    def __call__(self, scope: Scope) -> Json:
        value = self._value(scope)
        if self.expects is not None and type_of(value) not in (wanted := self.expects.split(" or ")):
            raise failed(scope, self.text, self.field, unexpected(wanted[0], value))
        return value

    def _value(self, scope: Scope) -> Json:
        if self._short is not None:
            try:
                return self._short(scope)
            except _Engine:
                pass
        bindings = self._bind(scope)
        try:
            text = self._evaluate(scope).text(bindings)
        except EngineFault as fault:
            raise failed(scope, self.text, self.field, f"threw an error during evaluation{worded(fault, self._called)}") from None
        if text is None:
            raise failed(scope, self.text, self.field, NOTHING)
        if text == '""' and self._may_be_function and self._is_function(bindings, scope):
            raise failed(scope, self.text, self.field, UNSUPPORTED_RESULT)
        if "null" in text and not self._is_finite:
            return self._with_infinities(text, bindings, scope)
        value = engine.decode(text)
        return numbers(value) if _LONG_NUMBER.search(text) else value

    def _is_function(self, bindings: dict[str, Json], scope: Scope) -> bool:
        probe = _evaluators(f"$type({self._program})", self._functions)
        try:
            return probe(scope).text(bindings) == '"function"'
        except EngineFault:
            return True

    def _with_infinities(self, text: str, bindings: dict[str, Json], scope: Scope) -> Json:
        # JSON has no word for a number that is not finite; AWS answers the string "Infinity" (measured August 2026).
        value = engine.decode(text)
        try:
            other = self._evaluate(scope).value(bindings)
        except EngineFault:
            return numbers(value)
        return numbers(other if _is_like(other, value) else value)


_Bind = Callable[[Scope], dict[str, Json]]


def compile_expression(
    text: str, field: str, *, context: Expr, members: frozenset[str] = AT_ENTRY, expects: str | None = None
) -> Expression:
    """Compile the text between `{%` and `%}`.

    `field` is the place inside the state as AWS names it, such as `Output/v`; `context` gives the context object; `members` are
    those of `$states` that can be read in this field; `expects` is the JSON type the result must have, such as `array`, or
    several: `array or object`. Raises `ExpressionRefused`.
    """
    text = text.strip()
    tree = _parsed(text, field)
    found = references(tree)
    problems = [ExpressionProblem(UNSUPPORTED, fault, field) for fault in found.faults]
    problems += [
        ExpressionProblem(UNSUPPORTED, f"Reference to '${STATES}.{member}' is not supported in this field.", field)
        for member in found.states or ()
        if member in MEMBERS and member not in members
    ]
    if problems:
        raise ExpressionRefused(problems)
    return Expression(text, field, tree, found, expects, binder(found, members, context), _short_way(found.path, members, context))


def _parsed(text: str, field: str) -> Tree:
    try:
        tree = parse(text)
        engine.check(text)
    except SyntaxFault as fault:
        raise ExpressionRefused([ExpressionProblem(UNPARSABLE, str(fault), field)]) from None
    except EngineFault as fault:
        raise ExpressionRefused([ExpressionProblem(UNPARSABLE, fault.message, field)]) from None
    return tree


def _evaluators(text: str, used: Mapping[str, bool]) -> Callable[[Scope], Evaluator]:
    pure = functions.pure(used)
    if any(functions.is_scoped(name) for name in used):
        # What reads the scope is bound to it, so such an expression is compiled for each evaluation: some ten microseconds.
        return lambda scope: engine.compile(text, {**pure, **functions.scoped(used, scope)})
    compiled = engine.keep(engine.compile(text, pure))
    return lambda _: compiled


def _short_way(path: tuple[str, ...] | None, members: frozenset[str], context: Expr) -> Expr | None:
    if path is None:
        return None
    root, *names = path
    if root != STATES:
        return _walker(lambda scope: scope.variable(root), tuple(names))
    if not names or names[0] not in members:
        return None
    return _walker(reader(names[0], context), tuple(names[1:]))


def _walker(read: Expr, names: tuple[str, ...]) -> Expr:
    def walk(scope: Scope) -> Json:
        try:
            value = read(scope)
            for name in names:
                if type(value) is not dict:
                    raise _Engine
                value = value[name]
        except KeyError:
            raise _Engine from None
        return numbers(value)

    return walk


def _is_like(one: Json, other: Json) -> bool:
    """Say whether two results differ only in numbers that are not finite; chance may have made them differ more."""
    if type(one) is list and type(other) is list:
        return len(one) == len(other) and all(map(_is_like, one, other))
    if type(one) is dict and type(other) is dict:
        return one.keys() == other.keys() and all(_is_like(one[key], other[key]) for key in one)
    return one == other or (type(one) is float and other is None)
