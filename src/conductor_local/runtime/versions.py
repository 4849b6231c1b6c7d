"""Versions of a state machine: published snapshots of its document, role and configurations, numbered from 1.

Rules: pure; a number is never used twice; one revision is published once; a version that an alias points to cannot be taken away.
"""

from datetime import datetime

from msgspec.structs import replace

from conductor_local.errors import InvalidRequest
from conductor_local.runtime.records import Definition, Machine, Version

VERSIONS_MAX = 1_000  # AWS's quota for one machine
INITIAL = "INITIAL"
"""AWS's name for the revision that a machine is created with."""


def version_of(machine: Machine, number: int) -> Version | None:
    """Return the version of that number."""
    return next((version for version in machine.versions if version.number == number), None)


def published(
    definition: Definition, *, role_arn: str, at: datetime, description: str | None = None
) -> tuple[Definition, Version]:  # fmt: skip
    """Return the definition with its present revision published, and the version: the one of that revision if there is one.

    Raises `InvalidRequest` TOO_MANY_VERSIONS.
    """
    machine = definition.machine
    for version in reversed(machine.versions):
        if version.revision_id == machine.revision_id:
            return definition, version
    if len(machine.versions) >= VERSIONS_MAX:
        text = f"A state machine can have {VERSIONS_MAX:,} versions; delete those that nobody uses."
        raise InvalidRequest(text, code="TOO_MANY_VERSIONS")
    made = Version(
        number=machine.versions_made + 1, digest=definition.digest, created_at=at, role_arn=role_arn,
        revision_id=machine.revision_id, description=description, logging=machine.logging or {}, tracing=machine.tracing or {},
    )  # fmt: skip
    changed = replace(machine, versions=(*machine.versions, made), versions_made=made.number)
    return replace(definition, machine=changed), made


def check_revision(machine: Machine, wanted: str) -> None:
    """Raise `InvalidRequest` STALE_REVISION when the present revision is another one."""
    current = machine.revision_id or INITIAL
    if wanted != current:
        text = (
            f"Failed to publish the State Machine version for revision {wanted}. The current State Machine revision is {current}."
        )
        raise InvalidRequest(text, code="STALE_REVISION")


def without_version(definition: Definition, number: int) -> Definition:
    """Return the definition without that version. Raises `InvalidRequest` VERSION_IN_USE while an alias points to it."""
    machine = definition.machine
    users = [alias.name for alias in machine.aliases if any(route.version == number for route in alias.routes)]
    if users:
        text = "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: "
        raise InvalidRequest(f"{text}[{', '.join(users)}]", code="VERSION_IN_USE")
    if version_of(machine, number) is None:
        return definition
    kept = tuple(version for version in machine.versions if version.number != number)
    return replace(definition, machine=replace(machine, versions=kept))
