"""The store's Lua, read from `scripts/`. A script that begins with `-- uses: …` has those files in front of it."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """`digest` is how Redis names it."""

    text: bytes
    digest: str


@cache
def script(name: str) -> Script:
    """Return a script by its file's name."""
    body = _read(name)
    first, _, _ = body.partition("\n")
    used = first.removeprefix("-- uses:").split(",") if first.startswith("-- uses:") else []
    text = "\n".join([*(_read(each.strip()) for each in used), body]).encode()
    return Script(text, sha1(text, usedforsecurity=False).hexdigest())


@cache
def scripts() -> tuple[Script, ...]:
    """Return all that can be run."""
    folder = files(__package__) / "scripts"
    names = sorted(file.name.removesuffix(".lua") for file in folder.iterdir() if file.name.endswith(".lua"))
    return tuple(script(name) for name in names if name not in {"answer", "partition"})


def _read(name: str) -> str:
    return (files(__package__) / "scripts" / f"{name}.lua").read_text("utf-8")
