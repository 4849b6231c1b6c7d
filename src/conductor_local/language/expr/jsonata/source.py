"""The text handed to the engine: the expression, with the definitions it needs in front of it and guards around some arguments."""

from collections.abc import Iterator

from conductor_local.language.expr.jsonata import growth
from conductor_local.language.expr.jsonata.functions import DEFINITIONS, GUARDS, HELD, guard_of
from conductor_local.language.expr.jsonata.references import DOUBLING, References, binds, can_double
from conductor_local.language.expr.jsonata.syntax import Tree


def program_text(text: str, tree: Tree, found: References) -> str:
    """Return `text` as it is, or as the last part of a block that first defines what it uses."""
    growing = frozenset(name for name in growth.DEFINITIONS if name in found.functions and not binds(tree, name))
    front = list(_definitions(found, growing))
    if not front:
        return text
    return f"({'; '.join(front)}; ({_guarded(text, _inserts(tree, DOUBLING in found.functions, growing))}))"


def _definitions(found: References, growing: frozenset[str]) -> Iterator[str]:
    for name, is_value in found.functions.items():
        if name in GUARDS:
            yield GUARDS[name]
        if name in growing:
            yield f"$__{name} := {growth.DEFINITIONS[name]}"
        made = f"$__{name}" if name in growing else DEFINITIONS.get(name)
        if made is None:
            continue
        if is_value:
            # A workflow variable of that name goes first.
            yield f'${name} := $exists(${name}) and $type(${name}) != "function" ? ${name} : {made}'
        elif name not in growing:
            yield f"${name} := {made}"


def _guarded(text: str, inserts: Iterator[tuple[int, int, str]]) -> str:
    for at, _, piece in sorted(inserts, reverse=True):
        text = text[:at] + piece + text[at:]
    return text


def _inserts(
    node: Tree, is_doubling: bool, growing: frozenset[str], *, is_joined: bool = False, is_piped: bool = False
) -> Iterator[tuple[int, int, str]]:
    """Yield what to put where; of two pieces at one place the higher number stands first."""
    if node.kind == "call" and node.parts[0].kind == "variable":
        yield from _around_call(node.parts[0], node.parts[1:], growing, is_piped)
    if is_doubling and not is_joined and can_double(node):
        # Of a chain of concatenations only the whole is looked at.
        yield node.start, 1, f"{HELD}("
        yield node.end, 0, ")"
    for place, part in enumerate(node.parts):
        piped = place == 1 and node.kind == "binary" and node.text == "~>"
        yield from _inserts(part, is_doubling, growing, is_joined=node.text == part.text == "&", is_piped=piped)


def _around_call(
    called: Tree, arguments: tuple[Tree, ...], growing: frozenset[str], is_piped: bool
) -> Iterator[tuple[int, int, str]]:  # fmt: skip
    if called.text in growing and (first := growth.redirected(called.text, arguments, is_piped=is_piped)) is not None:
        yield called.start + 1, 0, "__"
        if first:
            yield arguments[0].start, 2, first
    for position, argument in enumerate(arguments):
        if guard := guard_of(called.text, arguments, position):
            yield argument.start, 1, f"{guard}("
            yield argument.end, 0, ")"
