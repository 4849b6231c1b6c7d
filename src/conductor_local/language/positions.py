"""Where things stand in a JSON text. Slow beside the real parser, so it runs only once there is a problem to show.

Rules: the text handed to `Places` has been parsed already; offsets count characters from 0, lines and columns from 1.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKEN = re.compile(rf'({STRING})|[\[\]{{}},:]|[^\s\[\]{{}},:"]+', re.DOTALL)


def tokens(text: str) -> Iterator[tuple[int, str]]:
    """Yield offset and text of each JSON token; makes no sense of them, so a broken text does no harm."""
    for found in _TOKEN.finditer(text):
        yield found.start(), found[0]


def child(pointer: str, key: str | int) -> str:
    """Return the JSON pointer of a member or item (RFC 6901)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


class Lines:
    """Turns offsets into lines and columns."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class Places:
    """Offsets of every value and every key of a text, by JSON pointer; `repeated` are the keys an object had already."""

    __slots__ = ("_keys", "_open", "_text", "_values", "repeated")

    def __init__(self, text: str) -> None:
        self._text = text
        self._values: dict[str, int] = {}
        self._keys: dict[str, int] = {}
        self._open: list[_Open] = []
        self.repeated: list[tuple[str, int]] = []
        for offset, token in tokens(text):
            self._take(offset, token)

    def offset(self, pointer: str, *, key: bool) -> int | None:
        """Return where a person looks for `pointer`: its key when `key` or when the value is an object or list, else the value."""
        value = self._values.get(pointer)
        if value is not None and (key or self._text[value] in "{["):
            return self._keys.get(pointer, value)
        return value

    def value_at(self, pointer: str) -> int:
        """Return where the value that `pointer` names begins; raises KeyError when there is none."""
        return self._values[pointer]

    def _take(self, offset: int, word: str) -> None:
        match word:
            case "}" | "]":
                self._open.pop()
            case ",":
                self._open[-1].advance()
            case ":":
                pass
            case _ if self._open and self._open[-1].wants_key:
                self._take_key(offset, word)
            case _:
                self._take_value(offset, word)

    def _take_key(self, offset: int, word: str) -> None:
        around = self._open[-1]
        around.key = msgspec.json.decode(word, type=str)
        pointer = around.member()
        if pointer in self._keys:
            self.repeated.append((pointer, offset))
        self._keys.setdefault(pointer, offset)

    def _take_value(self, offset: int, word: str) -> None:
        pointer = self._open[-1].member() if self._open else ""
        self._values.setdefault(pointer, offset)
        if word in "{[":
            self._open.append(_Open(pointer, is_object=word == "{"))


class _Open:
    """An object or list whose end has not been seen; `key` is the present key or index, None where a key comes next."""

    __slots__ = ("is_object", "key", "pointer")

    def __init__(self, pointer: str, *, is_object: bool) -> None:
        self.pointer = pointer
        self.is_object = is_object
        self.key: str | int | None = None if is_object else 0

    @property
    def wants_key(self) -> bool:
        return self.key is None

    def advance(self) -> None:
        self.key = self.key + 1 if isinstance(self.key, int) else None

    def member(self) -> str:
        assert self.key is not None
        return child(self.pointer, self.key)
