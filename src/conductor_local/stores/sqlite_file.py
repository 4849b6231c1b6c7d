"""One database file: opening it, bringing its schema up to date, and saying in plain words why that cannot be done.

Rules: whatever is wrong, the file is left as it was; every message names the file, the cause and what to do.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from conductor_local.errors import ConductorError, SettingsError, Unavailable
from conductor_local.stores.sql import Migration

Durability = Literal["full", "normal"]
APPLICATION_ID = 0x434E4454  # "CNDT", at byte 68 of the file, where `file` and SQLite look for it
CACHED_STATEMENTS = 1024  # seven bulk statements of up to 64 sizes, and the small ones
TURNS_MAX = 20  # processes that may make one file at the same moment
CHECKPOINT_PAGES = 8_000  # 32 MB of log: pages written again and again meanwhile go to the file once
JOURNAL_BYTES_MAX = 64 * 1024 * 1024


def connect(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Open a connection that leaves transactions to us; the caller sees to it that one thread at a time uses it."""
    return sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=CACHED_STATEMENTS, timeout=busy_timeout_s
    )


def open_writer(path: Path, durability: Durability, busy_timeout_s: float, steps: Sequence[Migration]) -> sqlite3.Connection:
    """Create or migrate the file and return the connection that writes to it. Raises `SettingsError`, `Unavailable`."""
    _check_place(path)
    connection = None
    try:
        connection = connect(path, busy_timeout_s)
        _check_content(connection, path, steps[-1].number)
        _use_write_ahead_log(connection)
        connection.execute(f"PRAGMA synchronous = {durability.upper()}")
        connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MAX}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        migrate(connection, path, steps)
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise _explain_opening(error, path) from error
    except ConductorError:
        if connection is not None:
            connection.close()
        raise
    return connection


def open_reader(path: Path, busy_timeout_s: float) -> sqlite3.Connection:
    """Return a connection that refuses to write."""
    connection = connect(path, busy_timeout_s)
    connection.execute("PRAGMA query_only = ON")
    return connection


def migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[Migration]) -> None:
    """Run what the file has not seen yet, all of it or nothing; two processes that open one file take turns.

    The number is written even when nothing is new: a file that cannot be written is found out here, not at the first commit.
    """
    with transaction(connection):
        present = _number(connection, "user_version")
        _check_version(path, present, steps[-1].number)
        for step in steps:
            if step.number > present:
                for statement in step.statements:
                    connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {steps[-1].number}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write, or on any exception leave everything as it was."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:  # SQLite itself has rolled back after some disk errors
            connection.execute("ROLLBACK")


def explain(error: sqlite3.Error, path: Path) -> Unavailable:
    """Turn what SQLite says into what a person can act on."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return Unavailable(f"{path} is locked by another program, such as a database browser or a backup. Close it and try again.")
    if "readonly" in text or "unable to open" in text:
        return Unavailable(f"{path} cannot be written ({text}). Give this user write access to the file and its folder.")
    if "full" in text:
        return Unavailable(f"{path} cannot grow ({text}). Make room on its disk; nothing that was acknowledged is lost.")
    if "malformed" in text:
        return Unavailable(f"{path} is damaged ({text}). Restore a copy, or save what is readable with `sqlite3 FILE .recover`.")
    return Unavailable(f"{path} does not answer: {text}. See whether its disk works.")


def _explain_opening(error: sqlite3.Error, path: Path) -> ConductorError:
    """Tell a wrong choice of file, which stays wrong, from a fault that may pass."""
    text = str(error)
    if "not a database" in text:
        return SettingsError(f"{path} is not a Conductor store: it is some other kind of file. Choose another path for the store.")
    if "readonly" in text or "unable to open" in text:
        return SettingsError(explain(error, path).message)
    return explain(error, path)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Change the journal. SQLite does not wait for a process that is just doing the same; a write lock does, so queue for one."""
    for turn in range(TURNS_MAX):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or turn == TURNS_MAX - 1:
                raise
            with transaction(connection):
                pass


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise SettingsError(f"{path} is a folder. The store is a file: name one inside it, such as {path / 'conductor.db'}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"the folder {path.parent} cannot be made: {error.strerror}. Choose another path.") from error


def _check_content(connection: sqlite3.Connection, path: Path, known: int) -> None:
    """Refuse a database of another program or of a later version, before anything is written to it."""
    if _number(connection, "schema_version") == 0:
        return  # new, or an empty file: there is nothing in it that could be lost
    if _number(connection, "application_id") != APPLICATION_ID:
        raise SettingsError(f"{path} is the database of another program. Choose another path for the store.")
    _check_version(path, _number(connection, "user_version"), known)


def _check_version(path: Path, present: int, known: int) -> None:
    if present > known:
        raise SettingsError(
            f"{path} was written by a newer Conductor (schema {present}; this one knows {known}). Upgrade, or use another file."
        )


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])
