"""Every setting: where it comes from, what it may be, and what is said when it is wrong.

Lowest to highest: the default, the `.env` file of the working folder, the environment, a flag. An empty value in a file or the
environment means "not set". A wrong value is a `SettingsError` that names the setting, its source, the value and what is allowed;
nothing is silently ignored or corrected. Secrets are shown neither in errors nor in `repr`.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

from conductor_local.errors import SettingsError
from conductor_local.runtime import kafka_settings
from conductor_local.runtime import setting_kinds as kinds
from conductor_local.runtime.kafka_settings import KafkaSettings

PARTITIONS = 64
"""As many processes can share the work of a Redis at most, unless it was divided otherwise."""
SECRET = frozenset({"token", "redis_url", "redis_password", "kafka_sasl_password", "kafka_properties"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a process runs with. Relative paths are relative to the working folder."""

    host: str = "127.0.0.1"
    port: int = 3000
    data: Path = Path(".conductor/conductor.db")
    functions: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    token: str | None = field(default=None, repr=False)
    allowed_hosts: tuple[str, ...] = ()
    durability: Literal["full", "normal"] = "full"
    lost_tasks: Literal["rerun", "fail"] = "rerun"
    time_scale: float = 1.0
    """Multiplies the simulated times of the sample functions; 0 makes them immediate."""
    payload_bytes_max: int = 262_144
    body_bytes_max: int = 2 * 1024 * 1024
    function_threads: int = 32
    invocations_max: int = 1_000
    events_file: str | None = None
    connections: Path | None = None
    """A JSON file with what HTTP tasks show of themselves: secrets by the connection's name."""
    aws_endpoints: tuple[str, ...] = ()
    """Where tasks call AWS services: URLs for all, or `service=URL` for one; nothing is called that has none."""
    buckets: Path | None = None
    """A folder whose sub-folders are the buckets that a distributed Map reads and writes."""
    region: str = "us-east-1"
    """The AWS region that this server calls its own: workflows defined over REST are in it."""
    sample: bool = True
    redis_url: str | None = field(default=None, repr=False)
    """Where state is kept; else what `redis_host` and its like say, else in the embedded store."""
    redis_host: str | None = None
    redis_port: int = 6379
    redis_username: str | None = None
    redis_password: str | None = field(default=None, repr=False)
    redis_db: int = 0
    redis_tls: bool = False
    redis_prefix: str = "conductor"
    partitions: int | None = None
    """Into how many parts a Redis is divided when it is first used; None: `PARTITIONS`."""
    retention_s: float | None = None
    """How long ended instances are kept in Redis; None: for good."""
    works: bool = True
    """Whether this process runs instances, or only answers requests."""
    drain_s: int = 10
    """How long functions that run may go on when a process that shares the work is asked to end."""
    kafka_broker: str | None = None
    kafka_client_id: str = "conductor"
    kafka_group_id: str = "conductor"
    kafka_security_protocol: str = "plaintext"
    kafka_sasl_mechanism: str | None = None
    kafka_sasl_username: str | None = None
    kafka_sasl_password: str | None = field(default=None, repr=False)
    kafka_ssl_ca: Path | None = None
    kafka_properties: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def redis(self) -> str | None:
        """The address of the Redis that keeps the state, secrets included; None: the embedded store does."""
        if self.redis_url is not None or self.redis_host is None:
            return self.redis_url
        host = f"[{self.redis_host}]" if ":" in self.redis_host else self.redis_host
        user, password = quote(self.redis_username or "", safe=""), quote(self.redis_password or "", safe="")
        who = f"{user}:{password}@" if user or password else ""
        return f"redis{'s' if self.redis_tls else ''}://{who}{host}:{self.redis_port}/{self.redis_db}"

    @property
    def kafka(self) -> KafkaSettings | None:
        """How Kafka is reached; None: it is not used."""
        if self.kafka_broker is None:
            return None
        return KafkaSettings(
            brokers=self.kafka_broker, client_id=self.kafka_client_id, security_protocol=self.kafka_security_protocol,
            sasl_mechanism=self.kafka_sasl_mechanism, sasl_username=self.kafka_sasl_username,
            sasl_password=self.kafka_sasl_password, ssl_ca=self.kafka_ssl_ca, properties=self.kafka_properties,
        )  # fmt: skip

    @property
    def store_place(self) -> str:
        """Where the state is, without secrets."""
        if self.redis is None:
            return str(self.data)
        parts = urlsplit(self.redis)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def shares_work(self) -> bool:
        """Whether several processes work on one store: Redis has the state, and Kafka says who owns what."""
        return self.redis is not None and self.kafka is not None

    @property
    def partition_count(self) -> int:
        """Into how many parts the state is divided: one where one process has it."""
        return 1 if self.redis is None else self.partitions or PARTITIONS

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)


