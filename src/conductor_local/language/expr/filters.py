"""Filters of a path, `[?(@.price < 10 && @.name =~ /A.*/i)]`: parsed once into a function of the candidate and the document.

Rules are Jayway's: a missing value equals nothing, not even null; `<` and its like compare two numbers or two texts and are
false for anything else; a number and a text are equal when they read the same; `=~` must match the whole text; a path alone asks
whether something is there, null included.
"""

import re
from collections.abc import Callable
from typing import TypeAlias

from conductor_local.language.absent import ABSENT
from conductor_local.language.comparison import is_number, utf16
from conductor_local.language.expr.path import Segments, is_definite
from conductor_local.language.expr.syntax import Scanner
from conductor_local.language.expr.text import json_text
from conductor_local.language.expr.walk import finder
from conductor_local.payload import Json

Condition: TypeAlias = Callable[[Json, Json], bool]
Operand: TypeAlias = Callable[[Json, Json], Json]
ReadSegments: TypeAlias = Callable[[Scanner], Segments]

NESTING_MAX = 20  # brackets inside brackets; far above what people write, far below the interpreter's stack
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")  # a text without quotes, as machines that run on AWS have it: aws-samples, 2024
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?(?![\w.])", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile(r"(true|false|null)\b")
_OPERATOR = re.compile(r"==|!=|<=|>=|=~|<|>|(?:in|nin)\b")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE, "u": re.UNICODE}


def read_condition(scanner: Scanner, read_segments: ReadSegments) -> Condition:
    """Read conditions joined by `||`; raises `ExpressionSyntaxError`."""
    if scanner.depth > NESTING_MAX:
        scanner.fail(f"nested deeper than {NESTING_MAX} levels")
    parts = [_all_of(scanner, read_segments)]
    while _take_operator(scanner, "||"):
        parts.append(_all_of(scanner, read_segments))
    if len(parts) == 1:
        return parts[0]
    return lambda item, document: any(part(item, document) for part in parts)


def _all_of(scanner: Scanner, read_segments: ReadSegments) -> Condition:
    parts = [_single(scanner, read_segments)]
    while _take_operator(scanner, "&&"):
        parts.append(_single(scanner, read_segments))
    if len(parts) == 1:
        return parts[0]
    return lambda item, document: all(part(item, document) for part in parts)


def _take_operator(scanner: Scanner, literal: str) -> bool:
    scanner.skip_blanks()
    return scanner.take(literal)


def _single(scanner: Scanner, read_segments: ReadSegments) -> Condition:
    is_negated = False
    while _take_operator(scanner, "!"):
        is_negated = not is_negated
    condition = _bracketed(scanner, read_segments) if scanner.take("(") else _comparison(scanner, read_segments)
    return (lambda item, document: not condition(item, document)) if is_negated else condition


def _bracketed(scanner: Scanner, read_segments: ReadSegments) -> Condition:
    scanner.depth += 1
    condition = read_condition(scanner, read_segments)
    scanner.depth -= 1
    scanner.expect(")")
    return condition


def _comparison(scanner: Scanner, read_segments: ReadSegments) -> Condition:
    start = scanner.position
    is_path = scanner.here in ("@", "$")
    left = _operand(scanner, read_segments)
    scanner.skip_blanks()
    name = scanner.match(_OPERATOR)
    if name is None:
        if not is_path:
            scanner.fail("expected a comparison", start)
        return lambda item, document: left(item, document) is not ABSENT
    scanner.skip_blanks()
    if name == "=~":
        return _matching(left, _pattern(scanner))
    right = _operand(scanner, read_segments)
    compare = _COMPARISONS[name]
    return lambda item, document: compare(left(item, document), right(item, document))


def _operand(scanner: Scanner, read_segments: ReadSegments) -> Operand:
    if scanner.take("@"):
        return _relative(read_segments(scanner), from_item=True)
    if scanner.take("$"):
        return _relative(read_segments(scanner), from_item=False)
    value = _literal(scanner)
    return lambda _item, _document: value


