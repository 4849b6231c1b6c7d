"""State machines by ARN: the name a definition is stored under, the version or alias that is meant, and what that leads to.

Rules: at home a definition has the machine's own name; elsewhere its name says where it is, too. What is no ARN of a machine is the
name or the id of a definition.
"""

import re
from typing import NamedTuple

import msgspec

from conductor_local.language.asl import Identity
from conductor_local.runtime.logged import logging_label
from conductor_local.runtime.records import Alias, Definition, Version

VERSION, ALIAS = "version", "alias"
"""Labels of an execution: the version and the alias that it was started by."""

_MACHINE = re.compile(r"arn:aws[a-z-]*:states:([a-z0-9-]+):([0-9]{12}):stateMachine:([^:/\s]+)(?::([^:/\s]+))?")


class Address(NamedTuple):
    """A definition by name or id; `qualifier` is a version or an alias of it."""

    key: str
    qualifier: str | None = None


class Resolved(msgspec.Struct, kw_only=True, frozen=True):
    """What a start runs: `digest` pins it. `definition` may be one that is being deleted."""

    definition: Definition
    digest: str
    identity: Identity
    version: Version | None = None
    alias: Alias | None = None

    @property
    def labels(self) -> dict[str, str]:
        """What an execution remembers of how it was started, and how it is logged."""
        version = {} if self.version is None else {VERSION: str(self.version.number)}
        alias = {} if self.alias is None else {ALIAS: self.alias.name}
        return {**version, **alias, **logging_label(self.version or self.definition.machine)}


def address_of(text: str, home: Identity) -> Address:
    """Read the ARN of a machine, a version or an alias."""
    found = _MACHINE.fullmatch(text)
    if found is None:
        return Address(text)
    region, account, name, qualifier = found.groups()
    return Address(stored_name(home, region, account, name), qualifier)


def stored_name(home: Identity, region: str, account: str, name: str) -> str:
    """Return the name of the definition of a machine."""
    return name if (region, account) == (home.region, home.account) else f"{region}:{account}:{name}"
