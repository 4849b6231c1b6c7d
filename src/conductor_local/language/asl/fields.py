"""Reading one JSON object of a state machine field by field, noting every problem in AWS's words and going on.

Rules: a reader returns the value, or None when the field is absent or wrong; wrong has then been noted. JSON null counts as wrong
except where a reader says otherwise. Texts tagged *measured* or *recorded* in the reference sheet are exact; others follow them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conductor_local.language.asl.diagnostics import Diagnostics, Place
from conductor_local.language.asl.identity import Identity
from conductor_local.language.comparison import is_number
from conductor_local.language.problems import did_you_mean
from conductor_local.payload import Json

JSONPATH, JSONATA = "JSONPath", "JSONata"
SECONDS_MAX = 99_999_999
EMPTY = "Value cannot be empty"


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a machine shares from end to end; `language` is the machine's own, `names` where each state stands."""

    diagnostics: Diagnostics
    identity: Identity
    language: str = JSONPATH
    names: dict[str, Place] = field(default_factory=dict)


class Fields:
    """One object of the definition."""

    __slots__ = ("place", "reading", "value")

    def __init__(self, value: Mapping[str, Json], place: Place, reading: Reading) -> None:
        self.value = value
        self.place = place
        self.reading = reading

    def __contains__(self, name: str) -> bool:
        return name in self.value

    def at(self, name: str) -> Place:
        """Return the place of a field."""
        return self.place.member(name)

    def error(self, name: str, text: str, hint: str = "") -> None:
        """Note a problem with the value of a field."""
        self.reading.diagnostics.error(self.at(name), text, hint=hint)

    def error_here(self, text: str, *, caret: str | None = None, hint: str = "") -> None:
        """Note a problem with the object itself; `caret` is the field in which a person sees it."""
        self.reading.diagnostics.error(self.place, text, hint=hint, caret=None if caret is None else self.at(caret))

    def refuse_others(self, known: Iterable[str]) -> None:
        """Note every field whose name is not `known`."""
        allowed = dict.fromkeys(known)
        for name in self.value:
            if name not in allowed:
                self.refuse(name, did_you_mean(name, allowed))

    def refuse(self, name: str, hint: str = "") -> None:
        """Note that there is no such field here."""
        self.error_here(f"Field '{name}' is not supported", caret=name, hint=hint)

    def require(self, *names: str) -> bool:
        """Note which of the fields are missing."""
        missing = [name for name in names if name not in self.value]
        if missing:
            self.error_here(f"These fields are required: [{', '.join(missing)}]")
        return not missing

    def at_most_one(self, *names: str) -> bool:
        """Note when more than one of the fields is there."""
        present = [name for name in names if name in self.value]
        if len(present) > 1:
            self.error_here(f"There should only be one of the following fields: [{', '.join(names)}]", caret=present[1])
        return len(present) <= 1

    def exactly_one(self, *names: str) -> bool:
        """Note when none or more than one of the fields is there."""
        if not any(name in self.value for name in names):
            self.error_here(f"There should be one of the following fields: [{', '.join(names)}]")
            return False
        return self.at_most_one(*names)

    # values

    def text(self, name: str) -> str | None:
        """Return a text."""
        return str(self.value[name]) if self._is(name, str, "String") else None

    def one_of(self, name: str, words: Iterable[str]) -> str | None:
        """Return a text that is one of these words."""
        text = self.text(name)
        if text is not None and text not in (allowed := list(words)):
            hint = did_you_mean(text, allowed)
            self.error(name, f"The field '{name}' should have one of these values: [{', '.join(allowed)}]", hint)
            return None
        return text

    def boolean(self, name: str) -> bool | None:
        """Return true or false."""
        return bool(self.value[name]) if self._is(name, bool, "Boolean") else None

    def whole_number(self, name: str, least: int, most: int) -> int | None:
        """Return a whole number in a range."""
        number = self.number(name, least, most, "Integer")
        if isinstance(number, float):
            self.error(name, "Expected value of type Integer")
            return None
        return number

    def number(self, name: str, least: float, most: float, kind: str = "Number") -> float | int | None:
        """Return a number in a range."""
        if name not in self.value:
            return None
        value: Json = self.value[name]
        if not is_number(value):
            self.error(name, f"Expected value of type {kind}")
        elif value < least:
            self.error(name, f"Minimum value is {least}")
        elif value > most:
            self.error(name, f"Maximum value is {most}")
        else:
            return value  # type: ignore[no-any-return]
        return None

    # objects and lists inside

    def object(self, name: str) -> "Fields | None":
        """Return an object."""
        return Fields(self.value[name], self.at(name), self.reading) if self._is(name, dict, "Object") else None

    def items(self, name: str, *, may_be_empty: bool = False) -> list[tuple[Place, Json]]:
        """Return the items of a list, each with its place."""
        if not self._is(name, list, "Array"):
            return []
        if not self.value[name] and not may_be_empty:
            self.error(name, EMPTY)
        return [(self.at(name).item(index), item) for index, item in enumerate(self.value[name])]

    def objects(self, name: str, *, may_be_empty: bool = False) -> "list[Fields]":
        """Return the objects of a list of objects."""
        found = []
        for place, item in self.items(name, may_be_empty=may_be_empty):
            if isinstance(item, dict):
                found.append(Fields(item, place, self.reading))
            else:
                self.reading.diagnostics.error(place, "Expected value of type Object")
        return found

    def _is(self, name: str, kind: type, word: str) -> bool:
        if name not in self.value:
            return False
        if isinstance(self.value[name], kind):
            return True
        self.error(name, f"Expected value of type {word}")
        return False