def _relative(segments: Segments, *, from_item: bool) -> Operand:
    """Read a path inside a filter: from the candidate, or from the document of the whole path. No match at all is absent."""
    find = finder(segments)
    if is_definite(segments):
        return (lambda item, _document: find(item)) if from_item else (lambda _item, document: find(document))

    def select(item: Json, document: Json) -> Json:
        return find(item if from_item else document) or ABSENT

    return select


def _literal(scanner: Scanner) -> Json:
    if scanner.here in ("'", '"'):
        return _quoted(scanner)
    if scanner.here == "[":
        return _list(scanner)
    if (word := scanner.match(_WORD)) is not None:
        return _WORDS[word]
    if (word := scanner.match(_BARE)) is not None:
        return word
    start = scanner.position
    if (number := scanner.match(_NUMBER)) is None:
        scanner.fail("expected a value, '@' or '$'")
    if number.lstrip("-").isdigit():
        return int(number)
    value = float(number)
    if value in (float("inf"), float("-inf")):
        scanner.fail("the number is too large", start)
    return value


def _list(scanner: Scanner) -> list[Json]:
    if scanner.depth > NESTING_MAX:
        scanner.fail(f"nested deeper than {NESTING_MAX} levels")
    scanner.depth += 1
    scanner.expect("[")
    scanner.skip_blanks()
    items: list[Json] = []
    if not scanner.take("]"):
        while True:
            scanner.skip_blanks()
            items.append(_literal(scanner))
            scanner.skip_blanks()
            if not scanner.take(","):
                break
        scanner.expect("]")
    scanner.depth -= 1
    return items


def _quoted(scanner: Scanner) -> str:
    start, quote = scanner.position, scanner.here
    scanner.position += 1
    pieces: list[str] = []
    while not scanner.take(quote):
        if scanner.take("\\"):
            pieces.append(_ESCAPES.get(scanner.here, scanner.here))
        else:
            pieces.append(scanner.here)
        if scanner.at_end:
            scanner.fail("this text is never closed", start)
        scanner.position += 1
    return "".join(pieces)


def _pattern(scanner: Scanner) -> re.Pattern[str]:
    start = scanner.position
    if not scanner.take("/"):
        scanner.fail("expected a pattern such as /a.*/i")
    body = scanner.match(re.compile(r"(?:[^/\\]|\\.)*", re.DOTALL)) or ""
    if not scanner.take("/"):
        scanner.fail("this pattern is never closed", start)
    flags = re.RegexFlag(0)
    for letter in scanner.match(re.compile("[a-zA-Z]*")) or "":
        if letter not in _FLAGS:
            scanner.fail(f"unknown flag {letter!r} of a pattern")
        flags |= _FLAGS[letter]
    try:
        return re.compile(body.replace("\\/", "/"), flags)
    except (re.error, OverflowError, RecursionError) as error:
        scanner.fail(f"not a valid pattern: {error}", start)


def _matching(left: Operand, pattern: re.Pattern[str]) -> Condition:
    def holds(item: Json, document: Json) -> bool:
        value = left(item, document)
        if is_number(value) or isinstance(value, bool):
            value = json_text(value)
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return holds


def same(left: Json, right: Json) -> bool:
    """Compare by value as JSON does: numbers by value, a boolean is no number, objects whatever their key order."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    return bool(left == right)


def _equal(left: Json, right: Json) -> bool:
    if left is ABSENT or right is ABSENT:
        return False
    if isinstance(left, str) and is_number(right):
        return left == json_text(right)
    if is_number(left) and isinstance(right, str):
        return json_text(left) == right
    return same(left, right)


def _ordered(compare: Callable[[Json, Json], bool]) -> Callable[[Json, Json], bool]:
    def holds(left: Json, right: Json) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(utf16(left), utf16(right))
        return is_number(left) and is_number(right) and compare(left, right)

    return holds


def _within(left: Json, right: Json) -> bool:
    return isinstance(right, list) and any(_equal(left, item) for item in right)


_COMPARISONS: dict[str, Callable[[Json, Json], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "in": _within,
    "nin": lambda left, right: not _within(left, right),
}
