"""What people see of a definition's versions and aliases."""

import msgspec

from conductor_local.runtime.records import Alias, Definition, Route, Version
from conductor_local.runtime.views import timestamp


class VersionView(msgspec.Struct, kw_only=True, rename="camel"):
    """A published snapshot."""

    number: int
    created_at: str
    description: str | msgspec.UnsetType = msgspec.UNSET


class AliasView(msgspec.Struct, kw_only=True):
    """A name for one or two versions; the weights sum to 100."""

    name: str
    routes: list[Route]
    description: str | msgspec.UnsetType = msgspec.UNSET


class Published(msgspec.Struct, kw_only=True):
    """Versions, newest first, and aliases by name."""

    versions: list[VersionView]
    aliases: list[AliasView]


def published_of(definition: Definition) -> Published:
    """Show what was published of a definition."""
    machine = definition.machine
    versions = sorted(machine.versions, key=lambda version: -version.number)
    aliases = sorted(machine.aliases, key=lambda alias: alias.name)
    return Published(versions=[_version(each) for each in versions], aliases=[_alias(each) for each in aliases])


def _version(version: Version) -> VersionView:
    created_at, description = timestamp(version.created_at), version.description or msgspec.UNSET
    return VersionView(number=version.number, created_at=created_at, description=description)


def _alias(alias: Alias) -> AliasView:
    return AliasView(name=alias.name, routes=list(alias.routes), description=alias.description or msgspec.UNSET)
