"""What a store keeps besides executions: definitions, the documents executions are pinned to, and small records by kind and key.

Every definition is also a state machine of AWS's API and the other way round: `Definition.machine` has what only that API asks
about. Its versions and aliases lie in it, so that one compare-and-set covers the whole. Times are aware UTC datetimes.
"""

from datetime import datetime

import msgspec

from conductor_local.payload import Json, Payload


class Route(msgspec.Struct, kw_only=True, frozen=True):
    """`weight` per cent of an alias's starts go to the version `version`."""

    version: int
    weight: int


class Alias(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A name for one or two versions; the weights sum to 100."""

    name: str
    routes: tuple[Route, ...]
    created_at: datetime
    updated_at: datetime
    description: str | None = None


class Version(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """A published snapshot: `digest` pins its document, type and role."""

    number: int
    digest: str
    created_at: datetime
    role_arn: str
    revision_id: str | None = None
    description: str | None = None
    logging: dict[str, Json] = {}
    tracing: dict[str, Json] = {}


class Machine(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """What AWS's API knows of a definition. Configurations are kept as they were given; None where none was.

    `revision_id` None is the first revision. `region` and `account` None are those this server calls its own. `versions_made` never
    goes down, so a number is never used twice. `creation` is what a repeated creation is compared with.
    """

    is_express: bool = False
    role_arn: str | None = None
    logging: dict[str, Json] | None = None
    tracing: dict[str, Json] | None = None
    encryption: dict[str, Json] | None = None
    region: str | None = None
    account: str | None = None
    revision_id: str | None = None
    tags: dict[str, str] = {}
    versions: tuple[Version, ...] = ()
    versions_made: int = 0
    aliases: tuple[Alias, ...] = ()
    creation: dict[str, Json] = {}
    is_deleting: bool = False


class Pinned(msgspec.Struct, kw_only=True, frozen=True):
    """A document that executions run, whatever becomes of its definition. `identity`: what its ARNs, type and role are made of."""

    dialect: str
    document: Payload
    identity: dict[str, Json] = {}


class Definition(msgspec.Struct, kw_only=True, frozen=True):
    """A workflow as its author sees it. `document` is what was sent, without its id; `digest` names it for running executions.

    `name` is unique in a store; `revision` grows by one with every change of anything here.
    """

    id: str
    name: str
    dialect: str
    document: Payload
    digest: str
    created_at: datetime
    updated_at: datetime
    revision: int = 1
    identity: dict[str, Json] = {}
    machine: Machine = Machine()

    @property
    def pinned(self) -> Pinned:
        """What `digest` stands for."""
        return Pinned(dialect=self.dialect, document=self.document, identity=self.identity)


class Record(msgspec.Struct, kw_only=True, frozen=True):
    """A small JSON value under a kind and a key, such as an activity by its ARN; `revision` grows by one with every change."""

    kind: str
    key: str
    value: Payload
    revision: int = 1
