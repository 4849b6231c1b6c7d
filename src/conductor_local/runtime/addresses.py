"""State machines by ARN: the name a definition is stored under, and the version or alias that is meant.

Rules: at home a definition has the machine's own name; elsewhere its name says where it is, too. What is no ARN of a machine is the
name or the id of a definition.
"""

import re
from typing import NamedTuple

from conductor_local.language.asl import Identity

_MACHINE = re.compile(r"arn:aws[a-z-]*:states:([a-z0-9-]+):([0-9]{12}):stateMachine:([^:/\s]+)(?::([^:/\s]+))?")


class Address(NamedTuple):
    """A definition by name or id; `qualifier` is a version or an alias of it."""

    key: str
    qualifier: str | None = None


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
