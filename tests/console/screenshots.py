"""Photographs of the console: three for the README, or with `--all` every page, to be judged by eye.

Run as `make screenshots`, which writes docs/pictures; with ARGS=--all every page, light and dark, empty and full, wide and narrow,
goes to build/screenshots.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.console.browser import PHONE, browsing, page_of, settle
from tests.console.pages import PAGES, fill
from tests.console.server import HERE, Server, serving

PICTURE = {"width": 1440, "height": 900}
FOR_README = {
    "run": ("/console/runs/{caught}?place=charge", "light"),
    "stages": ("/console/runs/{approved}?place=Approval", "dark"),
    "map": ("/console/runs/{map}?place=Each%20line&item=Each%20line:700", "light"),
}
DOCS = Path(__file__).parents[2] / "docs" / "pictures"
EVERYTHING = Path("build/screenshots")


def photograph(browser: Any, server: Server, names: dict[str, str], folder: Path, label: str, **options: Any) -> None:
    """Take all pages once; a name that is not known leaves its page out."""
    with page_of(browser, server.url, may_fail=True, reduced_motion="reduce", **options) as page:
        for name, address in PAGES.items():
            try:
                page.goto(address.format(**names))
            except KeyError:
                continue
            settle(page)
            page.wait_for_timeout(250)
            page.screenshot(path=folder / f"{name}-{label}.png")


def everything(browser: Any, folder: Path) -> None:
    """Take every page in every way."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as full, serving(Path(full)) as server:
        names = fill(server)
        photograph(browser, server, names, folder, "light", color_scheme="light")
        photograph(browser, server, names, folder, "dark", color_scheme="dark")
        photograph(browser, server, names, folder, "phone", viewport=PHONE)
    with tempfile.TemporaryDirectory() as empty, serving(Path(empty), with_workflows=False) as server:
        photograph(browser, server, {}, folder, "empty")
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


def for_readme(browser: Any, folder: Path) -> None:
    """Take the pictures that the README shows."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as full, serving(Path(full), source=_shop_in(Path(full))) as server:
        names = fill(server)
        for name, (address, scheme) in FOR_README.items():
            with page_of(browser, server.url, viewport=PICTURE, color_scheme=scheme, reduced_motion="reduce") as page:
                page.goto(address.format(**names))
                settle(page)
                page.wait_for_timeout(400)
                page.screenshot(path=folder / f"{name}.png")
            print(f"{folder / name}.png: {(folder / f'{name}.png').stat().st_size // 1024} KiB")


def _shop_in(folder: Path) -> Path:
    """Copy the functions, so that no picture shows where this copy of the sources lies."""
    shutil.copytree(HERE / "workflows", folder / "workflows")
    shutil.copy(HERE / "shop.py", folder / "shop.py")
    return folder


def main(arguments: list[str]) -> None:
    """Take them, and say how long it took."""
    began = time.monotonic()
    with browsing() as browser:
        if "--all" in arguments:
            everything(browser, EVERYTHING)
        else:
            for_readme(browser, DOCS)
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
