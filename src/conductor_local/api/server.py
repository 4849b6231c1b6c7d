"""Runs the app on uvicorn: binds the port first, stops in bounded time, says where it listens.

Rules: a taken port is an error that says what to do, before anything is started; SIGINT and SIGTERM end open event streams, give
other requests `GRACE_S` to finish, and a second signal stops at once. Signals are handed back when `serve` returns.
"""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from litestar import Litestar

from conductor_local.api.deps import deps_of
from conductor_local.errors import SettingsError
from conductor_local.runtime.settings import Settings

if TYPE_CHECKING:
    import uvicorn

GRACE_S = 5
BACKLOG = 1_024
_PORTS_TRIED = 50
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def serve(
    app: Litestar,
    settings: Settings,
    *,
    on_started: Callable[[str], None] = lambda _: None,
    listener: socket.socket | None = None,
    stop: asyncio.Event | None = None,
    hears_signals: bool = True,
) -> None:
    """Serve until a signal comes or `stop` is set. `on_started` gets the URL once requests are answered.

    With `hears_signals` False signals are the caller's. `listener` is what `bind` gave, for callers who want to know about a taken
    port before they open anything else.
    """
    listener = listener or bind(settings.host, settings.port)
    url = url_of(listener, settings.host)
    server = _server(app, lambda: on_started(url))
    ending = asyncio.create_task(_end_when(stop, server)) if stop else None
    try:
        with _signals(server) if hears_signals else nullcontext():
            await server.serve(sockets=[listener])
    finally:
        listener.close()
        if ending:
            ending.cancel()


def run_loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's factory for `asyncio.Runner`, or None where there is no uvloop."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def bind(host: str, port: int) -> socket.socket:
    """Take the port, 0 for any free one. Raises `SettingsError` naming what to do."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as error:
        raise SettingsError(
            f"The host {host!r} is not an address of this machine: {error.strerror}. Try HOST=127.0.0.1."
        ) from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_REUSEPORT"):  # not on Windows, where SO_REUSEADDR would share a port that is in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)  # some systems tell only here that the port is taken
    except OSError as error:
        listener.close()
        raise _unusable(host, port, error) from error
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket, host: str) -> str:
    """Return the address to open. A wildcard host is shown as this machine."""
    port = listener.getsockname()[1]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def _unusable(host: str, port: int, error: OSError) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        free = _next_free(host, port)
        other = f"--port {free} (free now) or PORT={free}" if free else "--port 0, which takes a free one"
        return SettingsError(f"Port {port} is in use, perhaps by another Conductor. Stop that program, or use {other}.")
    if error.errno == errno.EACCES:
        return SettingsError(f"Port {port} needs special rights on this system. Use a port above 1023, such as --port 3000.")
    return SettingsError(f"Cannot listen on {host!r} port {port}: {error.strerror}. Try HOST=127.0.0.1 or --port 0.")


def _next_free(host: str, port: int) -> int | None:
    for candidate in range(port + 1, min(port + _PORTS_TRIED, 65_535) + 1):
        try:
            with socket.create_server((host, candidate), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
                return candidate
        except OSError:
            continue
    return None


def _server(app: Litestar, announce: Callable[[], None]) -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to `_signals`, and ends event streams before it waits for connections."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                announce()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            deps_of(app).streams.closing.set()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app,
        http="auto",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_S,
    )
    return Server(config)


async def _end_when(stop: asyncio.Event, server: "uvicorn.Server") -> None:
    await stop.wait()
    server.should_exit = True


@contextmanager
def _signals(server: "uvicorn.Server") -> Iterator[None]:
    """Let signals end the server while it runs. Outside the main thread nothing can be done, and nothing is."""

    def end() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    taken = []
    try:
        for number in _SIGNALS:
            try:
                loop.add_signal_handler(number, end)
            except (NotImplementedError, RuntimeError, ValueError):
                break
            taken.append(number)
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
