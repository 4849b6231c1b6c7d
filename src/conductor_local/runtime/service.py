"""The application: everything the API and the command line can ask for. They talk to nothing else."""

from collections.abc import AsyncIterator, Sequence

from conductor_local.engine.events import AnyEvent
from conductor_local.payload import Json
from conductor_local.runtime.ports import Published, Query
from conductor_local.runtime.views import Defined, FunctionView, Instance, InstancePage, Statistics


class Service:
    """One object for all faces. Errors are those of `errors.py`."""

    async def define(self, document: bytes | str | dict[str, Json], *, id: str | None = None) -> Defined:
        """Check and store a definition; mints the id unless given. Text keeps its line numbers for problems.

        Raises `DefinitionError`, `Conflict` when the name (or id) is taken.
        """
        raise NotImplementedError

    async def redefine(self, id: str, changes: bytes | str | dict[str, Json]) -> Defined:
        """Change the top-level fields that `changes` has and check the result as a whole.

        Raises `NotFound`, `DefinitionError`, `Conflict`.
        """
        raise NotImplementedError

    async def definition(self, id_or_name: str) -> Defined:
        """Raises `NotFound`."""
        raise NotImplementedError

    async def definitions(self) -> Sequence[Defined]:
        """All, oldest first."""
        raise NotImplementedError

    async def delete_definition(self, id: str) -> None:
        """Raises `NotFound`. Running instances go on."""
        raise NotImplementedError

    async def start(self, id_or_name: str, payload: Json, *, name: str | None = None) -> Instance:
        """Start an instance, durable on return, status PENDING.

        `name` is an idempotency key within the definition: the same name with the same payload returns the instance that is
        there. Raises `NotFound`, `Conflict` (same name, other payload), `InvalidRequest` (payload too large).
        """
        raise NotImplementedError

    async def instance(self, instance_id: str) -> Instance:
        """With history. Raises `NotFound`."""
        raise NotImplementedError

    async def instances(self, query: Query) -> InstancePage:
        """Newest first, without histories."""
        raise NotImplementedError

    async def cancel(self, instance_id: str, *, error: str | None = None, cause: str | None = None) -> Instance:
        """End it as cancelled; returns once it has ended. Raises `NotFound`, `Conflict` when it has already ended."""
        raise NotImplementedError

    async def redrive(self, instance_id: str) -> Instance:
        """Run an unsuccessful instance again from where it failed. Raises `NotFound`, `Conflict`."""
        raise NotImplementedError

    async def delete_instance(self, instance_id: str) -> None:
        """Raises `NotFound`, `Conflict` when it has not ended."""
        raise NotImplementedError

    async def wait(self, instance_id: str) -> Instance:
        """Return the instance once it has ended."""
        raise NotImplementedError

    async def events(self, instance_id: str, *, after: int = 0, limit: int = 1000) -> Sequence[AnyEvent]:
        """Internal events with `seq` above `after`. Raises `NotFound`."""
        raise NotImplementedError

    def follow(self, instance_id: str, *, after: int = 0) -> AsyncIterator[AnyEvent]:
        """Yield events as they are committed, after those there are; ends when the instance has ended and all were yielded."""
        raise NotImplementedError

    async def feed(self, *, cursor: int = 0, limit: int = 500) -> Sequence[Published]:
        """Commits of all instances behind `cursor`, in commit order."""
        raise NotImplementedError

    def follow_feed(self, *, cursor: int | None = None) -> AsyncIterator[Published]:
        """Yield commits of all instances as they happen; `cursor` None begins now."""
        raise NotImplementedError

    def functions(self) -> Sequence[FunctionView]:
        """All registered functions, by name."""
        raise NotImplementedError

    async def statistics(self) -> Statistics:
        """Figures for `/metrics` and people."""
        raise NotImplementedError

    async def ready(self) -> dict[str, str]:
        """What is missing before this process can work, by part; empty when it is ready."""
        raise NotImplementedError
