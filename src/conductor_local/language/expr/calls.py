"""The parser for intrinsic function calls: `States.Format('Hello {}', $.name)` (reference sheet 10).

Rules: no blank stands before the call; arguments are quoted texts, numbers, `true`, `false`, `null`, paths and further calls, ten
deep at most; in a quoted text a backslash may stand before `'`, `{`, `}` and `\\` only, anything else is refused. How many
arguments a function takes is its own affair, at run time: AWS takes a definition with too few (measured 2026).
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from conductor_local.language.expr.jsonpath import parse
from conductor_local.language.expr.path import Path
from conductor_local.language.expr.syntax import Scanner
from conductor_local.payload import Json

NESTING_MAX = 10
_NAME = re.compile(r"States\.[A-Za-z0-9]+")
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?(?![\w.])", re.ASCII)
_WORD = re.compile(r"(true|false|null)\b")
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPED = ("'", "{", "}", "\\")


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written into the call; `template` is a quoted text with its escapes, as `States.Format` reads it."""

    value: Json
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call; `text` is the expression as written."""

    name: str
    arguments: tuple["Argument", ...]
    text: str


Argument: TypeAlias = Literal | Path | Call


def parse_call(text: str, known: Container[str]) -> Call:
    """Parse a whole call of `known` functions; raises `ExpressionSyntaxError`."""
    scanner = Scanner(text)
    call = _call(scanner, known)
    scanner.skip_blanks()
    if not scanner.at_end:
        scanner.fail(f"unexpected {scanner.here!r}")
    return call


def paths_of(argument: Argument) -> Iterator[Path]:
    """Give every path that is read, for checks of a definition."""
    if isinstance(argument, Path):
        yield argument
    elif isinstance(argument, Call):
        for inner in argument.arguments:
            yield from paths_of(inner)


def _call(scanner: Scanner, known: Container[str]) -> Call:
    start = scanner.position
    name = scanner.match(_NAME)
    if name is None:
        scanner.fail("expected a path or a call such as States.Format('{}', $.name)")
    if name not in known:
        scanner.fail(f"there is no function {name}", start)
    if scanner.depth >= NESTING_MAX:
        scanner.fail(f"calls nested deeper than {NESTING_MAX} levels", start)
    scanner.depth += 1
    scanner.expect("(")
    arguments = _arguments(scanner, known)
    scanner.expect(")")
    scanner.depth -= 1
    return Call(name, arguments, scanner.text[start : scanner.position])


def _arguments(scanner: Scanner, known: Container[str]) -> tuple[Argument, ...]:
    scanner.skip_blanks()
    if scanner.here == ")":
        return ()
    arguments = [_argument(scanner, known)]
    scanner.skip_blanks()
    while scanner.take(","):
        scanner.skip_blanks()
        arguments.append(_argument(scanner, known))
        scanner.skip_blanks()
    return tuple(arguments)


def _argument(scanner: Scanner, known: Container[str]) -> Argument:
    match scanner.here:
        case "'":
            return _quoted(scanner)
        case "$":
            return _path(scanner)
        case "S":
            return _call(scanner, known)
        case _:
            return _plain(scanner)


def _plain(scanner: Scanner) -> Literal:
    if (word := scanner.match(_WORD)) is not None:
        return Literal(_WORDS[word])
    start = scanner.position
    if (number := scanner.match(_NUMBER)) is None:
        scanner.fail("expected a text in single quotes, a number, true, false, null, a path or a call")
    if number.lstrip("-").isdigit():
        return Literal(int(number))
    value = float(number)
    if value in (float("inf"), float("-inf")):
        scanner.fail("the number is too large", start)
    return Literal(value)


def _quoted(scanner: Scanner) -> Literal:
    start = scanner.position
    scanner.position += 1
    pieces: list[str] = []
    while not scanner.take("'"):
        if scanner.take("\\") and scanner.here not in _ESCAPED:
            scanner.fail("a backslash may stand before ', {, } and \\ only", scanner.position - 1)
        if scanner.at_end:
            scanner.fail("this text is never closed", start)
        pieces.append(scanner.here)
        scanner.position += 1
    return Literal("".join(pieces), scanner.text[start + 1 : scanner.position - 1])


def _path(scanner: Scanner) -> Path:
    """Cut out the path that begins here: to the next comma, bracket or blank that is not inside its own brackets."""
    start = scanner.position
    depth, quote = 0, ""
    while not scanner.at_end:
        character = scanner.here
        if quote:
            if character == "\\":
                scanner.position += 1
            elif character == quote:
                quote = ""
        elif depth and character in ("'", '"'):
            quote = character
        elif character in ("[", "("):
            depth += 1
        elif depth and character in ("]", ")"):
            depth -= 1
        elif not depth and character in (",", ")", " ", "\t", "\n", "\r"):
            break
        scanner.position += 1
    return parse(scanner.text[start : scanner.position], scanner.origin + start)
