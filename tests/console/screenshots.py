"""Photographs every page of the console, light and dark, empty and full, wide and narrow: to be judged by eye.

Run as `make screenshots`; the pictures go to build/screenshots, or to the folder given.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.console.browser import browsing, page_of
from tests.console.server import Server, serving
from tests.console.test_quality import settle

LINES = [{"sku": f"sku-{number}"} for number in range(6)]
PHONE = {"width": 390, "height": 844}
PAGES = {
    "workflows": "/console/workflows",
    "workflow": "/console/workflows/{order}",
    "source": "/console/workflows/{order}?tab=source",
    "runs": "/console/runs",
    "run": "/console/runs/{good}?place=prepare/1/ask",
    "run-caught": "/console/runs/{caught}?place=charge",
    "run-map": "/console/runs/{map}?place=Each%20line&item=Each%20line:700",
    "run-live": "/console/runs/{live}",
    "timeline": "/console/runs/{good}?view=timeline",
    "states": "/console/runs/{good}?view=states",
    "history": "/console/runs/{map}?view=history",
    "functions": "/console/functions",
    "events": "/console/events",
}


def fill(server: Server) -> dict[str, str]:
    """Let every kind of run happen; return what the addresses need."""
    for number in range(4):
        server.ended(server.trigger("sample-user-signup", {"email": f"ada{number}@example.com", "password": "correct horse"}))
    broken = [{"sku": "broken" if number == 700 else f"s{number}"} for number in range(1_000)]
    runs = {
        "good": server.trigger("order", {"total": 20, "lines": LINES}),
        "caught": server.trigger("order", {"total": 20, "lines": LINES, "card": "declined"}),
        "map": server.trigger("ship", {"lines": broken}),
    }
    server.trigger("order", {"total": 2})
    for run in runs.values():
        server.ended(run)
    order = next(one["id"] for one in server.call("GET", "/workflows/definitions") if one["name"] == "order")
    return {**runs, "live": server.trigger("slow", {"takes": 60}), "order": order}


def photograph(browser: Any, server: Server, names: dict[str, str], folder: Path, label: str, **options: Any) -> None:
    """Take all pages once; a name that is not known leaves its page out."""
    with page_of(browser, server.url, **options) as page:
        for name, address in PAGES.items():
            try:
                page.goto(address.format(**names))
            except KeyError:
                continue
            settle(page)
            page.wait_for_timeout(250)
            page.screenshot(path=folder / f"{name}-{label}.png")


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as full, tempfile.TemporaryDirectory() as empty, browsing() as browser:
        with serving(Path(full)) as server:
            names = fill(server)
            photograph(browser, server, names, folder, "light", color_scheme="light")
            photograph(browser, server, names, folder, "dark", color_scheme="dark")
            photograph(browser, server, names, folder, "phone", viewport=PHONE)
        with serving(Path(empty), with_workflows=False) as server:
            photograph(browser, server, {}, folder, "empty")
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots"))