def load_settings(overrides: Mapping[str, object], *, environ: Mapping[str, str], env_file: Path | None) -> Settings:
    """Read all settings. `overrides` are flags by field name, None meaning "not given"; a missing `env_file` is no error.

    Raises `SettingsError`.
    """
    found = {**_from_file(env_file), **_from_environment(environ), **_from_flags(overrides)}
    values = {name: _read(name, given) for name, given in found.items()}
    settings = Settings(**values)  # type: ignore[arg-type]  # each reader in VARIABLES gives its field's type
    _check_together(settings, found)
    return settings


def check_worker(settings: Settings) -> None:
    """Raise `SettingsError` when a process that only works could not share the work."""
    if not settings.shares_work:
        raise SettingsError(f"A worker shares work with others. {_lacking(settings)} One process alone: 'conductor serve'.")


def is_loopback(host: str) -> bool:
    """Whether `host` is a name or address of this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


_BYTES = kinds.whole(1_024, 1_073_741_824)
VARIABLES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "host": ("HOST", kinds.host),
    "port": ("PORT", kinds.whole(0, 65_535)),
    "data": ("CONDUCTOR_DATA", kinds.path),
    "functions": ("CONDUCTOR_FUNCTIONS", kinds.paths),
    "definitions": ("CONDUCTOR_DEFINITIONS", kinds.paths),
    "token": ("CONDUCTOR_TOKEN", kinds.token),
    "allowed_hosts": ("CONDUCTOR_ALLOWED_HOSTS", kinds.hosts),
    "durability": ("CONDUCTOR_DURABILITY", kinds.one_of("full", "normal")),
    "lost_tasks": ("CONDUCTOR_LOST_TASKS", kinds.one_of("rerun", "fail")),
    "time_scale": ("CONDUCTOR_TIME_SCALE", kinds.scale),
    "payload_bytes_max": ("CONDUCTOR_PAYLOAD_BYTES_MAX", _BYTES),
    "body_bytes_max": ("CONDUCTOR_BODY_BYTES_MAX", _BYTES),
    "function_threads": ("CONDUCTOR_FUNCTION_THREADS", kinds.whole(1, 1_024)),
    "invocations_max": ("CONDUCTOR_INVOCATIONS_MAX", kinds.whole(1, 100_000)),
    "events_file": ("CONDUCTOR_EVENTS_FILE", kinds.words),
    "connections": ("CONDUCTOR_CONNECTIONS", kinds.path),
    "aws_endpoints": ("CONDUCTOR_AWS_ENDPOINTS", kinds.endpoints),
    "buckets": ("CONDUCTOR_BUCKETS", kinds.path),
    "region": ("AWS_DEFAULT_REGION", kinds.region),
    "sample": ("CONDUCTOR_SAMPLE", kinds.switch),
    "redis_url": ("REDIS_URL", kinds.redis_url),
    "redis_host": ("REDIS_HOST", kinds.host),
    "redis_port": ("REDIS_PORT", kinds.whole(1, 65_535)),
    "redis_username": ("REDIS_USERNAME", kinds.words),
    "redis_password": ("REDIS_PASSWORD", kinds.words),
    "redis_db": ("REDIS_DB", kinds.whole(0, 65_535)),
    "redis_tls": ("REDIS_TLS", kinds.switch),
    "redis_prefix": ("CONDUCTOR_REDIS_PREFIX", kinds.prefix),
    "partitions": ("CONDUCTOR_PARTITIONS", kinds.whole(1, 1_024)),
    "retention_s": ("CONDUCTOR_RETENTION_S", kinds.seconds),
    "works": ("CONDUCTOR_WORKS", kinds.switch),
    "drain_s": ("CONDUCTOR_DRAIN_S", kinds.whole(0, 86_400)),
    "kafka_broker": ("KAFKA_BROKER", kafka_settings.read_brokers),
    "kafka_client_id": ("KAFKA_CLIENT_ID", kinds.words),
    "kafka_group_id": ("KAFKA_GROUP_ID", kinds.words),
    "kafka_security_protocol": ("KAFKA_SECURITY_PROTOCOL", kafka_settings.read_protocol),
    "kafka_sasl_mechanism": ("KAFKA_SASL_MECHANISM", kinds.words),
    "kafka_sasl_username": ("KAFKA_SASL_USERNAME", kinds.words),
    "kafka_sasl_password": ("KAFKA_SASL_PASSWORD", kinds.words),
    "kafka_ssl_ca": ("KAFKA_SSL_CA", kinds.path),
    "kafka_properties": ("KAFKA_PROPERTIES", kafka_settings.read_properties),
}
"""Of each field: its variable, and the reader of its text."""
assert set(VARIABLES) == {each.name for each in fields(Settings)}


# --- sources -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Given:
    """One value as it was found. `label` is the setting's name as that source writes it."""

    value: object
    label: str
    source: str


