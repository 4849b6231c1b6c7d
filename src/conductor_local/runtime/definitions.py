"""Definitions: checking them, storing them, and pinning their documents for the instances that run them."""

import uuid
from collections.abc import Callable, Sequence
from hashlib import blake2b

import msgspec

from conductor_local import language
from conductor_local.errors import DefinitionError, InvalidRequest, NotFound, Problem
from conductor_local.payload import Json, Payload
from conductor_local.program import Limits, Program
from conductor_local.runtime.ids import new_id
from conductor_local.runtime.ports import Clock, Definition, Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.records import Machine
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
        return await self._put(source, name, id=id or new_id(now, self._mint()))

    async def redefine(self, id: str, changes: bytes | str | dict[str, Json], *, whole: bool = False) -> Defined:
        """Change the top-level fields that `changes` has and check the result as a whole. `whole` drops the fields it has not.

        Raises `NotFound`, `DefinitionError`, `Conflict`.
        """
        old = await self._by_id(id)
        source = _source(changes)
        if source.document.get("id", id) != id:
            raise InvalidRequest(f"The id of a definition cannot be changed; this is '{id}'.", pointer="/id", code="ID_MISMATCH")
        changed = {name: value for name, value in source.document.items() if name != "id"}
        merged = changed if whole else {**old.document.value, **changed}
        if not whole and merged.keys() != source.document.keys():
            source = language.from_document(merged)
        name = _name_of(source, old.name)
        return await self._put(source, name, id=id, old=old)

    async def publish(self, document: Document, *, name: str | None = None) -> Defined:
        """Store a whole definition under its name, new or in place of the one that has it: what watching a file needs.

        `name` is for a document that has none. Raises `DefinitionError`, `Conflict`, `InvalidRequest`.
        """
        source = _source(document)
        name = _name_of(source, name)
        old = await self._store.definition(name) if name else None
        if old is None or old.name != name:
            return await self.define(source, name=name)
        return await self._put(source, name, id=old.id, old=old)

    def check(self, document: Document) -> Sequence[Problem]:
        """Return what is wrong with a definition, errors and warnings; nothing is stored."""
        functions = [view.name for view in self._functions()]
        try:
            source = _source(document)
            is_machine = language.dialect_of(source.document) == ASL
            source = source.without("id", "name") if is_machine else source.without("id")
            return language.compile(source, functions=functions, limits=self._limits).warnings
        except DefinitionError as error:
            return error.problems

    async def _put(
        self, source: language.Source, name: str | None, *, id: str, old: Definition | None = None
    ) -> Defined:  # fmt: skip
        is_machine = language.dialect_of(source.document) == ASL
        source = source.without("id", "name") if is_machine else source.without("id")
        machine = old.machine if old is not None else Machine()
        identity = identity_of(machine) if is_machine else {}
        functions = [view.name for view in self._functions()]
        compiled = language.compile(
            source, functions=functions, limits=self._limits, identity=self._programs.identity(identity)
        )  # fmt: skip
        if name is None:
            raise InvalidRequest(
                "A state machine needs a name here: give it as 'name' beside 'StartAt'.", pointer="/name", code="NAME_MISSING"
            )  # fmt: skip
        now, document = self._clock.now(), Payload(source.document)
        definition = Definition(
            id=id, name=name, dialect=compiled.dialect, document=document, digest=digest_of(compiled.dialect, document, identity),
            created_at=old.created_at if old else now, updated_at=now, identity=identity, machine=machine,
        )  # fmt: skip
        if old is None:
            await self._keep(definition, compiled.program, replaces=None)
        elif (old.digest, old.name) != (definition.digest, definition.name):
            changed = msgspec.structs.replace(machine, revision_id=str(uuid.UUID(int=self._mint(), version=4)))
            definition = msgspec.structs.replace(definition, revision=old.revision + 1, machine=changed)
            await self._keep(definition, compiled.program, replaces=old.revision)
        return Defined(definition=definition, warnings=compiled.warnings)

    async def _keep(self, definition: Definition, program: Program, *, replaces: int | None) -> None:
        await self._store.put_definition(definition, replaces=replaces)
        self._programs.keep(definition.digest, program)

    async def one(self, id_or_name: str) -> Defined:
        """Raises `NotFound`."""
        return Defined(definition=await self.find(id_or_name))

    async def all(self) -> Sequence[Defined]:
        """All, oldest first."""
        definitions = await self._store.definitions()
        return [Defined(definition=definition) for definition in definitions if not definition.machine.is_deleting]

    async def delete(self, id: str) -> None:
        """Raises `NotFound`. Running instances go on."""
        if not await self._store.delete_definition(id):
            raise NotFound(f"There is no workflow definition with the id '{id}'.")

    async def find(self, id_or_name: str) -> Definition:
        """Return the definition of that id, else of that name. Raises `NotFound`."""
        definition = await self._store.definition(id_or_name)
        if definition is None or definition.machine.is_deleting:
            raise NotFound(f"There is no workflow definition with the id or name '{id_or_name}'.")
        return definition

    async def _by_id(self, id: str) -> Definition:
        definition = await self._store.definition(id)
        if definition is None or definition.id != id or definition.machine.is_deleting:
            raise NotFound(f"There is no workflow definition with the id '{id}'.")
        return definition


def identity_of(machine: Machine) -> dict[str, Json]:
    """Return what the ARNs, the type and the role of a state machine's executions are made of; what is usual is left out."""
    given = {
        "region": machine.region, "account": machine.account, "role_arn": machine.role_arn,
        "is_express": machine.is_express or None,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def digest_of(dialect: str, document: Payload, identity: dict[str, Json]) -> str:
    """Return the name under which a document is pinned."""
    told = b"\0" + msgspec.json.encode(identity, order="sorted") if identity else b""
    return blake2b(dialect.encode() + b"\0" + document.encoded + told, digest_size=16).hexdigest()


def _source(document: Document) -> language.Source:
    if isinstance(document, language.Source):
        return document
    return language.from_document(document) if isinstance(document, dict) else language.read(document)


def _name_of(source: language.Source, given: str | None) -> str | None:
    """Return the name a document gives itself, else the one it was given; None leaves the complaint to the compiler."""
    name = source.document.get("name", given)
    return name if isinstance(name, str) and name else None
