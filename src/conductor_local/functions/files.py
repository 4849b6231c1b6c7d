"""Which source files are the user's own, and how they are shown to people."""

import sysconfig
from functools import cache
from pathlib import Path

_OURS = str(Path(__file__).resolve().parent.parent)


def is_user_file(path: str) -> bool:
    """Tell whether code at `path` was written by the user: not Python's, not an installed package's, not Conductor's."""
    if path.startswith("<"):
        return False
    text = str(Path(path).absolute())
    if "site-packages" in text or "dist-packages" in text:
        return False
    return not text.startswith((_OURS, *_standard_library()))


def shown(path: str) -> str:
    """Write a path for people: relative to the working directory when it lies below."""
    absolute = Path(path).absolute()
    try:
        return str(absolute.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(absolute)


@cache
def _standard_library() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return tuple({str(Path(paths[key]).resolve()) for key in ("stdlib", "platstdlib")} | {paths["stdlib"], paths["platstdlib"]})
