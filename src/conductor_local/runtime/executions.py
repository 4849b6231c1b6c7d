"""Executions as AWS's API names them: by machine and name. What goes on in them is `service.py`'s as for every other face.

A Standard execution has the id that follows from definition and name, so that the name can be used once. An Express execution has
an id of its own, which is the last part of its ARN. An instance that was started without a name has its id for a name.
"""

from collections.abc import Mapping

import msgspec

from conductor_local.engine.state import Head
from conductor_local.language.asl import Identity
from conductor_local.payload import Payload
from conductor_local.runtime.addresses import ALIAS, VERSION
from conductor_local.runtime.ids import named_id
from conductor_local.runtime.ports import Child, Created, Page, Query, Store
from conductor_local.runtime.programs import SYNC, Programs
from conductor_local.runtime.records import Definition
from conductor_local.runtime.starting import Order, Starter
from conductor_local.runtime.views import Instance, StartedBy


class Asked(msgspec.Struct, kw_only=True, frozen=True):
    """A start. `digest` is what to run, such as a version's; a `name` is needed; `is_sync`: the caller waits for the end."""

    definition: Definition
    digest: str
    input: Payload
    name: str
    labels: Mapping[str, str] = {}
    is_sync: bool = False


class Executions:
    """The executions of one store."""

    def __init__(self, store: Store, programs: Programs, starter: Starter) -> None:
        self._store, self._programs, self._starter = store, programs, starter

    async def start(self, asked: Asked) -> Created:
        """Start an execution, durable on return. Of a Standard machine, one of that name is returned as it stands.

        Raises `InvalidRequest` for an input that is too large.
        """
        definition = asked.definition
        is_express = definition.machine.is_express
        order = Order(
            id=self._starter.new_id() if is_express else named_id(definition.id, asked.name),
            name=asked.name,
            definition=asked.digest + SYNC if asked.is_sync else asked.digest,
            definition_id=definition.id,
            definition_name=definition.name,
            input=self._starter.checked(asked.input),
            labels=asked.labels,
        )
        return await self._starter.start(order)

    async def head(self, machine: str, name: str, *, label: str | None = None) -> Head | None:
        """Return an execution by its definition's name (or id) and its own; with a `label` one of a distributed Map's items."""
        definition = await self._store.definition(machine)
        if definition is not None:
            place = definition.id if label is None else f"{definition.id}/{label}"
            if head := await self._store.describe(named_id(place, name)):
                return head
        return await self.run(machine if label is None else f"{machine}/{label}", name)

    async def run(self, machine: str, id: str) -> Head | None:
        """Return an execution by its id, if it is one of that machine."""
        head = await self._store.describe(id)
        return head if head is not None and machine in (head.definition_name, head.definition_id) else None

    async def list(self, query: Query) -> Page:
        """Return one page of heads."""
        return await self._store.list(query)

    async def child(self, head: Head) -> Child:
        """Return an execution with its ARNs."""
        identity = await self.identity(head)
        machine_arn = identity.machine_arn(head.definition_id, head.definition_name)
        return Child(head=head, arn=identity.execution_arn(machine_arn, head.id, head.name), machine_arn=machine_arn)

    async def name(self, instance: Instance, head: Head) -> Instance:
        """Say what AWS's API calls an instance; return it."""
        version = head.labels.get(VERSION)
        instance.arn, instance.execution_name = (await self.child(head)).arn, head.name
        instance.type = "EXPRESS" if (await self.identity(head)).is_express else "STANDARD"
        instance.started_by = StartedBy(version=None if version is None else int(version), alias=head.labels.get(ALIAS))
        return instance

    async def identity(self, head: Head) -> Identity:
        """Return what the ARNs, type and role of an execution are made of."""
        return await self._programs.identity_at(head.definition)
