"""What the store uses of redis-py and hiredis, imported by the first store on Redis. The only module that knows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from conductor_local.errors import SettingsError
from conductor_local.stores.redis_faults import Broken, Refused, refusal

FORM = "redis://[[user]:password@]host[:port][/database], or rediss:// with TLS"
Connection = Any  # redis.asyncio.connection.AbstractConnection


@dataclass(frozen=True, slots=True)
class Client:
    """`place` names the server in messages, without its password; `make` makes a connection, `pack` writes one command.

    `replies` are what redis-py raises for error replies, some of which look like broken connections; `faults` are all that an
    exchange may meet.
    """

    place: str
    make: Callable[[], Connection]
    pack: Callable[[tuple[str | bytes | int, ...]], bytes]
    replies: tuple[type[Exception], ...]
    faults: tuple[type[Exception], ...]
    foreign: type[Exception]

    def refused(self, error: Any) -> Refused:
        """Say what an error reply was."""
        code = error.status_code or ("WRONGPASS" if error.error_type.value == "auth" else None)
        return refusal(code, str(error))

    def broken(self, error: Exception, *, was_connected: bool) -> Broken:
        """Say how a connection ended."""
        return Broken(error, was_connected=was_connected, is_foreign=isinstance(error, self.foreign))


def client(url: str) -> Client:
    """Read a URL. Raises `SettingsError` when it is none, or the packages are not installed."""
    connection, errors, hiredis = _library()
    try:
        arguments = {"protocol": 2, "socket_timeout": None, **_arguments(url, connection)}
        kind = arguments.pop("connection_class", connection.Connection)
        kind(**arguments)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"the Redis URL is not valid: {error}. Its form is {FORM}.") from None
    where = arguments.get("path") or f"{arguments.get('host', 'localhost')}:{arguments.get('port', 6379)}"
    database = f", database {arguments['db']}" if arguments.get("db") else ""
    return Client(
        place=f"Redis at {where}{database}", make=lambda: kind(**arguments), pack=hiredis.pack_command,
        replies=(errors.ResponseError, errors.BusyLoadingError, errors.AuthenticationError),
        faults=(errors.RedisError, OSError), foreign=errors.InvalidResponse,
    )  # fmt: skip


def _arguments(url: str, connection: Any) -> dict[str, Any]:
    parts = urlsplit(url)
    database = parts.path.strip("/")
    if parts.scheme != "unix" and database and not database.isdigit():
        raise ValueError("what follows the last slash is the number of a database")
    return dict(connection.parse_url(url))


def _library() -> Sequence[Any]:
    try:
        return [import_module(name) for name in ("redis.asyncio.connection", "redis.exceptions", "hiredis")]
    except ImportError as error:
        raise SettingsError("Redis needs one more package. Install it: pip install 'conductor-local[redis]'") from error
