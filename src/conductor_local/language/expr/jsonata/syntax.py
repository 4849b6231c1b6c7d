"""Reads JSONata text into a tree: only as much of the language as static questions need.

The engine parses for itself; this tree answers what it cannot be asked: which variables and which members of `$states` an
expression reads, whether it names a field where there is no context item, and where a call stands in the text. The grammar is
the reference implementation's operator precedence parser (jsonata-js, `parser.js`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from conductor_local.language.expr.jsonata.tokens import SyntaxFault, Token, Tokens

NESTING_MAX: Final = 100
DEPTH_MAX: Final = 300
"""Levels of a tree, a chain of operators being as deep as it is long; AWS evaluates about 100 (measured), this recurses safely."""
_TOO_DEEP: Final = "The expression is nested too deeply"
_BINDING: Final = {
    ".": 75, "[": 80, "{": 70, "(": 80, "@": 80, "#": 80, "?": 20, "+": 50, "-": 50, "*": 60, "/": 60, "%": 60,
    "=": 40, "<": 40, ">": 40, "^": 40, "..": 20, ":=": 10, "!=": 40, "<=": 40, ">=": 40, "~>": 40,
    "?:": 40, "??": 40, "and": 30, "or": 25, "in": 40, "&": 50,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tree:
    """A node: what it is, its name or operator, its parts, and the text it spans.

    Kinds: name variable string number value regex wildcard descendant parent placeholder array object block lambda negate
    transform; step (a.b) filter (a[b]) keep (a[]) group (a{…}) sort (a^(…)) focus (a@$v) index (a#$v) call partial bind
    condition binary. `parts` come in the order of the text; of a call the first is what is called.
    """

    kind: str
    text: str
    parts: tuple["Tree", ...]
    start: int
    end: int
    depth: int = 1


def parse(text: str) -> Tree:
    """Return the tree of `text`; raises `SyntaxFault`."""
    return _Parser(text).whole()


class _Parser:
    __slots__ = ("_depth", "_last", "_token", "_tokens")

    def __init__(self, text: str) -> None:
        self._tokens = Tokens(text)
        self._depth = 0
        self._last = 0
        self._token = self._tokens.next(prefix=True)

    def whole(self) -> Tree:
        tree = self._expression(0)
        if self._token.kind != "end":
            raise SyntaxFault(f"Syntax error: {_quoted(self._token.text)}")
        return tree

    def _advance(self, *, prefix: bool) -> Token:
        token = self._token
        self._last = token.end
        self._token = self._tokens.next(prefix=prefix)
        return token

    def _expect(self, operator: str, *, prefix: bool = False) -> None:
        if self._is(operator):
            self._advance(prefix=prefix)
        elif self._token.kind == "end":
            raise SyntaxFault(f"Expected {_quoted(operator)} before end of expression")
        else:
            raise SyntaxFault(f"Expected {_quoted(operator)}, got {_quoted(self._token.text)}")

    def _is(self, operator: str) -> bool:
        return self._token.kind == "operator" and self._token.text == operator

    def _took(self, operator: str) -> bool:
        """Step over `operator` when it is next, to where an operand is expected."""
        if not self._is(operator):
            return False
        self._advance(prefix=True)
        return True

    def _expression(self, power: int) -> Tree:
        self._depth += 1
        if self._depth > NESTING_MAX:
            raise SyntaxFault(_TOO_DEEP)
        tree = self._operand()
        while self._token.kind == "operator" and power < _BINDING.get(self._token.text, 0):
            tree = self._continue(tree)
        if self._token.kind not in ("operator", "end"):
            raise SyntaxFault(f"Syntax error: {_quoted(self._token.text)}")
        self._depth -= 1
        return tree

    def _operand(self) -> Tree:
        token = self._token
        if token.kind == "end":
            raise SyntaxFault("Unexpected end of expression")
        prefix = token.kind == "operator" and token.text in ("-", "(", "[", "{", "|")
        self._advance(prefix=prefix)
        if token.kind != "operator":
            if token.kind == "name" and token.text in ("function", "λ") and self._is("("):
                return self._lambda(token)
            return Tree(token.kind, token.text, (), token.start, token.end)
        simple = {"*": "wildcard", "**": "descendant", "%": "parent", "?": "placeholder", "and": "name", "or": "name", "in": "name"}
        if token.text in simple:
            return Tree(simple[token.text], token.text, (), token.start, token.end)
        if not prefix:
            raise SyntaxFault(f"The symbol {_quoted(token.text)} cannot be used as a unary operator")
        return _OPERANDS[token.text](self, token)

    def _negate(self, token: Token) -> Tree:
        return self._node("negate", "-", (self._expression(70),), token.start)

    def _block(self, token: Token) -> Tree:
        parts: list[Tree] = []
        while not self._is(")"):
            parts.append(self._expression(0))
            if not self._took(";"):
                break
        self._expect(")")
        return self._node("block", "", tuple(parts), token.start)

    def _array(self, token: Token) -> Tree:
        parts: list[Tree] = []
        while not self._is("]"):
            parts.append(self._expression(0))
            if not self._took(","):
                break
        self._expect("]")
        return self._node("array", "", tuple(parts), token.start)

    def _object(self, token: Token) -> Tree:
        return self._node("object", "", self._pairs(), token.start)

    def _pairs(self) -> tuple[Tree, ...]:
        parts: list[Tree] = []
        while not self._is("}"):
            parts.append(self._expression(0))
            self._expect(":", prefix=True)
            parts.append(self._expression(0))
            if not self._took(","):
                break
        self._expect("}")
        return tuple(parts)

    def _transform(self, token: Token) -> Tree:
        pattern = self._expression(0)
        self._expect("|", prefix=True)
        parts = [pattern, self._expression(0)]
        if self._took(","):
            parts.append(self._expression(0))
        self._expect("|")
        return self._node("transform", "", tuple(parts), token.start)

    def _lambda(self, token: Token) -> Tree:
        self._expect("(", prefix=True)
        parts: list[Tree] = []
        while not self._is(")"):
            parts.append(self._parameter())
            if not self._took(","):
                break
        self._expect(")")
        if self._is("<"):
            self._signature()
        self._expect("{", prefix=True)
        parts.append(self._expression(0))
        self._expect("}")
        return self._node("lambda", "", tuple(parts), token.start)

    def _parameter(self) -> Tree:
        parameter = self._expression(0)
        if parameter.kind != "variable":
            raise SyntaxFault(f"Parameter {_quoted(parameter.text)} of function definition must be a variable name (start with $)")
        return parameter

    def _signature(self) -> None:
        depth = 0
        while self._token.kind != "end":
            depth += self._is("<") - self._is(">")
            self._advance(prefix=False)
            if depth == 0:
                return

    def _continue(self, left: Tree) -> Tree:
        token = self._token
        self._advance(prefix=True)
        special = _CONTINUATIONS.get(token.text)
        if special is not None:
            return special(self, left)
        return self._node("binary", token.text, (left, self._expression(_BINDING[token.text])), left.start)

    def _step(self, left: Tree) -> Tree:
        return self._node("step", ".", (left, self._expression(_BINDING["."])), left.start)

    def _filter(self, left: Tree) -> Tree:
        if self._is("]"):
            self._expect("]")
            return self._node("keep", "", (left,), left.start)
        predicate = self._expression(0)
        self._expect("]")
        return self._node("filter", "", (left, predicate), left.start)

    def _group(self, left: Tree) -> Tree:
        return self._node("group", "", (left, *self._pairs()), left.start)

    def _call(self, left: Tree) -> Tree:
        parts = [left]
        while not self._is(")"):
            parts.append(self._expression(0))
            if not self._took(","):
                break
        self._expect(")")
        kind = "partial" if any(part.kind == "placeholder" for part in parts[1:]) else "call"
        return self._node(kind, "", tuple(parts), left.start)

    def _sort(self, left: Tree) -> Tree:
        self._expect("(", prefix=True)
        parts = [left]
        while True:
            if not self._took("<"):
                self._took(">")
            parts.append(self._expression(0))
            if not self._took(","):
                break
        self._expect(")")
        return self._node("sort", "", tuple(parts), left.start)

    def _focus(self, left: Tree) -> Tree:
        return self._node("focus", "@", (left, self._expression(_BINDING["@"])), left.start)

    def _index(self, left: Tree) -> Tree:
        return self._node("index", "#", (left, self._expression(_BINDING["#"])), left.start)

    def _bind(self, left: Tree) -> Tree:
        if left.kind != "variable":
            raise SyntaxFault("The left side of := must be a variable name (start with $)")
        return self._node("bind", ":=", (left, self._expression(_BINDING[":="] - 1)), left.start)

    def _condition(self, left: Tree) -> Tree:
        parts = [left, self._expression(0)]
        if self._took(":"):
            parts.append(self._expression(0))
        return self._node("condition", "?", tuple(parts), left.start)

    def _node(self, kind: str, text: str, parts: tuple[Tree, ...], start: int) -> Tree:
        depth = 1 + max((part.depth for part in parts), default=0)
        if depth > DEPTH_MAX:
            raise SyntaxFault(_TOO_DEEP)
        return Tree(kind, text, parts, start, self._last, depth)


_OPERANDS: Final[dict[str, Callable[[_Parser, Token], Tree]]] = {
    "-": _Parser._negate,
    "(": _Parser._block,
    "[": _Parser._array,
    "{": _Parser._object,
    "|": _Parser._transform,
}
_CONTINUATIONS: Final[dict[str, Callable[[_Parser, Tree], Tree]]] = {
    ".": _Parser._step,
    "[": _Parser._filter,
    "{": _Parser._group,
    "(": _Parser._call,
    "^": _Parser._sort,
    "@": _Parser._focus,
    "#": _Parser._index,
    ":=": _Parser._bind,
    "?": _Parser._condition,
}


def _quoted(text: str) -> str:
    return f'"{text}"'
