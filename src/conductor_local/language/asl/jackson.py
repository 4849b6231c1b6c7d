"""What AWS's JSON parser, Jackson, says of text that is no JSON: the message alone, without its place.

Rules: the first fault decides. A text that follows a whole value is a fault too, though the parser may not have looked that far.
"""

import re
from collections.abc import Callable

from conductor_local.errors import DefinitionError
from conductor_local.language.source import read

VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_SKIP = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_WORDS = frozenset({"true", "false", "null"})
_NAMES = {"{": "Object", "[": "Array"}


class _Fault(Exception):
    """What is wrong."""


def complaint(text: str) -> str | None:
    """Return what is wrong with a JSON text; None: it is one, though not of an object perhaps."""
    try:
        _Scanner(text).document()
    except _Fault as fault:
        return str(fault)
    except RecursionError:
        return "Document nesting depth exceeds the maximum allowed"
    try:
        read('{"value":' + text + "}")
    except DefinitionError as error:
        return error.problems[0].message
    return None


class _Scanner:
    """Reads from the front until something cannot be."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def document(self) -> None:
        if not self._next():
            raise _Fault("No content to map due to end-of-input")
        self._value()
        if self._next():
            raise self._unexpected("was expecting the end of the input")

    def _value(self) -> None:
        match self._next():
            case "{":
                self._entries("{", "}", self._entry)
            case "[":
                self._entries("[", "]", self._value)
            case '"':
                self._string("a string value")
            case _:
                self._scalar()

    def _scalar(self) -> None:
        if word := _WORD.match(self._text, self._at):
            if word[0] not in _WORDS:
                raise _Fault(f"Unrecognized token '{word[0]}': was expecting {VALUES}")
            self._at = word.end()
        elif number := _NUMBER.match(self._text, self._at):
            self._at = number.end()
        else:
            raise self._unexpected(f"expected a valid value {VALUES}")

    def _entries(self, opening: str, closing: str, read_one: Callable[[], None]) -> None:
        self._at += 1
        name = _NAMES[opening]
        if self._need(name) == closing:
            self._at += 1
            return
        while True:
            read_one()
            mark = self._need(name)
            if mark not in (",", closing):
                raise self._unexpected(f"was expecting comma to separate {name} entries")
            self._at += 1
            if mark == closing:
                return
            self._need(name)

    def _entry(self) -> None:
        if self._next() != '"':
            raise self._unexpected("was expecting double-quote to start field name")
        self._string("a field name")
        if self._need("Object") != ":":
            raise self._unexpected("was expecting a colon to separate field name and value")
        self._at += 1
        self._need("Object")
        self._value()

    def _string(self, what: str) -> None:
        found = _STRING.match(self._text, self._at)
        if found is None:
            raise _Fault(f"Unexpected end-of-input: was expecting closing quote for {what}")
        self._at = found.end()

    def _next(self) -> str:
        """Pass over blanks; return the character that follows, or an empty text at the end."""
        blanks = _SKIP.match(self._text, self._at)
        self._at = blanks.end() if blanks else self._at
        return self._text[self._at : self._at + 1]

    def _need(self, name: str) -> str:
        found = self._next()
        if not found:
            raise _Fault(f"Unexpected end-of-input: expected close marker for {name}")
        return found

    def _unexpected(self, wanted: str) -> _Fault:
        found = self._text[self._at : self._at + 1]
        if not found:
            return _Fault(f"Unexpected end-of-input: {wanted}")
        return _Fault(f"Unexpected character ('{found}' (code {ord(found)})): {wanted}")
