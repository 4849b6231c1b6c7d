"""Debian's redis-server with an append-only file: what it acknowledged is there after a restart."""

from pathlib import Path

from scripts.services import programs
from scripts.services.daemon import HOST, Daemon, ask

START_S = 20.0


def prepare_redis(folder: Path, port: int, *, fsync: str = "everysec") -> Daemon:
    """Make the folder and return the server, not yet started. `fsync` is Redis's `appendfsync`. Raises `ServiceError`."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "bind": HOST, "port": str(port), "dir": str(folder), "appendonly": "yes", "appendfsync": fsync, "save": "",
        "daemonize": "no", "set-proc-title": "no",
    }  # fmt: skip
    command = [programs.redis_server(), *(word for name, value in options.items() for word in (f"--{name}", value))]
    return Daemon("Redis", folder, port, tuple(command), lambda: ask(port, b"PING\r\n").startswith(b"+PONG"), START_S)
