"""What the console's tests share: one server, one browser. Skipped where there is no Chromium or the console is not built."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.console.server import Server, serving

from conductor_local.api.console import BUILD

pytest.importorskip("playwright", reason="Playwright is not installed: make setup")

from tests.console.browser import browsing, chromium, page_of


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if chromium() is None:
        pytest.skip("there is no Chromium on PATH; on Debian: apt install chromium")
    if not (BUILD / "index.html").is_file():
        pytest.skip("the console is not built: make console")
    with serving(tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Any]:
    """One a module: while Playwright is open, an event loop counts as running, and no asynchronous test can run beside it."""
    with browsing() as started:
        yield started


@pytest.fixture
def page(browser: Any, server: Server) -> Iterator[Any]:
    with page_of(browser, server.url) as opened:
        yield opened
