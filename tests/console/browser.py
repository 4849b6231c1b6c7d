"""The system's Chromium, driven by Playwright. A page that logs an error or loads anything from elsewhere fails its test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def chromium() -> str | None:
    """Return where the system's Chromium is."""
    return next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start the browser; it is ended when the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser: Browser, url: str, *, may_fail: bool = False, **options: Any) -> Iterator[Page]:
    """Open a page whose addresses are relative to `url`; at the end nothing may have gone wrong in it, unless `may_fail`."""
    context = browser.new_context(base_url=url, **{"viewport": DESKTOP, **options})
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if not request.url.startswith((url, "data:", "blob:")) else None)
    page.set_default_timeout(10_000)
    yield page
    context.close()
    assert may_fail or not faults, faults


def settle(page: Page) -> None:
    """Wait until what the page loads and lays out is there."""
    expect(page.get_by_text("Live", exact=True)).to_be_attached()
    expect(page.get_by_text("Loading …")).to_have_count(0)
    if page.locator(".graph").count():
        expect(page.locator(".g-node").first).to_be_visible()
    if page.locator(".editor").count():
        expect(page.locator(".cm-content").first).to_be_visible()
