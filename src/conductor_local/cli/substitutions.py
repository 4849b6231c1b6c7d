"""`${NAME}` in the texts of a definition file, filled in before it is read: what SAM calls DefinitionSubstitutions.

Rules: only values are filled in, not keys, and what is put in stays a text; in a state machine a `${NAME}` that nothing is given
for is an error, because it is most likely a broken ARN; in the steps language it is a text like any other.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.positions import child
from conductor_local.language.problems import placed
from conductor_local.language.source import Source
from conductor_local.payload import Json

Command = TypeVar("Command", bound=Callable[..., Any])

_NAME = re.compile(r"[A-Za-z0-9_]+")
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def substitution_options(command: Command) -> Command:
    """Add `--substitute` and `--allow-unresolved`, which `read_substitutions` understands."""
    substitute = click.option(
        "--substitute", multiple=True, metavar="NAME=VALUE", help="Put VALUE where the definition says ${NAME}; repeatable."
    )
    allow = click.option("--allow-unresolved", is_flag=True, help="Leave a ${NAME} that nothing is given for as it stands.")
    return substitute(allow(command))


@dataclass(frozen=True, slots=True)
class Substitutions:
    """What to fill in, by name."""

    values: Mapping[str, str] = field(default_factory=dict)
    allows_unresolved: bool = False

    def apply(self, source: Source) -> Source:
        """Fill a definition in. Raises `DefinitionError` naming every `${NAME}` of a state machine that is left."""
        filled = source.holding(self._filled(source.document)) if self.values else source
        if not self.allows_unresolved and "States" in filled.document:
            self._refuse_unresolved(filled)
        return filled

    def _filled(self, value: Json) -> Json:
        if isinstance(value, str):
            return _REFERENCE.sub(lambda found: self.values.get(found[1], found[0]), value)
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        return [self._filled(item) for item in value] if isinstance(value, list) else value

    def _refuse_unresolved(self, source: Source) -> None:
        problems = [
            placed(_unresolved(pointer, name), source)
            for pointer, text in _texts("", source.document)
            for name in _REFERENCE.findall(text)
        ]
        if problems:
            raise DefinitionError(problems)


NONE = Substitutions()


def read_substitutions(given: tuple[str, ...], *, allows_unresolved: bool) -> Substitutions:
    """Read what `substitution_options` gave. Raises `click.UsageError`."""
    values: dict[str, str] = {}
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not _NAME.fullmatch(name):
            raise click.UsageError(f"--substitute takes NAME=VALUE, with letters, digits and _ in NAME, not {each!r}.")
        values[name] = value
    return Substitutions(values, allows_unresolved)


def _unresolved(pointer: str, name: str) -> Problem:
    hint = f"give it with --substitute {name}=VALUE, or keep the text with --allow-unresolved"
    return Problem(pointer=pointer, code="UNRESOLVED_SUBSTITUTION", message=f"nothing is given for ${{{name}}}", hint=hint)


def _texts(pointer: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(child(pointer, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(child(pointer, index), item)