def _from_environment(environ: Mapping[str, str]) -> dict[str, _Given]:
    return {
        name: _Given(environ[variable], variable, "the environment")
        for name, (variable, _) in VARIABLES.items()
        if environ.get(variable, "") != ""
    }


_FLAGS = {"works": "--no-work", "sample": "--no-sample"}
"""Flags that are not called as their setting."""


def _from_flags(overrides: Mapping[str, object]) -> dict[str, _Given]:
    if unknown := sorted(set(overrides) - set(VARIABLES)):
        raise SettingsError(f"There is no setting {unknown[0]!r}. There are: {', '.join(VARIABLES)}.")
    return {
        name: _Given(value, _FLAGS.get(name, f"--{name.replace('_', '-')}"), "a flag")
        for name, value in overrides.items()
        if value is not None
    }


def _from_file(env_file: Path | None) -> dict[str, _Given]:
    if env_file is None or not env_file.is_file():
        return {}
    try:
        text = env_file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read: {error}") from error
    fields_by_variable = {variable: name for name, (variable, _) in VARIABLES.items()}
    return {
        fields_by_variable[variable]: _Given(value, variable, f"{env_file.name} line {number}")
        for number, variable, value in parse_env(text, env_file.name)
        if variable in fields_by_variable and value != ""
    }


def _read(name: str, given: _Given) -> object:
    """Turn what was found into the field's type; what a flag already parsed goes back through its text, so all are checked."""
    value = given.value
    if isinstance(value, (tuple, list)):
        value = ("," if name in ("allowed_hosts", "aws_endpoints") else os.pathsep).join(str(part) for part in value)
    try:
        return VARIABLES[name][1](str(value))
    except ValueError as error:
        shown = "•••" if name in SECRET else repr(str(value))
        raise SettingsError(f"{given.label} is {shown} (from {given.source}); allowed is {error}.") from None


_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$"}


def parse_env(text: str, name: str = ".env") -> Iterator[tuple[int, str, str]]:
    """Yield `(line number, variable, value)` of `KEY=VALUE` lines.

    `#` begins a comment at the start of a line or behind a space; `export` is allowed; single quotes are literal, double quotes
    know \\n, \\r, \\t, \\", \\\\ and \\$. Nothing is expanded. Raises `SettingsError` naming the line.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if not (stripped := line.strip()) or stripped.startswith("#"):
            continue
        if not (match := _ASSIGNMENT.fullmatch(stripped)):
            raise SettingsError(f"{name} line {number} is not KEY=VALUE; write for example PORT=3001, and # before a comment.")
        yield number, match[1], _unquote(match[2], f"{name} line {number}")


def _unquote(text: str, place: str) -> str:
    if text[:1] not in ("'", '"'):
        return re.sub(r"(^|\s+)#.*$", "", text).strip()
    pattern = r"'([^']*)'\s*(?:#.*)?" if text[0] == "'" else r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?'
    if not (match := re.fullmatch(pattern, text)):
        raise SettingsError(f"{place}: the quote is not closed, or something follows it.")
    if text[0] == "'":
        return match[1]
    return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[0]), match[1])


# --- settings that concern each other ------------------------------------------------------------------------------------------


def _lacking(settings: Settings) -> str:
    redis, kafka = "REDIS_URL or REDIS_HOST (--redis-url)", "KAFKA_BROKER (--kafka-broker)"
    missing = [name for name, value in ((redis, settings.redis), (kafka, settings.kafka)) if value is None]
    return f"The state must be in Redis, and Kafka must say who owns which part of it. Set {' and '.join(missing)}."


def _check_together(settings: Settings, found: Mapping[str, _Given]) -> None:
    if not settings.works and not settings.shares_work:
        source = found["works"]
        raise SettingsError(
            f"{source.label} (from {source.source}) leaves the work to others. {_lacking(settings)} Start 'conductor worker' "
            "beside this process."
        )
    if settings.partitions is not None and settings.redis is None:
        source = found["partitions"]
        raise SettingsError(
            f"{source.label} is set (from {source.source}), but an embedded store has one partition. Set REDIS_URL, or unset it."
        )
    if not settings.is_loopback and settings.token is None:
        source = found["host"]
        raise SettingsError(
            f"{source.label} is {settings.host!r} (from {source.source}): other machines could run your functions. Set "
            "CONDUCTOR_TOKEN (at least 8 characters) so that callers must show it, or use 127.0.0.1."
        )
