"""The list of differences from AWS that are accepted, each with its reason."""

import tomllib
from pathlib import Path

FILE = Path(__file__).parents[1] / "exceptions.toml"


def accepted(file: Path = FILE) -> dict[str, str]:
    """Return reasons by the ids of cases."""
    entries = tomllib.loads(file.read_text()).get("exception", [])
    return {entry["id"]: entry["reason"] for entry in entries}
