"""State machines as AWS's API has them: definitions that are created once, changed by revisions, published, and deleted slowly.

Rules: every change is a compare-and-set on the definition's revision, made anew when somebody else was faster. A document is kept
byte for byte as it was sent. A machine that is being deleted takes no changes; it is gone as soon as none of its executions runs,
which is seen whenever it is looked at. The changes themselves are pure: `revisions.py`, `versions.py`, `aliases.py`.
"""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec
from msgspec.structs import replace

from conductor_local.engine.state import ENDED, Head, Status
from conductor_local.errors import Conflict, DefinitionError, InvalidRequest, NotFound
from conductor_local.language.asl import Identity, diagnose
from conductor_local.payload import Json, Payload
from conductor_local.program import Failure
from conductor_local.runtime.addresses import Resolved, address_of
from conductor_local.runtime.aliases import alias_of, drawn
from conductor_local.runtime.definitions import ASL, digest_of, identity_of
from conductor_local.runtime.ids import new_id
from conductor_local.runtime.ports import Clock, Query, Store
from conductor_local.runtime.processors import processor_at
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.records import Definition, Machine, Version
from conductor_local.runtime.revisions import Revision, is_same_creation, revised
from conductor_local.runtime.versions import check_revision, published, version_of

_UNENDED = frozenset(Status) - ENDED
Stop = Callable[[str, Failure], Awaitable[None]]
Edit = Callable[[Definition], Definition]


class Made(msgspec.Struct, kw_only=True, frozen=True):
    """What a creation found. `is_same`: what is there is what was asked for; `version` is the one that the creation published."""

    definition: Definition
    is_same: bool
    version: int | None = None


