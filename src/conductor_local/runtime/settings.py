"""Every setting: where it comes from, what it may be, and what is said when it is wrong.

Lowest to highest: the default, the `.env` file of the working folder, the environment, a flag. An empty value in a file or the
environment means "not set". A wrong value is a `SettingsError` that names the setting, its source, the value and what is allowed;
nothing is silently ignored or corrected. Secrets are shown neither in errors nor in `repr`.
"""

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from conductor_local.errors import SettingsError


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
    sample: bool = True
    redis_host: str | None = None
    redis_port: int = 6379
    kafka_broker: str | None = None
    kafka_client_id: str | None = None
    kafka_group_id: str | None = None

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
    settings = Settings(**values)  # type: ignore[arg-type]  # each reader in _KINDS gives its field's type
    _check_together(settings, found)
    return settings


def is_loopback(host: str) -> bool:
    """Whether `host` is a name or address of this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


# --- kinds of values: text -> value, raising ValueError with what is allowed ---------------------------------------------------


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(" or ".join(f'"{word}"' for word in words))
        return text

    return read


def _scale(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1_000:
        raise ValueError("a number from 0 (immediate) to 1000, such as 0.1")
    return number


def _switch(text: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError("true or false")
    return words[text.lower()]


def _host(text: str) -> str:
    host = text.strip("[]")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,253}", host) and not _is_address(host):
        raise ValueError("a host name or an IP address, without scheme and port, such as 127.0.0.1")
    return host


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(_host(part.strip()) for part in text.split(",") if part.strip())


def _token(text: str) -> str:
    if not re.fullmatch(r"[!-~]{8,512}", text):
        raise ValueError("8 to 512 printable ASCII characters without spaces")
    return text


def _text(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ValueError("a text that is not empty")
    return text


def _path(text: str) -> Path:
    return Path(_text(text)).expanduser()


def _endpoints(text: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(re.fullmatch(r"(?:[a-z0-9-]+=)?https?://[^\s,=]+", part) for part in parts):
        raise ValueError("URLs with commas between them, such as http://127.0.0.1:4566 or sqs=http://127.0.0.1:9324")
    return parts


def _paths(text: str) -> tuple[str, ...]:
    return tuple(part for part in _text(text).split(os.pathsep) if part)


_BYTES = _whole(1_024, 1_073_741_824)
_KINDS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "host": ("HOST", _host),
    "port": ("PORT", _whole(0, 65_535)),
    "data": ("CONDUCTOR_DATA", _path),
    "functions": ("CONDUCTOR_FUNCTIONS", _paths),
    "definitions": ("CONDUCTOR_DEFINITIONS", _paths),
    "token": ("CONDUCTOR_TOKEN", _token),
    "allowed_hosts": ("CONDUCTOR_ALLOWED_HOSTS", _hosts),
    "durability": ("CONDUCTOR_DURABILITY", _one_of("full", "normal")),
    "lost_tasks": ("CONDUCTOR_LOST_TASKS", _one_of("rerun", "fail")),
    "time_scale": ("CONDUCTOR_TIME_SCALE", _scale),
    "payload_bytes_max": ("CONDUCTOR_PAYLOAD_BYTES_MAX", _BYTES),
    "body_bytes_max": ("CONDUCTOR_BODY_BYTES_MAX", _BYTES),
    "function_threads": ("CONDUCTOR_FUNCTION_THREADS", _whole(1, 1_024)),
    "invocations_max": ("CONDUCTOR_INVOCATIONS_MAX", _whole(1, 100_000)),
    "events_file": ("CONDUCTOR_EVENTS_FILE", _text),
    "connections": ("CONDUCTOR_CONNECTIONS", _path),
    "aws_endpoints": ("CONDUCTOR_AWS_ENDPOINTS", _endpoints),
    "buckets": ("CONDUCTOR_BUCKETS", _path),
    "sample": ("CONDUCTOR_SAMPLE", _switch),
    "redis_host": ("REDIS_HOST", _text),
    "redis_port": ("REDIS_PORT", _whole(1, 65_535)),
    "kafka_broker": ("KAFKA_BROKER", _text),
    "kafka_client_id": ("KAFKA_CLIENT_ID", _text),
    "kafka_group_id": ("KAFKA_GROUP_ID", _text),
}
"""Of each field: its variable, and the reader of its text."""
assert set(_KINDS) == {each.name for each in fields(Settings)}


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
        for name, (variable, _) in _KINDS.items()
        if environ.get(variable, "") != ""
    }


def _from_flags(overrides: Mapping[str, object]) -> dict[str, _Given]:
    if unknown := sorted(set(overrides) - set(_KINDS)):
        raise SettingsError(f"There is no setting {unknown[0]!r}. There are: {', '.join(_KINDS)}.")
    return {name: _Given(value, f"--{name.replace('_', '-')}", "a flag") for name, value in overrides.items() if value is not None}


def _from_file(env_file: Path | None) -> dict[str, _Given]:
    if env_file is None or not env_file.is_file():
        return {}
    try:
        text = env_file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{env_file} cannot be read: {error}") from error
    fields_by_variable = {variable: name for name, (variable, _) in _KINDS.items()}
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
        return _KINDS[name][1](str(value))
    except ValueError as error:
        shown = "•••" if name == "token" else repr(str(value))
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


def _check_together(settings: Settings, found: Mapping[str, _Given]) -> None:
    for name, what in (("redis_host", "keep state in Redis"), ("kafka_broker", "publish events to Kafka")):
        if given := found.get(name):
            raise SettingsError(
                f"{given.label} is set (from {given.source}), but this version does not {what} yet. Unset {given.label}: state and "
                f"events are then kept in the embedded store, {settings.data}."
            )
    if not settings.is_loopback and settings.token is None:
        source = found["host"]
        raise SettingsError(
            f"{source.label} is {settings.host!r} (from {source.source}): other machines could run your functions. Set "
            "CONDUCTOR_TOKEN (at least 8 characters) so that callers must show it, or use 127.0.0.1."
        )
