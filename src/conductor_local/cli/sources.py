"""Definition files on this machine: read, checked, and their problems told with the file's name."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from conductor_local import language
from conductor_local.cli.payloads import display_name
from conductor_local.cli.problems import BadDefinition
from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.problems import placed

SUFFIXES = {".json"}


def definition_files(places: Collection[str]) -> Iterator[Path]:
    """Yield the definition files of files and folders (with what is below), in order of name within a folder."""
    for place in map(Path, places):
        yield from sorted(found for found in place.rglob("*") if found.suffix in SUFFIXES) if place.is_dir() else [place]


def check(file: str, text: str, functions: Collection[str] | None = None) -> tuple[Problem, ...]:
    """Check one definition and return its warnings. Raises `BadDefinition` with every error found."""
    try:
        return tuple(language.compile(language.read(text), functions=functions).warnings)
    except DefinitionError as fault:
        raise BadDefinition(fault.problems, file=display_name(file), text=text) from None


def placed_in(text: str, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Give problems that know only their pointer the line and column they have in the text."""
    try:
        source = language.read(text)
    except DefinitionError:
        return tuple(problems)
    return tuple(problem if problem.line else placed(problem, source) for problem in problems)
