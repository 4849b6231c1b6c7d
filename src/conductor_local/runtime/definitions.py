"""Definitions: checking them, storing them, and pinning their documents for the instances that run them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b

from conductor_local import language
from conductor_local.errors import InvalidRequest, NotFound
from conductor_local.payload import Json, Payload
from conductor_local.program import Limits
from conductor_local.runtime.ids import new_id
from conductor_local.runtime.ports import Clock, Definition, Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.views import Defined, FunctionView

ASL = "asl"
Document = bytes | str | dict[str, Json] | language.Source
"""A definition as a caller has it: JSON text, decoded, or read from a text in which problems are to be shown."""


class Definitions:
    """The definitions of one store. `functions` gives what is registered now, for warnings; `mint` gives random bits."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        programs: Programs,
        *,
        functions: Callable[[], Sequence[FunctionView]],
        limits: Limits,
        mint: Callable[[], int],
    ) -> None:
        self._store, self._clock, self._programs = store, clock, programs
        self._functions, self._limits, self._mint = functions, limits, mint

    async def define(self, document: Document, *, id: str | None = None, name: str | None = None) -> Defined:
        """Check and store a definition; mints the id unless given. Text keeps its line numbers for problems.

        `name` is for a document that has none, such as a state machine. Raises `DefinitionError`, `Conflict` when the name (or
        id) is taken, `InvalidRequest`.
        """
        source = _source(document)
        if "id" in source.document:
            raise InvalidRequest("The server mints the id of a definition; leave it out.", pointer="/id", code="ID_NOT_ALLOWED")
        now = self._clock.now()
        name = _name_of(source, name)
        return await self._put(source, name, id=id or new_id(now, self._mint()), created_at=now, replaces=None)

    async def redefine(self, id: str, changes: bytes | str | dict[str, Json]) -> Defined:
        """Change the top-level fields that `changes` has and check the result as a whole.

        Raises `NotFound`, `DefinitionError`, `Conflict`.
        """
        old = await self._by_id(id)
        source = _source(changes)
        if source.document.get("id", id) != id:
            raise InvalidRequest(f"The id of a definition cannot be changed; this is '{id}'.", pointer="/id", code="ID_MISMATCH")
        changed = {name: value for name, value in source.document.items() if name != "id"}
        merged = {**old.document.value, **changed}
        if merged.keys() != source.document.keys():
            source = language.from_document(merged)
        name = _name_of(source, old.name)
        return await self._put(source, name, id=id, created_at=old.created_at, replaces=old.digest)

    async def publish(self, document: Document, *, name: str | None = None) -> Defined:
        """Store a whole definition under its name, new or in place of the one that has it: what watching a file needs.

        `name` is for a document that has none. Raises `DefinitionError`, `Conflict`, `InvalidRequest`.
        """
        source = _source(document)
        name = _name_of(source, name)
        old = await self._store.definition(name) if name else None
        if old is None or old.name != name:
            return await self.define(source, name=name)
        return await self._put(source, name, id=old.id, created_at=old.created_at, replaces=old.digest)

    async def _put(
        self, source: language.Source, name: str | None, *, id: str, created_at: datetime, replaces: str | None
    ) -> Defined:  # fmt: skip
        source = source.without("id", "name") if language.dialect_of(source.document) == ASL else source.without("id")
        compiled = language.compile(source, functions=[view.name for view in self._functions()], limits=self._limits)
        if name is None:
            raise InvalidRequest(
                "A state machine needs a name here: give it as 'name' beside 'StartAt'.", pointer="/name", code="NAME_MISSING"
            )  # fmt: skip
        document = Payload(source.document)
        digest = blake2b(compiled.dialect.encode() + b"\0" + document.encoded, digest_size=16).hexdigest()
        definition = Definition(
            id=id, name=name, dialect=compiled.dialect, document=document, digest=digest,
            created_at=created_at, updated_at=self._clock.now(),
        )  # fmt: skip
        if digest != replaces or await self._is_renamed(id, name):
            await self._store.put_definition(definition, replaces=replaces)
            self._programs.keep(digest, compiled.program)
        return Defined(definition=definition, warnings=compiled.warnings)

    async def _is_renamed(self, id: str, name: str) -> bool:
        stored = await self._store.definition(id)
        return stored is None or stored.name != name

    async def one(self, id_or_name: str) -> Defined:
        """Raises `NotFound`."""
        return Defined(definition=await self.find(id_or_name))

    async def all(self) -> Sequence[Defined]:
        """All, oldest first."""
        return [Defined(definition=definition) for definition in await self._store.definitions()]

    async def delete(self, id: str) -> None:
        """Raises `NotFound`. Running instances go on."""
        if not await self._store.delete_definition(id):
            raise NotFound(f"There is no workflow definition with the id '{id}'.")

    async def find(self, id_or_name: str) -> Definition:
        """Return the definition of that id, else of that name. Raises `NotFound`."""
        definition = await self._store.definition(id_or_name)
        if definition is None:
            raise NotFound(f"There is no workflow definition with the id or name '{id_or_name}'.")
        return definition

    async def _by_id(self, id: str) -> Definition:
        definition = await self._store.definition(id)
        if definition is None or definition.id != id:
            raise NotFound(f"There is no workflow definition with the id '{id}'.")
        return definition


def _source(document: Document) -> language.Source:
    if isinstance(document, language.Source):
        return document
    return language.from_document(document) if isinstance(document, dict) else language.read(document)


def _name_of(source: language.Source, given: str | None) -> str | None:
    """Return the name a document gives itself, else the one it was given; None leaves the complaint to the compiler."""
    name = source.document.get("name", given)
    return name if isinstance(name, str) and name else None
