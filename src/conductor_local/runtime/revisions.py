"""What a state machine is made of besides its versions and aliases, and when two such are the same.

Rules: pure; what was left out of a configuration is AWS's default; a change that changes nothing makes no new revision; documents
are compared byte for byte.
"""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from conductor_local.payload import Json, Payload
from conductor_local.runtime.definitions import ASL, digest_of, identity_of
from conductor_local.runtime.records import Definition, Machine, Version

LOGGING: dict[str, Json] = {"level": "OFF", "includeExecutionData": False}
TRACING: dict[str, Json] = {"enabled": False}
_CREATION: dict[str, Json] = {"publish": False, "versionDescription": None}


class Revision(msgspec.Struct, kw_only=True, frozen=True):
    """What to change of a machine; None leaves it as it is."""

    text: str | None = None
    role_arn: str | None = None
    logging: dict[str, Json] | None = None
    tracing: dict[str, Json] | None = None
    encryption: dict[str, Json] | None = None

    def of(self, machine: Machine) -> Machine:
        """Return the machine with its new role and configurations."""
        return replace(
            machine,
            role_arn=self.role_arn or machine.role_arn,
            logging=machine.logging if self.logging is None else self.logging,
            tracing=machine.tracing if self.tracing is None else self.tracing,
            encryption=machine.encryption if self.encryption is None else self.encryption,
        )


def logging_of(machine: Machine | Version) -> dict[str, Json]:
    """Return the logging configuration with what was left out."""
    return {**LOGGING, **(machine.logging or {})}


def tracing_of(machine: Machine | Version) -> dict[str, Json]:
    """Return the tracing configuration with what was left out."""
    return {**TRACING, **(machine.tracing or {})}


def revised(definition: Definition, revision: Revision, *, revision_id: str, role_arn: str, at: datetime) -> Definition:
    """Return the changed definition as the revision `revision_id`; as it is, when nothing differs.

    `role_arn` is the role of a machine that was given none. A new text has been checked already.
    """
    dialect, document, machine = definition.dialect, definition.document, revision.of(definition.machine)
    if revision.text is not None:
        dialect, document = ASL, Payload.from_encoded(revision.text.encode())
    is_same_text = (dialect, document) == (definition.dialect, definition.document)
    if is_same_text and _configured(machine, role_arn) == _configured(definition.machine, role_arn):
        return definition
    identity = identity_of(machine) if dialect == ASL else {}
    return replace(
        definition, dialect=dialect, document=document, digest=digest_of(dialect, document, identity), identity=identity,
        updated_at=at, machine=replace(machine, revision_id=revision_id),
    )  # fmt: skip


def is_same_creation(found: Definition, asked: Definition) -> bool:
    """Whether a creation asks for what is there; role and tags say nothing (CreateStateMachine, "idempotent")."""
    return (
        (found.dialect, found.document) == (asked.dialect, asked.document)
        and found.machine.is_express == asked.machine.is_express
        and _configured(found.machine) == _configured(asked.machine)
        and {**_CREATION, **found.machine.creation} == {**_CREATION, **asked.machine.creation}
    )


def _configured(machine: Machine, role_arn: str | None = None) -> tuple[Json, ...]:
    """Return what is compared; the role only where a default for it is given."""
    role = None if role_arn is None else machine.role_arn or role_arn
    return role, logging_of(machine), tracing_of(machine), machine.encryption
