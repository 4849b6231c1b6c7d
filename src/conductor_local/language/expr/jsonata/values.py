"""JSON of a definition in which strings may be expressions: `{% … %}`, at any depth of objects and lists, never in keys.

Rules: what holds no expression is a constant and is never built again; each expression knows its own place, as AWS names it:
`Output`, `Output/v`, `Output/values[0]`, `Choices[1]/Condition`.
"""

from dataclasses import dataclass

from conductor_local.language.expr.jsonata.expression import AT_ENTRY, Expression, compile_expression
from conductor_local.language.expr.jsonata.failures import MALFORMED, ExpressionProblem, ExpressionRefused
from conductor_local.payload import Json
from conductor_local.program import Expr, Scope


@dataclass(frozen=True, slots=True)
class Value:
    """A compiled value: `expr` gives it for a scope; `is_constant` says that it is the same for every scope."""

    expr: Expr
    is_constant: bool
    variables: tuple[str, ...] = ()
    """Workflow variables that its expressions name, in order."""


def is_expression(value: Json) -> bool:
    """Say whether a value of a definition is a JSONata expression."""
    return isinstance(value, str) and len(value) >= 4 and value.startswith("{%") and value.endswith("%}")


def is_half_open(value: Json) -> bool:
    """Say whether a string has one of the two delimiters only; such a string is refused."""
    return isinstance(value, str) and not is_expression(value) and (value.startswith("{%") or value.endswith("%}"))


def compile_value(
    value: Json, field: str, *, context: Expr, members: frozenset[str] = AT_ENTRY, expects: str | None = None
) -> Value:
    """Compile a value of a definition; `expects` is for an expression that is the whole value.

    The other parameters are those of `compile_expression`. Raises `ExpressionRefused` with every problem found.
    """
    compiler = _Compiler(context, members)
    compiled = compiler.compile(value, field, expects)
    if compiler.problems:
        raise ExpressionRefused(compiler.problems)
    if compiled is None:
        return Value(lambda _: value, True)
    return Value(compiled, False, tuple(dict.fromkeys(compiler.variables)))


class _Compiler:
    __slots__ = ("_context", "_members", "problems", "variables")

    def __init__(self, context: Expr, members: frozenset[str]) -> None:
        self._context = context
        self._members = members
        self.problems: list[ExpressionProblem] = []
        self.variables: list[str] = []

    def compile(self, value: Json, field: str, expects: str | None = None) -> Expr | None:
        """Return what gives the value, or None when it is constant."""
        if isinstance(value, str):
            return self._text(value, field, expects)
        if isinstance(value, dict):
            return self._object(value, {key: self.compile(item, f"{field}/{key}") for key, item in value.items()})
        if isinstance(value, list):
            return self._list(value, [self.compile(item, f"{field}[{place}]") for place, item in enumerate(value)])
        return None

    def _text(self, text: str, field: str, expects: str | None) -> Expr | None:
        if is_half_open(text):
            self.problems.append(ExpressionProblem(MALFORMED, "A JSONata expression must start with '{%' and end with '%}'", field))
        if not is_expression(text):
            return None
        try:
            compiled = self._expression(text[2:-2], field, expects)
        except ExpressionRefused as refused:
            self.problems.extend(refused.problems)
            return None
        self.variables.extend(compiled.variables)
        return compiled

    def _expression(self, text: str, field: str, expects: str | None) -> Expression:
        return compile_expression(text, field, context=self._context, members=self._members, expects=expects)

    @staticmethod
    def _object(value: dict[str, Json], parts: dict[str, Expr | None]) -> Expr | None:
        changing = tuple((key, part) for key, part in parts.items() if part is not None)
        if not changing:
            return None

        def build(scope: Scope) -> Json:
            # Constant members keep their place in the order of the keys.
            built = dict(value)
            for key, part in changing:
                built[key] = part(scope)
            return built

        return build

    @staticmethod
    def _list(value: list[Json], parts: list[Expr | None]) -> Expr | None:
        changing = tuple((place, part) for place, part in enumerate(parts) if part is not None)
        if not changing:
            return None

        def build(scope: Scope) -> Json:
            built = list(value)
            for place, part in changing:
                built[place] = part(scope)
            return built

        return build
