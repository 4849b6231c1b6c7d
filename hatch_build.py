"""Builds the web console into the package: for wheels, sdists and editable installs, where Node 20 or newer is there.

Without Node, or when the build fails, the package is made without the console; the server then says how to build it. What is newer
than its sources is not built again. A package made from an sdist finds the console built already. `CONDUCTOR_CONSOLE=skip` leaves
it out, `=require` makes its absence an error.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_MIN = 20


class ConsoleHook(BuildHookInterface[Any]):
    """Named by `[tool.hatch.build.hooks.custom]`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before files are collected."""
        wish = os.environ.get("CONDUCTOR_CONSOLE", "")
        source = Path(self.root) / "console"
        built = Path(self.root) / "src" / "conductor_local" / "console_files" / "index.html"
        if wish == "skip" or not (source / "package.json").is_file() or _is_newer(built, _sources(source)):
            return
        missing = _missing()
        if missing is None:
            missing = _build(source)
        if missing is None:
            return
        if wish == "require":
            raise RuntimeError(f"The console could not be built: {missing}")
        self.app.display_warning(f"Without the web console: {missing}")


def _missing() -> str | None:
    """Say what the build lacks, None when it can go ahead."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return f"Node {NODE_MIN} or newer with npm is not on PATH."
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.match(r"v(\d+)", answer.stdout)
    if found is None or int(found[1]) < NODE_MIN:
        return f"Node {NODE_MIN} or newer is needed, this is {answer.stdout.strip() or 'none'}."
    return None


def _sources(source: Path) -> Iterator[Path]:
    """Yield what is built from; files that are made from others count by those."""
    yield from (source / name for name in ("package.json", "package-lock.json", "index.html", "vite.config.ts"))
    yield from (path for path in (source / "src").rglob("*") if path.is_file() and not path.name.endswith(".gen.ts"))


def _is_newer(made: Path, sources: Iterable[Path]) -> bool:
    return made.is_file() and all(path.stat().st_mtime <= made.stat().st_mtime for path in sources)


def _build(source: Path) -> str | None:
    """Install and build; return the end of what was said when that fails."""
    npm = shutil.which("npm") or "npm"
    install = ["ci", "--no-audit", "--no-fund", "--prefer-offline"]
    is_installed = _is_newer(source / "node_modules" / ".package-lock.json", [source / "package-lock.json"])
    for command in [["run", "build"]] if is_installed else [install, ["run", "build"]]:
        done = subprocess.run([npm, *command], cwd=source, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            return f"npm {' '.join(command)} failed: {(done.stderr or done.stdout).strip()[-500:]}"
    return None
