"""Compiled programs by the digest of their document. A running execution is pinned to a digest, whatever its definition becomes.

The child executions of a distributed Map are pinned to a place in the document of the execution that started them: its digest,
followed by the JSON pointer of the processor that they run. Express executions that a caller waits for are pinned to the digest
followed by `SYNC`: their context object is another one.
"""

from collections import OrderedDict
from dataclasses import replace

from conductor_local import language
from conductor_local.errors import Bug
from conductor_local.language.asl import Identity, machine_of_items
from conductor_local.payload import Json
from conductor_local.program import Limits, Program
from conductor_local.runtime.ports import Store

SYNC = "#sync"
HOME = Identity()
_CACHE_MAX = 1_000  # programs; a few kilobytes each


class Programs:
    """Compiles each document once and keeps the programs used last. `home`: where machines are that do not say where."""

    def __init__(self, store: Store, limits: Limits, home: Identity = HOME) -> None:
        self._store = store
        self._limits = limits
        self._home = home
        self._programs: OrderedDict[str, Program] = OrderedDict()
        self._identities: OrderedDict[str, Identity] = OrderedDict()

    def cached(self, digest: str) -> Program | None:
        """Return the program if it is at hand."""
        if program := self._programs.get(digest):
            self._programs.move_to_end(digest)
        return program

    async def get(self, digest: str) -> Program:
        """Return the program of a pinned document. Raises `DefinitionError` when this version no longer accepts it."""
        if program := self.cached(digest):
            return program
        dialect, document, identity = await self.document(digest)
        source = language.from_document(document)
        program = language.compile(source, limits=self._limits, dialect=dialect, identity=identity).program
        self.keep(digest, program)
        return program

    async def document(self, digest: str) -> tuple[str, Json, Identity]:
        """Return what an execution is pinned to: its dialect, the document, and what its ARNs are made of."""
        whole, slash, place = digest.partition("/")
        pinned = await self._store.document(whole.removesuffix(SYNC))
        if pinned is None:
            raise Bug(f"The document {digest} that an execution is pinned to is not in the store.")
        identity = replace(self.identity(pinned.identity), counts_redrives=not whole.endswith(SYNC))
        if not slash:
            return pinned.dialect, pinned.document.value, identity
        machine, is_express = machine_of_items(pinned.document.value, f"/{place}")
        return pinned.dialect, machine, replace(identity, is_express=is_express)

    async def identity_at(self, digest: str) -> Identity:
        """Return what the ARNs of the executions are made of that are pinned to a digest."""
        if digest not in self._identities:
            _, _, self._identities[digest] = await self.document(digest)
            if len(self._identities) > _CACHE_MAX:
                self._identities.popitem(last=False)
        return self._identities[digest]

    async def is_at_most_once(self, digest: str) -> bool:
        """Whether an execution that is pinned to a digest ends with the process that runs it: those of type Express do.

        The executions of a map run's items do not: the run outlives the process and answers for them.
        """
        return "/" not in digest and (await self.identity_at(digest)).is_express

    def identity(self, told: dict[str, Json]) -> Identity:
        """Return an identity of which only what is unusual here was kept."""
        return replace(self._home, **told)

    def keep(self, digest: str, program: Program) -> None:
        """Remember a program that was compiled already."""
        self._programs[digest] = program
        if len(self._programs) > _CACHE_MAX:
            self._programs.popitem(last=False)
