"""Cuts JSONata text into tokens, as the reference implementation's tokenizer does.

Rules: the text has already been accepted by the engine or is about to be refused by it; a `SyntaxFault` carries the reference
implementation's wording, which is also AWS's.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["operator", "name", "variable", "string", "number", "value", "regex", "end"]

_SPACE: Final = re.compile(r"(?:[ \t\n\r\v]|/\*[\s\S]*?\*/)*")
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[Ee][-+]?[0-9]+)?")
_OPERATOR: Final = re.compile(r"\.\.|:=|!=|>=|<=|\*\*|~>|\?:|\?\?|[.\[\]{}(),@#;:?+\-*/%|=<>^&!~]")
_NAME: Final = re.compile(r"[^ \t\n\r\v.\[\]{}(),@#;:?+\-*/%|=<>^&!~\"'`\\]+")
_QUOTED: Final = {quote: re.compile(rf"{quote}(?:[^{quote}\\]|\\[\s\S])*{quote}") for quote in "\"'"}
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|[\s\S])")
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: Final = frozenset({"and", "or", "in"})
_VALUES: Final = frozenset({"true", "false", "null"})


class SyntaxFault(Exception):
    """The text is not JSONata."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token with the span of text it came from; `text` is the operator, the name or the string's value."""

    kind: Kind
    text: str
    start: int
    end: int


class Tokens:
    """Reads tokens one after the other; a slash starts a regular expression only where an operand may stand."""

    __slots__ = ("_at", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self, *, prefix: bool) -> Token:
        """Return the next token; `prefix` says that an operand is expected."""
        text = self._text
        match = _SPACE.match(text, self._at)
        assert match is not None
        start = match.end()
        if start >= len(text):
            return self._take("end", "(end)", start, start)
        if text.startswith("/*", start):
            raise SyntaxFault("Comment has no closing tag")
        if prefix and text[start] == "/":
            return self._regex(start)
        if operator := _OPERATOR.match(text, start):
            return self._take("operator", operator.group(), start, operator.end())
        if text[start] in _QUOTED:
            return self._string(start)
        if text[start] == "`":
            return self._backquoted(start)
        if number := _NUMBER.match(text, start):
            return self._take("number", number.group(), start, number.end())
        return self._name(start)

    def _take(self, kind: Kind, text: str, start: int, end: int) -> Token:
        self._at = end
        return Token(kind, text, start, end)

    def _string(self, start: int) -> Token:
        match = _QUOTED[self._text[start]].match(self._text, start)
        if match is None:
            raise SyntaxFault("String literal must be terminated by a matching quote")
        return self._take("string", _ESCAPE.sub(_unescape, match.group()[1:-1]), start, match.end())

    def _backquoted(self, start: int) -> Token:
        end = self._text.find("`", start + 1)
        if end < 0:
            raise SyntaxFault("Quoted property name must be terminated with a backquote (`)")
        return self._take("name", self._text[start + 1 : end], start, end + 1)

    def _regex(self, start: int) -> Token:
        at, depth, text = start + 1, 0, self._text
        while at < len(text):
            char = text[at]
            if text[at - 1] != "\\" or text[at - 2 : at] == "\\\\":
                if char == "/" and depth == 0:
                    return self._end_of_regex(start, at)
                depth += (char in "([{") - (char in ")]}")
            at += 1
        raise SyntaxFault("No terminating / in regular expression")

    def _end_of_regex(self, start: int, slash: int) -> Token:
        if slash == start + 1:
            raise SyntaxFault("Empty regular expressions are not allowed")
        end = slash + 1
        while self._text[end : end + 1] in ("i", "m"):
            end += 1
        return self._take("regex", self._text[start:end], start, end)

    def _name(self, start: int) -> Token:
        match = _NAME.match(self._text, start)
        if match is None:
            raise SyntaxFault(f'Unknown operator: "{self._text[start]}"')
        name = match.group()
        if name.startswith("$"):
            return self._take("variable", name[1:], start, match.end())
        if name in _WORDS:
            return self._take("operator", name, start, match.end())
        return self._take("value" if name in _VALUES else "name", name, start, match.end())


def _unescape(match: re.Match[str]) -> str:
    char = match.group(1)
    if len(char) > 1:
        return chr(int(char[1:], 16))
    if char == "u":
        raise SyntaxFault("The escape sequence \\u must be followed by 4 hex digits")
    if char not in _ESCAPES:
        raise SyntaxFault(f'Unsupported escape sequence: \\"{char}"')
    return _ESCAPES[char]
