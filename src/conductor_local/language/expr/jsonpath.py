"""The parser for JSONPath as Step Functions reads it: a subset of Jayway JsonPath with two more roots (reference sheet 4).

    $.a.b[0]   $['a b']   $..x   $.*   $.a[*]   $.a[-1]   $.a[1,2]   $.a[:2]   $.a[?(@.p < 10)]     the input
    $$.Execution.Id                                                                                 the context object
    $name.a[0]                                                                                      a variable

Rules: after a dot everything up to `.`, `[`, `(` or a blank is the name, as in Jayway (`$.foo-bar`, `$.größe`); in a quoted
name a backslash stands for itself unless the quote or another backslash follows (AWS: `\\"` inside `['…']` keeps the backslash,
observed 2025-02). Functions (`.length()`) and slice steps are refused.
"""

import re
from typing import TypeAlias

from conductor_local.language.expr.filters import read_condition
from conductor_local.language.expr.path import (
    Descend,
    Filter,
    Index,
    Indexes,
    Name,
    Names,
    Path,
    Root,
    Segment,
    Segments,
    Slice,
    Step,
    Wildcard,
)
from conductor_local.language.expr.syntax import Scanner
from conductor_local.payload import DEPTH_MAX

_VARIABLE = re.compile(r"[^\W\d]\w*")
_DOT_NAME = re.compile(r"[^.\[(\s]+")
_INTEGER = re.compile(r"-?[0-9]{1,18}(?![0-9])", re.ASCII)
_Bound: TypeAlias = int | None


def parse(text: str, origin: int = 0) -> Path:
    """Parse a whole path; raises `ExpressionSyntaxError`. `origin` is its place in a larger expression, for messages."""
    scanner = Scanner(text.rstrip(), origin)
    if not scanner.take("$"):
        scanner.fail("a path begins with '$'")
    root, variable = Root.INPUT, None
    if scanner.take("$"):
        root = Root.CONTEXT
    elif (variable := scanner.match(_VARIABLE)) is not None:
        root = Root.VARIABLE
    segments = read_segments(scanner)
    if not scanner.at_end:
        scanner.fail(f"unexpected {scanner.here!r}")
    return Path(text, root, segments, variable)


def read_segments(scanner: Scanner) -> Segments:
    """Read segments as far as they go."""
    segments: list[Segment] = []
    while scanner.here in (".", "["):
        if len(segments) == DEPTH_MAX:
            scanner.fail(f"more than {DEPTH_MAX} steps")
        segments.append(_segment(scanner))
    return tuple(segments)


def _segment(scanner: Scanner) -> Segment:
    if scanner.take(".."):
        return Descend(_bracket(scanner) if scanner.here == "[" else _dotted(scanner))
    if scanner.take("."):
        return _dotted(scanner)
    return _bracket(scanner)


def _dotted(scanner: Scanner) -> Step:
    start = scanner.position
    name = scanner.match(_dot_name(scanner))
    if name is None:
        scanner.fail("a name is missing after '.'")
    if name == "*":
        return Wildcard()
    if name.startswith("*"):
        scanner.fail("'.' or '[' must follow '*'", start + 1)
    if scanner.here == "(":
        scanner.fail("functions such as '.length()' are not supported in paths", start)
    return Name(name)


def _dot_name(scanner: Scanner) -> re.Pattern[str]:
    return _DOT_NAME if scanner.depth == 0 else _DOT_NAME_IN_FILTER


_DOT_NAME_IN_FILTER = re.compile(r"[^.\[()\s=!<>&|,\]~]+")


def _bracket(scanner: Scanner) -> Step:
    scanner.expect("[")
    scanner.skip_blanks()
    if scanner.take("*"):
        step: Step = Wildcard()
    elif scanner.here in ("'", '"'):
        step = _quoted_names(scanner)
    elif scanner.take("?"):
        step = _filter(scanner)
    else:
        step = _numbers(scanner)
    scanner.expect("]")
    return step


def _quoted_names(scanner: Scanner) -> Step:
    names = [_quoted(scanner)]
    scanner.skip_blanks()
    while scanner.take(","):
        scanner.skip_blanks()
        if scanner.here not in ("'", '"'):
            scanner.fail("expected a quoted name")
        names.append(_quoted(scanner))
        scanner.skip_blanks()
    return Name(names[0]) if len(names) == 1 else Names(tuple(names))


def _quoted(scanner: Scanner) -> str:
    start, quote = scanner.position, scanner.here
    scanner.position += 1
    pieces: list[str] = []
    while not scanner.take(quote):
        if scanner.at_end:
            scanner.fail("this name is never closed", start)
        if scanner.here == "\\" and scanner.text[scanner.position + 1 : scanner.position + 2] in (quote, "\\"):
            scanner.position += 1
        pieces.append(scanner.here)
        scanner.position += 1
    return "".join(pieces)


def _filter(scanner: Scanner) -> Filter:
    scanner.expect("(")
    start = scanner.position
    scanner.depth += 1
    holds = read_condition(scanner, read_segments)
    scanner.depth -= 1
    text = scanner.text[start : scanner.position]
    scanner.expect(")")
    return Filter(text, holds)


def _numbers(scanner: Scanner) -> Step:
    start = scanner.position
    first = _integer(scanner)
    scanner.skip_blanks()
    if scanner.take(":"):
        return _slice(scanner, first, start)
    if first is None:
        scanner.fail("expected an index, a quoted name, '*' or a filter")
    if scanner.here != ",":
        return Index(first)
    indexes = [first]
    while scanner.take(","):
        scanner.skip_blanks()
        if (following := _integer(scanner)) is None:
            scanner.fail("expected an index")
        indexes.append(following)
        scanner.skip_blanks()
    return Indexes(tuple(indexes))


def _slice(scanner: Scanner, start: _Bound, position: int) -> Slice:
    scanner.skip_blanks()
    stop = _integer(scanner)
    scanner.skip_blanks()
    if scanner.here == ":":
        scanner.fail("slices with a step are not supported")
    if start is None and stop is None:
        scanner.fail("a slice needs a start or an end", position)
    return Slice(start, stop)


def _integer(scanner: Scanner) -> int | None:
    found = scanner.match(_INTEGER)
    return None if found is None else int(found)
