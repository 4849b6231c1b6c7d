"""The SQL files are read as they are meant."""

import sqlite3

from conductor_local.stores.sql import migrations, query, split


def test_a_row_is_written_as_often_as_asked() -> None:
    assert query("insert_payloads", 2).endswith("VALUES (?, ?, ?) , (?, ?, ?)")
    assert query("delete_frames", 2).endswith("WHERE (execution = ? AND id = ?) OR (execution = ? AND id = ?)")


def test_scripts_are_split_outside_of_texts_and_bodies() -> None:
    script = "-- why\nCREATE TABLE a (x);\n\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM a WHERE x = ';';\nEND;\n"
    assert [statement.split()[1] for statement in split(script)] == ["TABLE", "TRIGGER"]


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))


def plan(name: str, rows: int = 1) -> str:
    connection = sqlite3.connect(":memory:")
    for step in migrations():
        for statement in step.statements:
            connection.execute(statement)
    text = query(name, rows)
    count = max(text.count("?"), 1)
    values = ["[]"] * (7 if "?7" in text else 3 if "?3" in text else 1 if "?1" in text else count)
    found = connection.execute(f"EXPLAIN QUERY PLAN {text}", values if "?" in text else [])
    lines = " | ".join(row[3] for row in found)
    connection.close()
    return lines


def test_hot_statements_find_their_rows_by_key() -> None:
    for name in ("update_heads", "delete_frames", "delete_work", "due", "next_due", "payloads", "events", "head", "load"):
        for table in ("executions", "frames", "work", "segments", "payloads"):
            assert f"SCAN {table}" not in plan(name, 8 if name in {"update_heads", "delete_frames", "delete_work"} else 1), name


def test_listing_and_counting_read_the_index_only() -> None:
    assert "SEARCH executions USING COVERING INDEX executions_newest" in plan("list")
    assert "COVERING INDEX executions_newest" in plan("counts")


def test_claims_use_the_index_of_unclaimed_rows() -> None:
    assert "work_unclaimed" in plan("due")
    assert "work_unclaimed" in plan("next_due")
