"""Binding and addresses. Serving itself is tested with a real runtime in tests/integration."""

import socket

import pytest

from conductor_local.api.server import bind, url_of
from conductor_local.errors import SettingsError


def test_a_taken_port_is_named_with_a_free_one() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port} is in use.*--port [0-9]+ \\(free now\\)"):
            bind("127.0.0.1", port)


def test_port_0_takes_a_free_one() -> None:
    with bind("127.0.0.1", 0) as one, bind("localhost", 0) as two:
        assert one.getsockname()[1] != two.getsockname()[1]
        assert url_of(one, "127.0.0.1") == f"http://127.0.0.1:{one.getsockname()[1]}"


def test_an_unknown_host_is_named() -> None:
    with pytest.raises(SettingsError, match=r"Cannot listen on '192\.0\.2\.1'"):
        bind("192.0.2.1", 0)


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("box.test", "box.test")])
def test_the_address_shown_can_be_opened(host: str, shown: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert url_of(listener, host) == f"http://{shown}:{listener.getsockname()[1]}"
