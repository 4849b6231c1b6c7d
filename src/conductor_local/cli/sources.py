"""Definition files on this machine, JSON or YAML: found, read, checked, and their problems told with the file's name."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from conductor_local import language
from conductor_local.cli.payloads import STDIN, display_name, read_text
from conductor_local.cli.problems import BadDefinition
from conductor_local.cli.substitutions import NONE, Substitutions
from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.problems import placed
from conductor_local.language.source import Source

YAML_SUFFIXES = {".yaml", ".yml"}
SUFFIXES = {".json", *YAML_SUFFIXES}
_LANGUAGE_SUFFIX = ".asl"


def definition_files(places: Collection[str]) -> Iterator[Path]:
    """Yield the definition files of files and folders (with what is below), in order of name within a folder."""
    for place in map(Path, places):
        yield from sorted(found for found in place.rglob("*") if found.suffix in SUFFIXES) if place.is_dir() else [place]


def definition_name(file: str) -> str:
    """Name a definition after its file, for a document that has no name: `order.asl.json` is `order`."""
    return display_name(file) if file == STDIN else Path(file).stem.removesuffix(_LANGUAGE_SUFFIX)


class DefinitionFile:
    """One file, read and filled in. Raises `BadDefinition`, `InvalidRequest` when it cannot be read at all."""

    def __init__(self, file: str, substitutions: Substitutions = NONE) -> None:
        self.shown = display_name(file)
        self.name = definition_name(file)
        self.text = read_text(file)
        self._is_as_written = Path(file).suffix not in YAML_SUFFIXES and not substitutions.values
        with self.problems_located():
            self.source = substitutions.apply(_read(file, self.text))

    def check(self, functions: Collection[str] | None = None) -> tuple[Problem, ...]:
        """Compile it and return the warnings. Raises `BadDefinition` with every error found."""
        with self.problems_located():
            source = self.source.without("id", "name") if self.is_machine else self.source
            return tuple(language.compile(source, functions=functions).warnings)

    @property
    def is_machine(self) -> bool:
        """Whether it is a state machine, which has no field for its name."""
        fields = self.source.document.keys()
        return not {"startAt", "steps"} & fields and bool({"StartAt", "States"} & fields)

    @property
    def body(self) -> bytes:
        """The JSON text to send: the file's own when it is JSON, so that a server's line numbers are true."""
        return self.text.encode() if self._is_as_written else msgspec.json.encode(self.source.document)

    @contextmanager
    def problems_located(self) -> Iterator[None]:
        """Turn a `DefinitionError` into one that knows this file."""
        try:
            yield
        except DefinitionError as fault:
            raise BadDefinition(fault.problems, file=self.shown, text=self.text) from None

    def placed(self, problems: Sequence[Problem]) -> tuple[Problem, ...]:
        """Give problems of the `body` the line and column they have in the file."""
        if self._is_as_written:
            return tuple(problem if problem.line else placed(problem, self.source) for problem in problems)
        return tuple(placed(replace(problem, line=0, column=0), self.source) for problem in problems)


def _read(file: str, text: str) -> Source:
    if Path(file).suffix in YAML_SUFFIXES:
        from conductor_local.language.yaml_source import read_yaml

        return read_yaml(text)
    return language.read(text)
