"""Reading: a query, the sheets it gives and the large payloads they name, all as of one commit."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import msgspec

from conductor_local.payload import Payload
from conductor_local.stores.codec import Sheet
from conductor_local.stores.sql import query
from conductor_local.stores.sqlite_file import explain

_sheet = msgspec.json.Decoder(Sheet).decode
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sheets:
    """Rows whose first columns are execution id and body, the bodies taken apart, and the payloads that lie outside them."""

    rows: list[tuple[str, bytes, object, object, object]]
    sheets: list[Sheet]
    stored: dict[str, Payload]


class Reader:
    """One connection that only reads, for one thread at a time. Readers of a file in WAL mode never wait for its writer."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def rows(self, name: str, parameters: Row = ()) -> list[Row]:
        """Return what one query gives."""
        try:
            return self._connection.execute(query(name), parameters).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error

    def sheets(self, name: str, parameters: Row) -> Sheets:
        """Return sheets and payloads."""
        try:
            self._connection.execute("BEGIN")
            try:
                rows = self._connection.execute(query(name), parameters).fetchall()
                sheets = [_sheet(row[1]) for row in rows]
                wanted = {(row[0], digest) for row, sheet in zip(rows, sheets, strict=True) for digest in sheet.stored}
                return Sheets(rows, sheets, self._payloads(wanted))
            finally:
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise explain(error, self._path) from error

    def payloads(self, wanted: set[tuple[str, str]]) -> dict[str, Payload]:
        """Return large payloads by digest; `wanted` are pairs of execution and digest."""
        try:
            return self._payloads(wanted)
        except sqlite3.Error as error:
            raise explain(error, self._path) from error

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _payloads(self, wanted: set[tuple[str, str]]) -> dict[str, Payload]:
        if not wanted:
            return {}
        found = self._connection.execute(query("payloads"), (msgspec.json.encode(sorted(wanted)).decode(),))
        return {digest: Payload.from_encoded(encoded) for digest, encoded in found}
