"""Reading one JSON object of a definition field by field, noting every problem and going on.

Rules: a reader returns the value, or None when the field is absent or wrong; wrong has then been noted, so callers need not ask
which it was: a definition with an error never becomes a program. JSON null counts as a wrong value except where a method
says otherwise.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from conductor_local.language.comparison import is_number
from conductor_local.language.positions import child
from conductor_local.language.problems import Problems, did_you_mean, kind_of, quoted
from conductor_local.language.steps.paths import Lookup, Path, PathFault, lookup, parse_path
from conductor_local.language.steps.records import Records
from conductor_local.payload import Json

_SYNONYMS: Mapping[str, str] = {
    "default": "defaultStepId",
    "function": "functionName",
    "items": "itemsPath",
    "next": "nextStepId",
    "resource": "functionName",
    "states": "steps",
}
"""What authors who know other workflow languages write, in lower case."""


@dataclass(frozen=True, slots=True)
class Context:
    """What reading a definition shares from end to end; `functions` None means that no names are known."""

    problems: Problems
    records: Records
    functions: Container[str] | None
    strict_paths: bool = False


class Range(NamedTuple):
    """Which numbers will do, in words and as a test."""

    words: str
    holds: Callable[[float], bool]


class Fields:
    """One object of the definition. `what` names it in messages."""

    __slots__ = ("context", "pointer", "value", "what")

    def __init__(self, value: Mapping[str, Json], pointer: str, what: str, context: Context) -> None:
        self.value = value
        self.pointer = pointer
        self.what = what
        self.context = context

    def __contains__(self, name: str) -> bool:
        return name in self.value

    def at(self, name: str) -> str:
        """Return the pointer of a field."""
        return child(self.pointer, name)

    def error(self, name: str, code: str, message: str, hint: str = "") -> None:
        """Note a problem with the value of a field."""
        self.context.problems.error(self.at(name), code, f"{self.what}: {quoted(name)} {message}", hint)

    def error_here(self, code: str, message: str, hint: str = "") -> None:
        """Note a problem with the object itself."""
        self.context.problems.error(self.pointer, code, f"{self.what} {message}", hint)

    def refuse_others(self, known: Iterable[str]) -> None:
        """Note every field whose name is not `known`."""
        allowed = dict.fromkeys(known)
        for name in self.value:
            if name not in allowed:
                synonym = _SYNONYMS.get(name.lower())
                hint = f"did you mean {quoted(synonym)}?" if synonym in allowed and synonym else did_you_mean(name, allowed)
                self.context.problems.error(self.at(name), "UNKNOWN_FIELD", f"{self.what} has no field {quoted(name)}", hint)

    def require(self, *names: str) -> None:
        """Note every one of the fields that is missing."""
        for name in names:
            if name not in self.value:
                self.error_here("MISSING_FIELD", f"needs {quoted(name)}")

    # values

    def text(self, name: str) -> str | None:
        """Return a text."""
        return str(self.value[name]) if self._is(name, str, "a text") else None

    def word(self, name: str) -> str | None:
        """Return a text that says something."""
        text = self.text(name)
        if text is not None and not text.strip():
            self.error(name, "EMPTY", "must not be empty")
            return None
        return text

    def word_or_null(self, name: str) -> str | None:
        """Return a text that says something; null is the same as no field."""
        return None if self.value.get(name) is None else self.word(name)

    def boolean(self, name: str) -> bool | None:
        """Return true or false."""
        return bool(self.value[name]) if self._is(name, bool, "true or false") else None

    def number(self, name: str, range: Range) -> float | None:
        """Return a number in a range."""
        if name not in self.value:
            return None
        value = self.value[name]
        if not is_number(value):
            self.error(name, "WRONG_TYPE", f"must be {range.words}, but is {kind_of(value)}")
        elif not range.holds(value):
            self.error(name, "OUT_OF_RANGE", f"must be {range.words}")
        else:
            return value  # type: ignore[no-any-return]
        return None

    def whole_number(self, name: str, range: Range) -> int | None:
        """Return a number in a range without a fraction."""
        number = self.number(name, range)
        if number is None or int(number) == number:
            return None if number is None else int(number)
        self.error(name, "OUT_OF_RANGE", f"must be {range.words}")
        return None

    def path(self, name: str) -> Path | None:
        """Return a path."""
        text = self.text(name)
        if text is None:
            return None
        if not text:
            self.error(name, "PATH_SYNTAX", "must not be empty", "'$' is the whole payload")
            return None
        try:
            return parse_path(text)
        except PathFault as fault:
            self.error(name, "PATH_SYNTAX", f"is not a path: {fault}")
            return None

    def target_path(self, name: str) -> Path | None:
        """Return a path that can be written."""
        path = self.path(name)
        if path is not None and any(isinstance(segment, int) for segment in path.segments):
            self.error(name, "PATH_NOT_WRITABLE", "writes into a list: results go into objects, by name")
            return None
        return path

    def lookup(self, name: str) -> Lookup | None:
        """Return a path, compiled for reading."""
        path = self.path(name)
        return None if path is None else lookup(path, self.context.records, self.at(name))

    # objects and lists inside

    def items(self, name: str, *, may_be_empty: bool = False) -> list[tuple[str, Json]]:
        """Return the items of a list, each with its pointer."""
        if not self._is(name, list, "a list"):
            return []
        if not self.value[name] and not may_be_empty:
            self.error(name, "EMPTY", "must not be empty")
        return [(child(self.at(name), index), item) for index, item in enumerate(self.value[name])]

    def objects(self, name: str, *, may_be_empty: bool = False) -> "list[Fields]":
        """Return the objects of a list of objects."""
        found = []
        for index, (pointer, item) in enumerate(self.items(name, may_be_empty=may_be_empty)):
            inner = f"{self.what}, {name}[{index}]"
            if (fields := fields_of(item, pointer, inner, self.context)) is not None:
                found.append(fields)
        return found

    def object(self, name: str) -> "Fields | None":
        """Return an object."""
        if not self._is(name, dict, "an object"):
            return None
        return Fields(self.value[name], self.at(name), f"{self.what}, {name}", self.context)

    def _is(self, name: str, kind: type, words: str) -> bool:
        if name not in self.value:
            return False
        value = self.value[name]
        if isinstance(value, kind):
            return True
        self.error(name, "WRONG_TYPE", f"must be {words}, but is {kind_of(value)}")
        return False


def fields_of(value: Json, pointer: str, what: str, context: Context) -> Fields | None:
    """Take a value as an object; notes a problem when it is none."""
    if isinstance(value, dict):
        return Fields(value, pointer, what, context)
    context.problems.error(pointer, "WRONG_TYPE", f"{what} must be an object, but is {kind_of(value)}")
    return None
