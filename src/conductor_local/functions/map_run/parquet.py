"""Parquet files, and ZSTD, by pyarrow: an optional part that is loaded when a file needs it.

Rules: a row is an object with all columns. What JSON has no type for becomes a text: instants, dates, times and durations as ISO
8601, decimals as they are written, binary values as UTF-8 or else as Base64. A number that is not finite becomes null.
"""

from base64 import b64encode
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from math import isfinite
from typing import Any

from conductor_local.functions.map_run.order import reader_failed
from conductor_local.payload import Json


def parquet_rows(body: bytes) -> Iterator[Json]:
    """Yield the rows of a file as objects. Raises `RunFailed`."""
    arrow = _arrow("Reading Parquet files")
    parquet: Any = import_module("pyarrow.parquet")
    try:
        for batch in parquet.ParquetFile(arrow.BufferReader(body)).iter_batches():
            for row in batch.to_pylist():
                yield _plain(row)
    except (arrow.ArrowException, OSError) as error:
        raise reader_failed(f"The Parquet file cannot be read: {error}.") from None


def unpack_zstd(body: bytes) -> bytes:
    """Return a file as it was before it was packed. Raises `RunFailed`."""
    arrow = _arrow("Reading files packed with ZSTD")
    try:
        return bytes(arrow.CompressedInputStream(arrow.BufferReader(body), "zstd").read())
    except (arrow.ArrowException, OSError):
        raise reader_failed("A file cannot be unpacked: it is not whole.") from None


def _arrow(what: str) -> Any:
    try:
        return import_module("pyarrow")
    except ImportError:
        raise reader_failed(f"{what} needs pyarrow: pip install 'conductor-local[parquet]'.") from None


def _plain(value: Any) -> Json:
    match value:
        case dict():
            return {str(name): _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case float():
            return value if isfinite(value) else None
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return f"PT{value.total_seconds():g}S"
        case Decimal():
            return str(value)
        case bytes():
            return _text(value)
        case _:
            return value


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return b64encode(value).decode()
