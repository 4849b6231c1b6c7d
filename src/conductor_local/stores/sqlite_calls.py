"""What the writer does for one request that is not a create or a commit. Each function checks first and changes afterwards."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import msgspec

from conductor_local.engine.state import ENDED, Head, Status
from conductor_local.errors import Conflict, Fenced, NotFound
from conductor_local.runtime.ports import Definition, Record
from conductor_local.stores.instants import from_microseconds, to_microseconds
from conductor_local.stores.sql import query
from conductor_local.stores.sqlite_batch import UNCLAIMED, Row, spread

_ENDED = frozenset(status.value for status in ENDED)


def acquire(connection: sqlite3.Connection, partition: int) -> int:
    """Raise the epoch and free what earlier owners had claimed or parked."""
    connection.execute(query("acquire"), (partition,))
    connection.execute(query("free_work"), (partition,))
    return _epoch(connection, partition)


def claim(
    connection: sqlite3.Connection, partition: int, epoch: int, now: datetime, limit: int
) -> tuple[list[Row], datetime | None]:
    """Return rows of (execution, body, rowid), and when the earliest row that stays unclaimed is due."""
    _check_owner(connection, partition, epoch)
    rows = connection.execute(query("due"), (partition, to_microseconds(now), max(limit, 0))).fetchall()
    if rows:
        connection.execute(query("take"), (epoch, msgspec.json.encode([row[2] for row in rows]).decode()))
    (next_due,) = connection.execute(query("next_due"), (partition,)).fetchone()
    return rows, None if next_due is None else from_microseconds(next_due)


def post(connection: sqlite3.Connection, execution_id: str, rows: Sequence[Row], payloads: Sequence[Row]) -> bool:
    """Add rows of (id, due_at, body). Under the epoch that parked the execution they come in parked as well."""
    standing = connection.execute(query("standing"), (execution_id,)).fetchone()
    if standing is None:
        return False
    partition, _, _, suspended = standing
    claimed = suspended if suspended == _epoch(connection, partition) else UNCLAIMED
    spread(connection, "insert_payloads", payloads)
    spread(connection, "post_work", [(execution_id, id, partition, due_at, claimed, body) for id, due_at, body in rows])
    return True


def suspend(connection: sqlite3.Connection, head: Head, body: bytes, epoch: int) -> bool:
    """Store the parked `head`; False when the execution has moved on since it was read."""
    standing = connection.execute(query("standing"), (head.id,)).fetchone()
    if standing is None:
        raise NotFound(f"there is no execution {head.id}")
    partition, version, _, _ = standing
    _check_owner(connection, partition, epoch)
    if version != head.version - 1:
        return False
    connection.execute(query("suspend"), (epoch, head.version, Status.SUSPENDED.value, body, head.id))
    connection.execute(query("park_work"), (epoch, head.id))
    return True


def delete(connection: sqlite3.Connection, execution_id: str) -> bool:
    """Forget an ended execution. Its events leave the outbox too; the positions they had are not used again."""
    standing = connection.execute(query("standing"), (execution_id,)).fetchone()
    if standing is None or standing[2] not in _ENDED:
        return False
    for name in ("delete_segments", "delete_execution_frames", "delete_execution_work", "delete_payloads", "delete_execution"):
        connection.execute(query(name), (execution_id,))
    return True


def save_cursor(connection: sqlite3.Connection, partition: int, sink: str, position: int) -> None:
    """Remember where a sink has got to."""
    connection.execute(query("save_cursor"), (partition, sink, position))


def put_definition(connection: sqlite3.Connection, definition: Definition, replaces: int | None) -> None:
    """Store a definition unless it, or its name, is not what the caller believes."""
    rivals = connection.execute(query("definition_rivals"), (definition.id, definition.name)).fetchall()
    stored = next((revision for id, _, revision in rivals if id == definition.id), None)
    if replaces is None and stored is not None:
        raise Conflict(f"a definition with the id {definition.id} exists")
    if replaces != stored:
        raise Conflict(f"the definition {definition.id} has changed meanwhile")
    if any(name == definition.name and id != definition.id for id, name, _ in rivals):
        raise Conflict(f"a definition named {definition.name} exists")
    document, identity = definition.document.encoded, msgspec.json.encode(definition.identity)
    connection.execute(query("pin_document"), (definition.digest, definition.dialect, document, identity))
    instants = (to_microseconds(definition.created_at), to_microseconds(definition.updated_at))
    names = (definition.id, definition.name, definition.digest, definition.dialect)
    machine = msgspec.json.encode(definition.machine)
    connection.execute(query("put_definition"), (*names, *instants, document, definition.revision, identity, machine))


def delete_definition(connection: sqlite3.Connection, id: str) -> bool:
    """Forget a definition; its documents stay."""
    return connection.execute(query("delete_definition"), (id,)).rowcount > 0


def put_record(connection: sqlite3.Connection, record: Record, replaces: int | None) -> None:
    """Store a record unless it is not what the caller believes."""
    row = connection.execute(query("record"), (record.kind, record.key)).fetchone()
    if (row[2] if row else None) != replaces:
        raise Conflict(f"the {record.kind} {record.key} is not at revision {replaces}")
    connection.execute(query("put_record"), (record.kind, record.key, record.revision, record.value.encoded))


def delete_record(connection: sqlite3.Connection, kind: str, key: str) -> bool:
    """Forget a record."""
    return connection.execute(query("delete_record"), (kind, key)).rowcount > 0


def _epoch(connection: sqlite3.Connection, partition: int) -> int:
    row = connection.execute(query("epoch"), (partition,)).fetchone()
    return int(row[0]) if row else UNCLAIMED


def _check_owner(connection: sqlite3.Connection, partition: int, epoch: int) -> None:
    if _epoch(connection, partition) != epoch:
        raise Fenced(f"another owner has acquired partition {partition} since epoch {epoch}")