class Machines:
    """The state machines of one store. `mint` gives random bits, `stop` asks for the end of an execution."""

    def __init__(self, store: Store, clock: Clock, programs: Programs, *, mint: Callable[[], int], stop: Stop) -> None:
        self._store, self._clock, self._programs = store, clock, programs
        self._mint, self._stop = mint, stop

    @property
    def home(self) -> Identity:
        """Where machines are that do not say where, and the role of those that were given none."""
        return self._programs.identity({})

    async def find(self, key: str) -> Definition:
        """Return the machine of that name or id; it may be one that is being deleted. Raises `NotFound`."""
        found = await self._store.definition(key)
        definition = None if found is None else await self._settled(found)
        if definition is None:
            raise NotFound(f"There is no state machine '{key}'.")
        return definition

    async def all(self) -> Sequence[Definition]:
        """Return all, oldest first."""
        return [kept for each in await self._store.definitions() if (kept := await self._settled(each)) is not None]

    async def resolve(self, key: str, qualifier: str | None = None) -> Resolved:
        """Return what a start of the machine, of a version or of an alias runs. Raises `NotFound`."""
        definition = await self.find(key)
        if qualifier is None:
            identity = self._programs.identity(definition.identity)
            return Resolved(definition=definition, digest=definition.digest, identity=identity)
        alias, number = None, int(qualifier) if _is_number(qualifier) else None
        if number is None and (alias := alias_of(definition.machine, qualifier)) is not None:
            number = drawn(alias, self._mint())
        version = None if number is None else version_of(definition.machine, number)
        if version is None:
            raise NotFound(f"There is no version or alias '{qualifier}' of the state machine '{key}'.")
        identity = self._programs.identity({**definition.identity, "role_arn": version.role_arn})
        return Resolved(definition=definition, digest=version.digest, identity=identity, version=version, alias=alias)

    async def at(self, text: str) -> Resolved:
        """Return what a start of the machine, version or alias with this ARN runs; of a machine also by name or id.

        Raises `NotFound`, `InvalidRequest` MACHINE_DELETING.
        """
        found = await self.resolve(*address_of(text, self.home))
        refuse_deleting(found.definition)
        return found

    async def processor(self, digest: str, label: str) -> str:
        """Return what pins the machine of the distributed Map that has this label. Raises `NotFound`."""
        processor = processor_at((await self._programs.get(digest)).body, label)
        if processor is None:
            raise NotFound(f"There is no distributed Map with the label '{label}'.")
        return f"{digest}{processor}"

    async def document(self, digest: str) -> tuple[str, Json]:
        """Return what executions are pinned to, as it was sent and as a value; a processor inside a document as a machine."""
        whole = await self._store.document(digest)
        document = Payload((await self._programs.document(digest))[1]) if whole is None else whole.document
        return document.encoded.decode(), document.value

    async def dialect(self, digest: str) -> str:
        """Return the language of what executions are pinned to."""
        return (await self._programs.document(digest))[0]

    async def create(
        self, key: str, text: str, machine: Machine, *, publish: bool = False, description: str | None = None
    ) -> Made:  # fmt: skip
        """Store a new machine under the name `key`; what is there already stays as it is, and is compared.

        `description` is that of the version to publish. Raises `DefinitionError`.
        """
        self._check(text, machine)
        now, document, identity = self._clock.now(), Payload.from_encoded(text.encode()), identity_of(machine)
        creation = {"publish": publish, "versionDescription": description}
        asked = Definition(
            id=new_id(now, self._mint()), name=key, dialect=ASL, document=document, digest=digest_of(ASL, document, identity),
            created_at=now, updated_at=now, identity=identity, machine=replace(machine, creation=creation),
        )  # fmt: skip
        made = asked
        if publish:
            made, _ = published(asked, role_arn=self.role_of(machine), at=now, description=description)
        while True:
            try:
                found = await self.find(key)
                return Made(definition=found, is_same=is_same_creation(found, asked), version=1 if publish else None)
            except NotFound:
                pass
            try:
                await self._store.put_definition(made, replaces=None)
                return Made(definition=made, is_same=True, version=1 if publish else None)
            except Conflict:
                continue

    async def update(
        self, key: str, revision: Revision, *, publish: bool = False, description: str | None = None
    ) -> tuple[Definition, Version | None]:
        """Change a machine; a new revision only when something differs. With `publish` return the version of that revision.

        Raises `NotFound`, `DefinitionError`, `InvalidRequest` MACHINE_DELETING, TOO_MANY_VERSIONS.
        """
        revision_id, version = str(uuid.UUID(int=self._mint(), version=4)), None
        checked: set[bool] = set()

        def edit(definition: Definition) -> Definition:
            nonlocal version
            refuse_deleting(definition)
            if revision.text is not None and (is_express := definition.machine.is_express) not in checked:
                self._check(revision.text, revision.of(definition.machine))
                checked.add(is_express)
            now = self._clock.now()
            changed = revised(definition, revision, revision_id=revision_id, role_arn=self.home.role_arn, at=now)
            if publish:
                role_arn = self.role_of(changed.machine)
                changed, version = published(changed, role_arn=role_arn, at=now, description=description)
            return changed

        return await self.change(key, edit), version

    async def publish(self, key: str, *, revision_id: str | None = None, description: str | None = None) -> Version:
        """Publish the present revision; raises when that is not `revision_id`, if one is given.

        Raises `NotFound`, `InvalidRequest` MACHINE_DELETING, STALE_REVISION, TOO_MANY_VERSIONS.
        """
        versions: list[Version] = []

        def edit(definition: Definition) -> Definition:
            refuse_deleting(definition)
            if revision_id is not None:
                check_revision(definition.machine, revision_id)
            role_arn, now = self.role_of(definition.machine), self._clock.now()
            changed, version = published(definition, role_arn=role_arn, at=now, description=description)
            versions.append(version)
            return changed

        await self.change(key, edit)
        return versions[-1]

    async def change(self, key: str, edit: Edit) -> Definition:
        """Store what `edit` makes of a machine, which may be called more than once; returning its argument changes nothing.

        Raises `NotFound` and what `edit` raises.
        """
        while True:
            old = await self.find(key)
            new = edit(old)
            if new is old:
                return old
            new = replace(new, revision=old.revision + 1)
            try:
                await self._store.put_definition(new, replaces=old.revision)
                return new
            except Conflict:
                continue

    async def delete(self, key: str) -> None:
        """Mark a machine and ask for the end of its executions; it is gone once they have ended. Raises `NotFound`."""
        definition = await self.change(key, _marked)
        async for head in self._running(definition):
            await self._stop(head.id, Failure())
        await self._settled(definition)

    def role_of(self, machine: Machine) -> str:
        """Return the ARN of the role that a machine has."""
        return machine.role_arn or self.home.role_arn

    def _check(self, text: str, machine: Machine) -> None:
        """Raise `DefinitionError` with everything that AWS would refuse, or that this version does not run."""
        problems = diagnose(text, self._programs.identity(identity_of(machine)))
        if any(problem.severity == "error" for problem in problems):
            raise DefinitionError(problems)

    async def _settled(self, definition: Definition) -> Definition | None:
        """Return a definition as it is; None, and it is gone, when it is to be deleted and nothing of it runs any more."""
        if not definition.machine.is_deleting:
            return definition
        async for _ in self._running(definition):
            return definition
        await self._store.delete_definition(definition.id)
        return None

    async def _running(self, definition: Definition) -> AsyncIterator[Head]:
        query = Query(definition_id=definition.id, statuses=_UNENDED)
        while True:
            page = await self._store.list(query)
            for head in page.heads:
                yield head
            if page.cursor is None:
                return
            query = replace(query, cursor=page.cursor)


def refuse_deleting(definition: Definition) -> None:
    """Raise `InvalidRequest` MACHINE_DELETING for a machine that is being deleted."""
    if definition.machine.is_deleting:
        raise InvalidRequest(f"The state machine '{definition.name}' is being deleted.", code="MACHINE_DELETING")


def _marked(definition: Definition) -> Definition:
    machine = definition.machine
    return definition if machine.is_deleting else replace(definition, machine=replace(machine, is_deleting=True))


def _is_number(qualifier: str) -> bool:
    return qualifier.isascii() and qualifier.isdigit() and not qualifier.startswith("0")
