"""The text handed to the engine: the expression, with the definitions it needs in front of it and guards around some arguments."""

from collections.abc import Iterator

from conductor_local.language.expr.jsonata.functions import DEFINITIONS, GUARDS, HELD, guard_of
from conductor_local.language.expr.jsonata.references import DOUBLING, References, can_double
from conductor_local.language.expr.jsonata.syntax import Tree


def program_text(text: str, tree: Tree, found: References) -> str:
    """Return `text` as it is, or as the last part of a block that first defines what it uses."""
    front = list(_definitions(found))
    if not front:
        return text
    return f"({'; '.join(front)}; ({_guarded(text, tree, DOUBLING in found.functions)}))"


def _definitions(found: References) -> Iterator[str]:
    for name, is_value in found.functions.items():
        if name in GUARDS:
            yield GUARDS[name]
        if name not in DEFINITIONS:
            continue
        if is_value:
            # A workflow variable of that name goes first.
            yield f'${name} := $exists(${name}) and $type(${name}) != "function" ? ${name} : {DEFINITIONS[name]}'
        else:
            yield f"${name} := {DEFINITIONS[name]}"


def _guarded(text: str, tree: Tree, is_growing: bool) -> str:
    inserts = sorted(_inserts(tree, is_growing), reverse=True)
    for at, _, piece in inserts:
        text = text[:at] + piece + text[at:]
    return text


def _inserts(node: Tree, is_growing: bool, is_joined: bool = False) -> Iterator[tuple[int, int, str]]:
    if node.kind == "call" and node.parts[0].kind == "variable":
        arguments = node.parts[1:]
        for position, argument in enumerate(arguments):
            if guard := guard_of(node.parts[0].text, arguments, position):
                yield argument.start, 1, f"{guard}("
                yield argument.end, 0, ")"
    if is_growing and not is_joined and can_double(node):
        # Of a chain of concatenations only the whole is looked at.
        yield node.start, 1, f"{HELD}("
        yield node.end, 0, ")"
    for part in node.parts:
        yield from _inserts(part, is_growing, node.text == part.text == "&")
