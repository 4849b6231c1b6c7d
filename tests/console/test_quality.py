"""What holds for every page: no accessibility violation, no scrolling sideways on a phone, a small first load."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.console.browser import page_of
from tests.console.server import Server, serving

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
FIRST_LOAD_MAX = 250_000
PAGES = {
    "workflows": "/console/workflows",
    "workflow": "/console/workflows/{order}",
    "source": "/console/workflows/{order}?tab=source",
    "new": "/console/workflows/new",
    "runs": "/console/runs",
    "run": "/console/runs/{run}?place=charge",
    "map": "/console/runs/{run}?place=prepare/0/lines",
    "timeline": "/console/runs/{run}?view=timeline",
    "states": "/console/runs/{run}?view=states",
    "history": "/console/runs/{run}?view=history&event=3",
    "events": "/console/events",
    "functions": "/console/functions",
}


@pytest.fixture(scope="module")
def names(server: Server) -> dict[str, str]:
    run = server.trigger("order", {"total": 20, "lines": [{"sku": "a"}], "card": "declined"})
    server.ended(run)
    found = {one["name"]: one["id"] for one in server.call("GET", "/workflows/definitions")}
    return {"run": run, "order": found["order"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(browser: Any, server: Server, names: dict[str, str], name: str, scheme: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make console")
    with page_of(browser, server.url, color_scheme=scheme, reduced_motion="reduce") as page:
        page.goto(PAGES[name].format(**names))
        settle(page)
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    told = [(one["id"], one["help"], [node["html"][:160] for node in one["nodes"]][:3]) for one in found["violations"]]
    assert not told


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_need_not_scroll_sideways(browser: Any, server: Server, names: dict[str, str], name: str) -> None:
    with page_of(browser, server.url, viewport={"width": 390, "height": 844}) as page:
        page.goto(PAGES[name].format(**names))
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 390


def test_the_first_load_is_small_and_quick(browser: Any, server: Server) -> None:
    with page_of(browser, server.url) as page:
        sizes: list[int] = []
        page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
        page.goto("/")
        expect(page.get_by_role("heading", name="Workflows")).to_be_visible()
        settle(page)
        ready_ms = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    assert sum(sizes) < FIRST_LOAD_MAX
    assert ready_ms < 1_000


def test_without_workflows_the_page_teaches_the_next_command(browser: Any, tmp_path: Path) -> None:
    with serving(tmp_path, with_workflows=False) as empty, page_of(browser, empty.url) as page:
        page.goto("/")
        expect(page.get_by_text("No workflows yet")).to_be_visible()
        expect(page.get_by_text("conductor dev --definitions")).to_be_visible()
        page.goto("/console/runs")
        expect(page.get_by_text("aws stepfunctions start-execution")).to_be_visible()


def test_a_server_with_a_token_asks_for_it(browser: Any, tmp_path: Path) -> None:
    with serving(tmp_path, "--token", "open-sesame") as closed, page_of(browser, closed.url, may_fail=True) as page:
        page.goto("/")
        page.get_by_placeholder("CONDUCTOR_TOKEN").fill("open-sesame")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("link", name="order", exact=True)).to_be_visible()
        expect(page.get_by_text("Live", exact=True)).to_be_visible()


def settle(page: Any) -> None:
    """Wait until what the page loads and lays out is there."""
    expect(page.get_by_text("Live", exact=True)).to_be_attached()
    expect(page.get_by_text("Loading …")).to_have_count(0)
    if page.locator(".graph").count():
        expect(page.locator(".g-node").first).to_be_visible()
    if page.locator(".editor").count():
        expect(page.locator(".cm-content").first).to_be_visible()
