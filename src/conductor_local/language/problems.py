"""Collecting what is wrong with a definition, all of it, and telling it well.

Rules: a problem points at something that is in the document (a missing field is told of the object that lacks it); codes are
stable; hints say what to do. Problems come out in document order, with line and column when the definition came as text.
"""

from collections.abc import Container, Iterable
from difflib import get_close_matches

from msgspec.structs import replace

from conductor_local.errors import Problem
from conductor_local.language.positions import child
from conductor_local.language.source import Source
from conductor_local.payload import Json

_WORD_CHARS_MAX = 80  # longer words are cut in messages and not compared with known ones
KEY_CODES = frozenset({"UNKNOWN_FIELD"})
"""Codes of problems whose caret belongs under the key, not under its value."""


class Problems:
    """The problems found so far."""

    __slots__ = ("_found", "error_count")

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self.error_count = 0

    def error(self, pointer: str, code: str, message: str, hint: str = "") -> None:
        """Note something that keeps the definition from running."""
        self.error_count += 1
        self._found.append(Problem(pointer=pointer, code=code, message=message, hint=hint))

    def warning(self, pointer: str, code: str, message: str, hint: str = "") -> None:
        """Note something that is probably a mistake."""
        self._found.append(Problem(pointer=pointer, code=code, message=message, hint=hint, severity="warning"))

    def told(self, source: Source) -> tuple[Problem, ...]:
        """Return all in document order, placed in the text."""
        if not self._found:
            return ()
        ranks = _ranks(source.document)
        ordered = sorted(self._found, key=lambda problem: ranks.get(problem.pointer, len(ranks)))
        return tuple(placed(problem, source) for problem in ordered)


def placed(problem: Problem, source: Source) -> Problem:
    """Return the problem with its line and column, when it came from text."""
    place = source.locate(problem.pointer, key=problem.code in KEY_CODES)
    if place is None:
        return problem
    return replace(problem, line=place[0], column=place[1])


def did_you_mean(word: str, known: Container[str] | Iterable[str]) -> str:
    """Return a hint with the nearest known word, or an empty one; a container that cannot be listed gives none."""
    if len(word) > _WORD_CHARS_MAX or not isinstance(known, Iterable):
        return ""
    by_case = {candidate.lower(): candidate for candidate in known}
    nearest = get_close_matches(word.lower(), by_case, n=1)
    return f"did you mean {quoted(by_case[nearest[0]])}?" if nearest else ""


def quoted(text: str) -> str:
    """Return a text of the user's in quotes, cut when it is long."""
    return repr(text if len(text) <= _WORD_CHARS_MAX else text[:_WORD_CHARS_MAX] + "…")


def kind_of(value: Json) -> str:
    """Name the JSON type of a value for a message."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def _ranks(document: Json) -> dict[str, int]:
    """Number every place of the document from top to bottom."""
    ranks: dict[str, int] = {}
    waiting: list[tuple[str, Json]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop()
        ranks[pointer] = len(ranks)
        if isinstance(value, dict):
            waiting += [(child(pointer, key), item) for key, item in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(child(pointer, index), value[index]) for index in reversed(range(len(value)))]
    return ranks
