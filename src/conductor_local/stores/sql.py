"""The store's SQL, read from `schema/`: named queries, and migrations by number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from sqlite3 import complete_statement

_SPREAD = re.compile(r"\[\[ (.*?) \| (.*?) \]\]")


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, from `number - 1` to `number`. Once released it never changes."""

    number: int
    statements: tuple[str, ...]


@cache
def query(name: str, rows: int = 1) -> str:
    """Return a statement, its `[[ row | joiner ]]` written `rows` times. Each size is one prepared statement."""
    return _SPREAD.sub(lambda match: f" {match[2]} ".join([match[1]] * rows), _queries()[name])


@cache
def _queries() -> dict[str, str]:
    text = (files(__package__) / "schema" / "queries.sql").read_text("utf-8")
    blocks = (block.partition("\n") for block in text.split("-- name: ")[1:])
    return {name.strip(): "\n".join(_code_lines(body)).rstrip(";") for name, _, body in blocks}


def migrations() -> Sequence[Migration]:
    """Return every migration of this version, in order. A file is `<number>_<what>.sql`."""
    folder = files(__package__) / "schema" / "migrations"
    found = [(int(file.name.partition("_")[0]), file) for file in folder.iterdir() if file.name.endswith(".sql")]
    return [Migration(number, split(file.read_text("utf-8"))) for number, file in sorted(found, key=lambda each: each[0])]


def split(script: str) -> tuple[str, ...]:
    """Take a script apart into statements, so that they can run inside one transaction that is not theirs."""
    statements: list[str] = []
    pending = ""
    for line in _code_lines(script):
        pending += line + "\n"
        if complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    assert not pending.strip(), f"a statement has no end: {pending}"
    return tuple(statements)


def _code_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("--")]
