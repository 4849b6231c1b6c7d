"""Follows definition and function files while a server runs, and puts what changed in use.

Rules: a version that is wrong is told and changes nothing; a file may be replaced, as editors do, so its folder is watched; a file
that was deleted leaves its definition in use.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from conductor_local.cli.bulletin import Bulletin
from conductor_local.cli.problems import BadDefinition
from conductor_local.cli.publishing import publish_file
from conductor_local.cli.sources import SUFFIXES
from conductor_local.cli.substitutions import Substitutions
from conductor_local.errors import ConductorError
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import Runtime

_SETTLE_MS = 100  # an editor's several writes count as one change
_PYTHON = ".py"


class Watch:
    """The files of one server. `places` names what is watched; what is not a path, such as a dotted module, is not."""

    def __init__(self, settings: Settings, runtime: Runtime, bulletin: Bulletin, substitutions: Substitutions) -> None:
        self._runtime = runtime
        self._bulletin = bulletin
        self._substitutions = substitutions
        self._definitions = _existing(settings.definitions)
        self._functions = _existing(settings.functions)
        self._stopped = asyncio.Event()
        self.places = [str(path) for path in (*settings.definitions, *settings.functions) if Path(path).expanduser().exists()]

    async def run(self) -> None:
        """Put changes in use until `stop`."""
        places = [*self._definitions, *self._functions]
        folders = {place for place in places if place.is_dir()}
        parents = {place.parent for place in places if not place.is_dir()} - folders
        await asyncio.gather(self._follow(folders, recursive=True), self._follow(parents, recursive=False))

    async def stop(self) -> None:
        """Let `run` return."""
        self._stopped.set()

    async def _follow(self, folders: Iterable[Path], *, recursive: bool) -> None:
        async for changed in _changes(folders, self._stopped, recursive=recursive):
            await self._take_up(changed)

    async def _take_up(self, changed: Iterable[Path]) -> None:
        if any(self._is_function(path) for path in changed):
            self._reload_functions()
        for path in sorted(path for path in changed if self._is_definition(path) and path.is_file()):
            await self._republish(path)

    def _reload_functions(self) -> None:
        try:
            self._runtime.reload_functions()
        except ConductorError as fault:
            self._bulletin.failed("functions", str(fault))
        else:
            self._bulletin.reloaded(self._runtime.service.functions())

    async def _republish(self, path: Path) -> None:
        file = _near(path)
        try:
            definition = await publish_file(self._runtime.service, file, self._bulletin, self._substitutions)
            self._bulletin.published(str(file), definition)
        except BadDefinition as fault:
            self._bulletin.refused(fault)
        except ConductorError as fault:
            self._bulletin.failed("definitions", f"{file}: {fault}")

    def _is_definition(self, path: Path) -> bool:
        below = (place for place in self._definitions if place.is_dir() and path.is_relative_to(place))
        return path in self._definitions or (path.suffix in SUFFIXES and any(below))

    def _is_function(self, path: Path) -> bool:
        """A file of functions may import its neighbours, so a change of any Python file beside it counts."""
        folders = (place if place.is_dir() else place.parent for place in self._functions)
        return path.suffix == _PYTHON and any(path.is_relative_to(folder) for folder in folders)


async def _changes(folders: Iterable[Path], stopped: asyncio.Event, *, recursive: bool) -> AsyncIterator[set[Path]]:
    from watchfiles import awatch

    if not (watched := sorted(folders)):
        return
    async for changes in awatch(*watched, stop_event=stopped, recursive=recursive, step=_SETTLE_MS, debounce=1_000):
        yield {Path(name) for _, name in changes}


def _existing(places: Iterable[str]) -> list[Path]:
    paths = (Path(place).expanduser().resolve() for place in places)
    return [path for path in paths if path.exists()]


def _near(path: Path) -> Path:
    """Write a path as a person in this folder would."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
