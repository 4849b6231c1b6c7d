"""Opening a store on Redis: what is refused, what is warned of, and in which words.

Rules: nothing is written before everything is checked; every message names the server, the cause and what to do.
"""

import logging

from conductor_local.errors import ConductorError, SettingsError, Unavailable
from conductor_local.stores.redis_faults import Broken, Refused
from conductor_local.stores.redis_keys import Keys
from conductor_local.stores.redis_link import Answer, Argument, Link, parse_info
from conductor_local.stores.redis_pipe import Pipe

SCHEMA = 1
VERSION_MIN = (6, 2)

log = logging.getLogger("conductor.store")


async def prepare(link: Link, pipe: Pipe, keys: Keys, partitions: int) -> None:
    """Check the server, load the scripts and register the store. Raises `SettingsError`, `Unavailable`."""
    try:
        await _prepare(link, pipe, keys, partitions)
    except Broken as error:
        raise error.explain(link.place) from error
    except Refused as error:
        await link.drop()
        raise error.forbid(link.place) from error
    except ConductorError:
        await link.drop()
        raise


async def _prepare(link: Link, pipe: Pipe, keys: Keys, partitions: int) -> None:
    info = await _ask(link, "INFO")
    _check_server(link.place, parse_info(info))
    await _register(link, f"{keys.shared}store", partitions)
    await pipe.load()
    pipe.is_grouping = await _is_forcing(link)


async def _ask(link: Link, *command: Argument) -> Answer:
    answers: list[Answer] = []
    await link.exchange([command], lambda _, answer: answers.append(answer))
    if isinstance(answers[0], Refused):
        raise answers[0]
    return answers[0]


async def _is_forcing(link: Link) -> bool:
    """Whether the server forces every write to its disk; many hosted ones do not say."""
    try:
        return bool(b"always" in await _ask(link, "CONFIG", "GET", "appendfsync"))
    except Refused:
        return False


def _check_server(place: str, info: dict[str, str]) -> None:
    version = info.get("redis_version", "")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < VERSION_MIN:
        raise SettingsError(f"{place} is of version {version or 'unknown'}; the store needs Redis 6.2 or later.")
    if info.get("cluster_enabled") == "1":
        raise SettingsError(f"{place} is a node of a Redis Cluster, which the store cannot use. Use one without.")
    if info.get("role") == "slave":
        raise Unavailable(f"{place} is a read-only replica. Point the address at the primary, or wait until this one is promoted.")
    _check_eviction(place, info.get("maxmemory_policy", "noeviction"), int(info.get("maxmemory", "0")))
    if info.get("loading") == "0" and info.get("aof_enabled") == "0":
        log.warning(
            "%s keeps no append-only file: when it stops or crashes, everything since its last snapshot is lost, workflows that "
            "were acknowledged among it. Set `appendonly yes` (and `appendfsync everysec` or `always`) in redis.conf.", place,
        )  # fmt: skip


def _check_eviction(place: str, policy: str, memory_max: int) -> None:
    """Refuse a server that would throw rows away to make room."""
    advice = f"{place} has `maxmemory-policy {policy}`: it drops keys when memory runs out. Set `maxmemory-policy noeviction`."
    if policy.startswith("allkeys") and memory_max:
        raise SettingsError(advice)
    if policy != "noeviction":
        log.warning("%s Nothing is lost as long as memory lasts or only keys with a time to live are dropped.", advice)


async def _register(link: Link, key: str, partitions: int) -> None:
    """Note what this store is, or compare."""
    stored = await _stored(link, key)
    if not stored:
        await _ask(link, "HSETNX", key, "schema", SCHEMA)
        await _ask(link, "HSETNX", key, "partitions", partitions)
        stored = await _stored(link, key)
    schema, made_with = int(stored.get("schema", SCHEMA)), int(stored.get("partitions", partitions))
    if schema > SCHEMA:
        raise SettingsError(
            f"the store in {link.place} was written by a newer Conductor (schema {schema}; this one knows {SCHEMA}). "
            "Upgrade, or use another database or prefix."
        )
    if made_with != partitions:
        raise SettingsError(
            f"the store in {link.place} was made with {made_with} partitions, and this process is set to {partitions}. The "
            f"number is fixed when a store is made: set it to {made_with}, or use another database or prefix for a new store."
        )


async def _stored(link: Link, key: str) -> dict[str, str]:
    flat = [part.decode() for part in await _ask(link, "HGETALL", key)]
    return dict(zip(flat[::2], flat[1::2], strict=True))
