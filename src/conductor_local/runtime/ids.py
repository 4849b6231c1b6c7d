"""Ids of definitions and instances, and the partition an instance lives in. Names become ids here and nowhere else."""

import secrets
import uuid
from datetime import datetime
from hashlib import blake2b

from conductor_local.engine.state import Head

_RANDOM_74_BITS = 0xFFF << 64 | (1 << 62) - 1


def mint() -> int:
    """Return 128 unguessable bits."""
    return secrets.randbits(128)


def new_id(at: datetime, bits: int) -> str:
    """Make a UUID of version 7 (RFC 9562): ids made at about the same time lie side by side in a store's index."""
    milliseconds, variant = int(at.timestamp() * 1000), 0b10 << 62
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | (bits & _RANDOM_74_BITS) | variant))


def named_id(definition_id: str, name: str) -> str:
    """Derive an instance id from definition and name, so that the same name meets itself in one place."""
    digest = blake2b(f"{definition_id}\0{name}".encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def item_id(parent: Head, label: str, name: str) -> str:
    """Derive the id of the execution that a map run named so."""
    return named_id(f"{parent.definition_id}/{label}", name)


def partition_of(execution_id: str, partitions: int) -> int:
    """Return the partition, of so many, that an execution lives in for good."""
    return int.from_bytes(blake2b(execution_id.encode(), digest_size=8).digest()) % partitions
