"""What HTTP tasks need to show who they are: a local JSON file in the place of EventBridge's connections.

    {"my-api": {"headers": {"Authorization": "Bearer …"}, "query": {"key": "…"}, "body": {"client": "…"},
                "basic": {"username": "…", "password": "…"}}}

Rules: a key is a connection's ARN or its name; the file is read for each call, so that an edit counts at once; what is in it
appears in no error, log or history.
"""

from base64 import b64encode
from pathlib import Path

import msgspec


class Basic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user name and a password."""

    username: str
    password: str


class Connection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is added to each request; it goes over what the workflow gives."""

    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    body: dict[str, str] = {}
    basic: Basic | None = None

    def all_headers(self) -> dict[str, str]:
        """Return the headers, that of `basic` included."""
        if self.basic is None:
            return self.headers
        shown = b64encode(f"{self.basic.username}:{self.basic.password}".encode()).decode()
        return {**self.headers, "Authorization": f"Basic {shown}"}


class NoConnection(Exception):
    """There is no such connection; the text says what to do."""


def find_connection(arn: str, file: Path | None) -> Connection:
    """Return a connection by its ARN or name. Raises `NoConnection`."""
    name = arn.partition(":connection/")[2].partition("/")[0] or arn
    if file is None:
        raise NoConnection(f"Set CONDUCTOR_CONNECTIONS to a JSON file that has the connection '{name}'.")
    connections = _read(file)
    found = connections.get(arn) or connections.get(name)
    if found is None:
        raise NoConnection(f"The file {file} has no connection '{name}'; add one, with its headers.")
    return found


def _read(file: Path) -> dict[str, Connection]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Connection])
    except OSError as error:
        raise NoConnection(f"The file of connections cannot be read: {error.strerror or type(error).__name__} ({file}).") from None
    except (msgspec.DecodeError, UnicodeDecodeError):  # no text of it: it could quote a secret
        raise NoConnection(f"The file {file} is not as docs/task-resources.md describes it.") from None
