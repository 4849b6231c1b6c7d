"""Opening a file: what is made, what is migrated, what is refused and in which words."""

import os
import sqlite3
from pathlib import Path

import pytest

from conductor_local.errors import ConductorError, SettingsError, Unavailable
from conductor_local.runtime.ports import Query
from conductor_local.stores.sql import Migration, migrations
from conductor_local.stores.sqlite import SqliteStore
from conductor_local.stores.sqlite_file import APPLICATION_ID, Durability, open_writer

FIRST = Migration(1, ("CREATE TABLE a (x)",))
SECOND = Migration(2, ("ALTER TABLE a ADD COLUMN y", "CREATE INDEX a_y ON a (y)"))
BROKEN = Migration(3, ("CREATE TABLE b (x)", "CREATE TABLE a (x)"))


async def refusal(path: Path) -> ConductorError:
    """Open the store, expect it to be refused with a message that names the file, and return the error."""
    store = SqliteStore(path, busy_timeout_s=0.05)
    with pytest.raises(ConductorError) as caught:
        await store.open()
    await store.close()
    assert str(path) in caught.value.message or str(path.parent) in caught.value.message
    return caught.value


async def opens(path: Path) -> bool:
    store = SqliteStore(path)
    await store.open()
    page = await store.list(Query())
    await store.close()
    return page.heads == []


async def test_missing_folders_are_made(tmp_path: Path) -> None:
    assert await opens(tmp_path / "a" / "b" / "conductor.db")


async def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    assert await opens(path)
    assert path.stat().st_size > 0


async def test_a_folder_is_refused(tmp_path: Path) -> None:
    error = await refusal(tmp_path)
    assert isinstance(error, SettingsError)
    assert "is a folder" in error.message


async def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("hello")
    assert isinstance(await refusal(tmp_path / "file" / "conductor.db"), SettingsError)


async def test_another_kind_of_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 500)
    error = await refusal(path)
    assert isinstance(error, SettingsError)
    assert "not a Conductor store" in error.message
    assert path.read_text() == "Dear diary, " * 500
    assert sorted(each.name for each in tmp_path.iterdir()) == ["notes.txt"]


async def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE music (title)")
    other.close()
    before = path.read_bytes()
    error = await refusal(path)
    assert isinstance(error, SettingsError)
    assert "another program" in error.message
    assert path.read_bytes() == before


async def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    assert await opens(path)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    error = await refusal(path)
    assert isinstance(error, SettingsError)
    assert "newer Conductor (schema 99" in error.message


async def test_a_locked_file_says_who_may_hold_it(tmp_path: Path) -> None:
    path = tmp_path / "locked.db"
    assert await opens(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    error = await refusal(path)
    other.close()
    assert isinstance(error, Unavailable)
    assert "locked by another program" in error.message
    assert await opens(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
async def test_a_read_only_file_or_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "held" / "conductor.db"
    assert await opens(path)
    path.chmod(0o444)
    assert isinstance(await refusal(path), SettingsError)
    path.chmod(0o644)
    path.parent.chmod(0o555)
    error = await refusal(path.parent / "new.db")
    path.parent.chmod(0o755)
    assert "write access" in error.message


async def test_a_file_system_that_refuses_is_explained() -> None:
    if not Path("/proc/self").exists():
        pytest.skip("needs a folder where nobody can make files")
    assert isinstance(await refusal(Path("/proc/self/conductor.db")), SettingsError)


@pytest.mark.parametrize(("durability", "level"), [("full", 2), ("normal", 1)])
def test_durability_is_the_level_of_synchronous(tmp_path: Path, durability: Durability, level: int) -> None:
    connection = open_writer(tmp_path / "store.db", durability, 1.0, migrations())
    assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_file_of_an_earlier_version_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    connection = open_writer(path, "full", 1.0, [FIRST])
    connection.execute("INSERT INTO a VALUES ('kept')")
    connection.close()
    connection = open_writer(path, "full", 1.0, [FIRST, SECOND])
    assert connection.execute("SELECT x, y FROM a").fetchall() == [("kept", None)]
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.close()
    open_writer(path, "full", 1.0, [FIRST, SECOND]).close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_writer(path, "full", 1.0, [FIRST]).close()
    with pytest.raises(Unavailable, match="already exists"):
        open_writer(path, "full", 1.0, [FIRST, SECOND, BROKEN])
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("a",)]
    connection.close()


async def test_the_released_first_schema_opens(tmp_path: Path) -> None:
    path = tmp_path / "conductor.db"
    open_writer(path, "full", 1.0, migrations()[:1]).close()
    assert await opens(path)
