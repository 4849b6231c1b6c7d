"""Aliases of a state machine: names for one version, or for two that share the starts by weight.

Rules: pure; an alias points to versions that are there; making the same alias again changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from conductor_local.errors import InvalidRequest, NotFound
from conductor_local.runtime.records import Alias, Definition, Machine, Route
from conductor_local.runtime.versions import version_of

ALIASES_MAX = 100  # AWS's quota for one machine


def alias_of(machine: Machine, name: str) -> Alias | None:
    """Return the alias of that name."""
    return next((alias for alias in machine.aliases if alias.name == name), None)


def with_alias(definition: Definition, alias: Alias) -> Definition:
    """Return the definition with a new alias; as it is, when it has the same one.

    Raises `InvalidRequest` ALIAS_TAKEN, TOO_MANY_ALIASES, and `NotFound` when a version is not there.
    """
    machine = definition.machine
    _check_routes(machine, alias.routes)
    old = alias_of(machine, alias.name)
    if old is not None:
        _refuse_another(old, alias)
        return definition
    if len(machine.aliases) >= ALIASES_MAX:
        text = f"A state machine can have {ALIASES_MAX} aliases; delete those that nobody uses."
        raise InvalidRequest(text, code="TOO_MANY_ALIASES")
    return replace(definition, machine=replace(machine, aliases=(*machine.aliases, alias)))


def with_changed_alias(
    definition: Definition, name: str, *, routes: Sequence[Route] | None, description: str | None, at: datetime
) -> Definition:  # fmt: skip
    """Return the definition with another alias of that name; None leaves a part as it is. Raises `NotFound`."""
    machine = definition.machine
    old = _existing(machine, name)
    if routes is not None:
        _check_routes(machine, routes)
    new = replace(
        old,
        routes=old.routes if routes is None else tuple(routes),
        description=old.description if description is None else description,
    )
    if new == old:
        return definition
    new = replace(new, updated_at=at)
    kept = tuple(new if alias.name == name else alias for alias in machine.aliases)
    return replace(definition, machine=replace(machine, aliases=kept))


def without_alias(definition: Definition, name: str) -> Definition:
    """Return the definition without that alias."""
    machine = definition.machine
    if alias_of(machine, name) is None:
        return definition
    kept = tuple(alias for alias in machine.aliases if alias.name != name)
    return replace(definition, machine=replace(machine, aliases=kept))


def drawn(alias: Alias, bits: int) -> int:
    """Return the number of the version that a start with these random bits goes to."""
    first, last = alias.routes[0], alias.routes[-1]
    return first.version if bits % 100 < first.weight else last.version


def _check_routes(machine: Machine, routes: Sequence[Route]) -> None:
    for route in routes:
        if version_of(machine, route.version) is None:
            raise NotFound(f"There is no version {route.version} of that state machine.")


def _existing(machine: Machine, name: str) -> Alias:
    alias = alias_of(machine, name)
    if alias is None:
        raise NotFound(f"There is no alias '{name}' of that state machine.")
    return alias


def _refuse_another(old: Alias, new: Alias) -> None:
    if set(old.routes) != set(new.routes):
        differs = "routing configuration"
    elif old.description != new.description:
        differs = "description"
    else:
        return
    text = f"Failed to create alias because an alias with the same name and a different {differs} already exists."
    raise InvalidRequest(text, code="ALIAS_TAKEN")
