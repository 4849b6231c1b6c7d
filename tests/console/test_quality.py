"""What holds for every page: no accessibility violation, light or dark; no scrolling sideways on a phone; small and quick."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.console.browser import DESKTOP, PHONE, page_of, settle
from tests.console.pages import PAGES, fill
from tests.console.server import Server, serving

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FIRST_LOAD_MAX = 250_000
READY_MAX_MS = 1_000


@pytest.fixture(scope="module")
def names(server: Server) -> dict[str, str]:
    return fill(server)


@pytest.fixture(scope="module")
def visitor(browser: Any, server: Server) -> Iterator[Any]:
    """One page that goes from view to view; at the end none may have logged an error."""
    with page_of(browser, server.url, reduced_motion="reduce") as page:
        yield page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_by_all_in_both_themes_and_on_a_phone(visitor: Any, names: dict[str, str], name: str) -> None:
    visitor.set_viewport_size(DESKTOP)
    visitor.emulate_media(color_scheme="light")
    visitor.goto(PAGES[name].format(**names))
    settle(visitor)
    assert violations(visitor) == []
    visitor.set_viewport_size(PHONE)
    assert visitor.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert visitor.evaluate("document.querySelector('main').scrollWidth") <= PHONE["width"]
    visitor.emulate_media(color_scheme="dark")
    assert violations(visitor) == []


def violations(page: Any) -> list[tuple[str, str, list[str]]]:
    """Return what axe finds: rule, what it says, and where."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make console")
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [(one["id"], one["help"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]


def test_the_first_load_is_small_and_quick(browser: Any, server: Server) -> None:
    with page_of(browser, server.url) as page:
        sizes: list[int] = []
        page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
        page.goto("/")
        expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
        settle(page)
        ready_ms = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert sum(sizes) < FIRST_LOAD_MAX
    assert ready_ms < READY_MAX_MS


def test_the_keys_sheet_names_every_key_and_focus_can_be_seen(browser: Any, server: Server) -> None:
    with page_of(browser, server.url) as page:
        page.goto("/console/runs")
        settle(page)
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        for key, heading in {"w": "Workflows", "i": "Inbox", "e": "Events", "f": "Functions", "r": "Runs"}.items():
            page.keyboard.press("g")
            page.keyboard.press(key)
            expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        page.keyboard.press("?")
        sheet = page.get_by_role("dialog", name="Keyboard")
        expect(sheet).to_contain_text("Inbox")
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)


def test_without_workflows_the_page_teaches_the_next_command(browser: Any, tmp_path: Path) -> None:
    with serving(tmp_path, with_workflows=False) as empty, page_of(browser, empty.url) as page:
        page.goto("/")
        expect(page.get_by_text("No workflows yet")).to_be_visible()
        expect(page.get_by_text("conductor dev --definitions")).to_be_visible()
        page.goto("/console/runs")
        expect(page.get_by_text("aws stepfunctions start-execution")).to_be_visible()
        page.goto("/console/inbox")
        expect(page.get_by_text("aws stepfunctions send-task-success")).to_be_visible()


def test_a_server_with_a_token_asks_for_it(browser: Any, tmp_path: Path) -> None:
    with serving(tmp_path, "--token", "open-sesame") as closed, page_of(browser, closed.url, may_fail=True) as page:
        page.goto("/")
        page.get_by_placeholder("CONDUCTOR_TOKEN").fill("open-sesame")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("link", name="order", exact=True)).to_be_visible()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_a_page_left_open_shows_twenty_updates_a_second(browser: Any, server: Server) -> None:
    with page_of(browser, server.url) as page:
        page.goto("/console/runs")
        settle(page)
        began, started = time.monotonic(), []
        while time.monotonic() - began < 1:
            started.append(server.trigger("sample-user-signup", {"email": "ada@example.com", "password": "x"}))
        for run in started[-5:]:
            expect(page.locator(f'[data-run="{run}"]')).to_contain_text("Completed")
