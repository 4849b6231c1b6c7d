"""Builds the web console into the package: for wheels, sdists and editable installs, where Node 20 or newer is there.

Without Node, or when the build fails, the package is made without the console; the server then says how to build it. A package
made from an sdist finds the console built already. `CONDUCTOR_CONSOLE=skip` leaves it out, `=require` makes its absence an error.
"""

import os
import re
import shutil
import subprocess
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
        if wish == "skip" or not (source / "package.json").is_file():
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


def _build(source: Path) -> str | None:
    """Install and build; return the end of what was said when that fails."""
    npm = shutil.which("npm") or "npm"
    for command in (["ci", "--no-audit", "--no-fund", "--prefer-offline"], ["run", "build"]):
        done = subprocess.run([npm, *command], cwd=source, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            return f"npm {' '.join(command)} failed: {(done.stderr or done.stdout).strip()[-500:]}"
    return None
