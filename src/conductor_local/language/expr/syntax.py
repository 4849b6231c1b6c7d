"""Reading an expression character by character, and the one error that says where it stops being valid.

Rules: positions count characters from 0; blanks are skipped only where a grammar asks for it; every parser of this folder raises
`ExpressionSyntaxError` and nothing else, whatever text it is given.
"""

import re
from typing import NoReturn

from conductor_local.errors import ConductorError

TEXT_CHARS_MAX = 20_000  # far above what people write; keeps every parser's work bounded


class ExpressionSyntaxError(ConductorError):
    """The expression is not valid.

    `reason` is a text for people, `position` the character it is about.
    """

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} at character {position + 1}")
        self.reason = reason
        self.position = position


class Scanner:
    """A text and how far it has been read; `origin` is where the text begins in the expression it was cut from."""

    __slots__ = ("depth", "origin", "position", "text")

    def __init__(self, text: str, origin: int = 0) -> None:
        self.text = text
        self.position = 0
        self.origin = origin
        self.depth = 0
        if len(text) > TEXT_CHARS_MAX:
            raise ExpressionSyntaxError(f"longer than {TEXT_CHARS_MAX} characters", origin + TEXT_CHARS_MAX)

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)

    @property
    def here(self) -> str:
        """The next character, or an empty text at the end."""
        return self.text[self.position : self.position + 1]

    def skip_blanks(self) -> None:
        """Go over spaces."""
        while self.here in (" ", "\t", "\n", "\r"):
            self.position += 1

    def take(self, literal: str) -> bool:
        """Go over `literal` if it comes next."""
        if not self.text.startswith(literal, self.position):
            return False
        self.position += len(literal)
        return True

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """Go over what `pattern` matches here and return it."""
        if (found := pattern.match(self.text, self.position)) is None:
            return None
        self.position = found.end()
        return found[0]

    def expect(self, literal: str) -> None:
        """Skip blanks, then `literal`; raises when something else comes."""
        self.skip_blanks()
        if not self.take(literal):
            self.fail(f"expected {literal!r}")

    def fail(self, reason: str, position: int | None = None) -> NoReturn:
        """Raise for the character at `position`, or the next one."""
        raise ExpressionSyntaxError(reason, self.origin + (self.position if position is None else position))
