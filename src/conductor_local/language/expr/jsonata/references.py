"""What an expression reads, found without evaluating it.

Rules: what is said to be *not* read is certainly not read, for only what is read is handed to the engine. At top level there is
no context item, so `$`, `$$` and bare field names there are faults; inside a path step, a predicate, a grouping, an ordering
or a transform they are not (`$$`, the root, is never there). AWS: "Reference to 'phone' at the top level is not supported."
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from conductor_local.language.expr.jsonata.syntax import Tree

Reads = dict[str, "Reads"]
"""Member name to what is read below it; empty: the whole value."""

STATES: Final = "states"
DOUBLING: Final = "{}"
"""Stands among the functions for objects and texts made of variables, which a loop could double again and again."""
BUILT_IN: Final = frozenset(
    """abs append assert average base64decode base64encode boolean ceil clone contains count decodeUrl decodeUrlComponent distinct
    each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger formatNumber fromMillis hash join
    keys length lookup lowercase map match max merge millis min not now number pad parse parseInteger partition power random
    range reduce replace reverse round shuffle sift single sort split spread sqrt string substring substringAfter
    substringBefore sum toMillis trim type uppercase uuid zip""".split()  # noqa: SIM905
)
_WRAPPERS: Final = frozenset({"filter", "keep", "group", "sort"})
_WITH_CONTEXT: Final = frozenset({"filter", "keep", "group", "sort"})
_FUNCTIONS: Final = frozenset({"lambda", "regex", "partial", "transform"})


@dataclass(slots=True)
class References:
    """The answers. Names keep the order in which the expression has them."""

    variables: dict[str, None] = field(default_factory=dict)
    """Free variables that may be workflow variables, also those named like a built-in function."""
    named: dict[str, None] = field(default_factory=dict)
    """Those of them that can only be workflow variables."""
    functions: dict[str, bool] = field(default_factory=dict)
    """Built-in functions by name; True when one is used other than by calling it."""
    called: dict[str, None] = field(default_factory=dict)
    """Whatever is called by name, built in or not."""
    states: Reads | None = None
    """Members of `$states`; empty: all of it; None: none of it."""
    path: tuple[str, ...] | None = None
    """Variable, then names, when that is all the expression is."""
    faults: list[str] = field(default_factory=list)
    may_be_function: bool = False
    """Whether the result could be a function."""


def references(tree: Tree) -> References:
    """Return what the expression `tree` reads."""
    return _Walk(tree).found


class _Walk:
    __slots__ = ("_is_whole", "found")

    def __init__(self, tree: Tree) -> None:
        self.found = References(path=_plain_path(tree))
        everything = list(_all(tree))
        # A focus (@) and a parent (%) read beside the path they stand in.
        self._is_whole = any(node.kind in ("focus", "parent") for node in everything)
        self.found.may_be_function = any(node.kind in _FUNCTIONS for node in everything)
        if any(node.kind in ("lambda", "bind") for node in everything) and any(map(can_double, everything)):
            self.found.functions[DOUBLING] = False
        bound = {node.parts[1].text for node in everything if node.kind in ("focus", "index")}
        self._visit(tree, False, frozenset(bound))

    def _visit(self, node: Tree, context: bool, bound: frozenset[str]) -> None:
        match node.kind:
            case "variable":
                self._variable(node.text, context, bound)
            case "name" if not context:
                self._fault(node.text)
            case "step":
                self._step(node, context, bound)
            case "block":
                self._block(node, context, bound)
            case "bind":
                self._bind(node, context, bound)
            case "lambda":
                inner = bound | {parameter.text for parameter in node.parts[:-1]}
                self._visit(node.parts[-1], context, inner)
            case "call" | "partial":
                self._call(node, context, bound)
            case kind if kind in _WITH_CONTEXT:
                self._visit(node.parts[0], context, bound)
                self._visit_all(node.parts[1:], True, bound)
            case "focus" | "index":
                self._visit(node.parts[0], context, bound)
            case "transform":
                self._visit_all(node.parts, True, bound)
            case _:
                self._visit_all(node.parts, context, bound)

    def _visit_all(self, nodes: tuple[Tree, ...], context: bool, bound: frozenset[str]) -> None:
        for node in nodes:
            self._visit(node, context, bound)

    def _variable(self, name: str, context: bool, bound: frozenset[str]) -> None:
        if name == "$" or (name == "" and not context):
            self._fault(f"${name}")
        elif name == STATES and name not in bound:
            self.found.states = {}
        elif name and name not in bound:
            self.found.variables.setdefault(name)
            if name in BUILT_IN:
                self.found.functions[name] = True
                self.found.may_be_function = True
            else:
                self.found.named.setdefault(name)

    def _step(self, node: Tree, context: bool, bound: frozenset[str]) -> None:
        steps: list[Tree] = []
        while node.kind == "step":
            steps.insert(0, node.parts[1])
            node = node.parts[0]
        if node.kind == "variable" and node.text == STATES and STATES not in bound:
            self._member(list(_leading_names(steps)))
        elif node.kind == "variable" and node.text not in ("", "$") and node.text not in bound:
            self.found.variables.setdefault(node.text)
            self.found.named.setdefault(node.text)
        elif node.kind != "string":
            self._visit(node, context, bound)
        self._visit_all(tuple(steps), True, bound)

    def _member(self, names: list[str]) -> None:
        if self.found.states is None:
            self.found.states = {}
        elif not self.found.states:
            return
        if self._is_whole or not names:
            self.found.states = {}
            return
        reads = self.found.states
        for name in names[:-1]:
            if name in reads and not reads[name]:
                return
            reads = reads.setdefault(name, {})
        reads[names[-1]] = {}

    def _block(self, node: Tree, context: bool, bound: frozenset[str]) -> None:
        for part in node.parts:
            self._visit(part, context, bound)
            if part.kind == "bind":
                bound |= _bound_by(part)

    def _bind(self, node: Tree, context: bool, bound: frozenset[str]) -> None:
        name, value = node.parts
        self._visit(value, context, bound | {name.text} if value.kind == "lambda" else bound)

    def _call(self, node: Tree, context: bool, bound: frozenset[str]) -> None:
        called = node.parts[0]
        if called.kind == "variable" and called.text not in bound:
            self.found.called.setdefault(called.text)
            if called.text in BUILT_IN:
                self.found.functions.setdefault(called.text, False)
        else:
            self._visit(called, context, bound)
        self._visit_all(node.parts[1:], context, bound)

    def _fault(self, name: str) -> None:
        text = f"Reference to '{name}' at the top level is not supported."
        if text not in self.found.faults:
            self.found.faults.append(text)


def can_double(node: Tree) -> bool:
    """Say whether `node` makes an object or a text out of variables."""
    makes = node.kind == "object" or (node.kind == "binary" and node.text == "&")
    return makes and any(part.kind == "variable" and part.text not in ("", STATES) for part in _all(node))


def binds(tree: Tree, name: str) -> bool:
    """Say whether an expression gives `name` a meaning of its own somewhere."""
    binding = (node for node in _all(tree) if node.kind in ("bind", "lambda"))
    named = (part for node in binding for part in (node.parts[:1] if node.kind == "bind" else node.parts[:-1]))
    return any(part.text == name for part in named)


def _bound_by(node: Tree) -> frozenset[str]:
    names = set()
    while node.kind == "bind":
        names.add(node.parts[0].text)
        node = node.parts[1]
    return frozenset(names)


def _leading_names(steps: list[Tree]) -> Iterator[str]:
    for step in steps:
        base = step
        while base.kind in _WRAPPERS or base.kind in ("focus", "index"):
            base = base.parts[0]
        if base.kind not in ("name", "string"):
            return
        yield base.text
        if base is not step:
            return


def _plain_path(node: Tree) -> tuple[str, ...] | None:
    names: list[str] = []
    while node.kind == "step" and node.parts[1].kind in ("name", "string"):
        names.insert(0, node.parts[1].text)
        node = node.parts[0]
    return (node.text, *names) if node.kind == "variable" and node.text not in ("", "$") else None


def _all(node: Tree) -> Iterator[Tree]:
    yield node
    for part in node.parts:
        yield from _all(part)
