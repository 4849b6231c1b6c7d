"""What is in the files that an ItemReader reads: JSON, JSON Lines, CSV, Parquet, and the manifest of an S3 inventory.

Rules: text files may be packed (GZIP, ZSTD); their first bytes say so, not their names. What is in a JSON object is found together
with its key. Values are JSON as workflows know it; a file that holds anything else cannot be used.
"""

import gzip
from collections.abc import Iterator
from urllib.parse import unquote_plus

import msgspec

from conductor_local.functions.map_run.csv_items import csv_rows
from conductor_local.functions.map_run.order import reader_failed
from conductor_local.functions.map_run.parquet import parquet_rows, unpack_zstd
from conductor_local.payload import Json, json_fault

Found = tuple[str | None, Json]
"""An item and the key it has in the object it comes from, if it comes from one."""
_BUCKET_ARN = "arn:aws:s3:::"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


def found_in(body: bytes, config: dict[str, Json]) -> Iterator[Found]:
    """Yield what is in a file of the type that the configuration names. Raises `RunFailed`."""
    match config["InputType"]:
        case "PARQUET":
            return ((None, row) for row in parquet_rows(body))
        case "CSV":
            rows = csv_rows(unpacked(body), config)
            return ((None, _url_decoded(row) if config.get("IsInventory") else row) for row in rows)
        case "JSONL":
            return ((None, value) for value in _json_lines(unpacked(body)))
        case _:
            return _json_items(unpacked(body), config.get("ItemsPointer", ""))


def unpacked(body: bytes) -> bytes:
    """Return a file as it was before it was packed. Raises `RunFailed`."""
    if body.startswith(_ZSTD):
        return unpack_zstd(body)
    if not body.startswith(_GZIP):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError):
        raise reader_failed("A file cannot be unpacked: it is not whole.") from None


def inventory(body: bytes) -> tuple[str, list[str], list[str]]:
    """Return bucket, columns and files of the manifest of an S3 inventory. Raises `RunFailed`."""
    manifest = _decoded(body, "The manifest")
    try:
        schema = [name.strip() for name in manifest["fileSchema"].split(",")]
        return manifest["destinationBucket"].removeprefix(_BUCKET_ARN), schema, [file["key"] for file in manifest["files"]]
    except (LookupError, TypeError, AttributeError):
        raise reader_failed("The manifest is not that of an S3 inventory with CSV files.") from None


def _url_decoded(row: Json) -> Json:
    """Return a row of an inventory; keys in it are URL-encoded."""
    return {name: unquote_plus(value) if name == "Key" else value for name, value in row.items()}


def _json_items(body: bytes, pointer: str) -> Iterator[Found]:
    found = _decoded(body, "The JSON file")
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, list) and key.isdecimal() else found[key]
        except (LookupError, TypeError):
            raise reader_failed(f"The ItemsPointer '{pointer}' leads to nothing in the JSON file.") from None
    if isinstance(found, dict):  # AWS documents this since 2025-09; recordings of 2023 refuse it
        return iter(found.items())
    if not isinstance(found, list):
        raise reader_failed("Attempting to map over non-iterable node.")
    return ((None, value) for value in found)


def _json_lines(body: bytes) -> Iterator[Json]:
    for number, line in enumerate(body.splitlines(), start=1):
        if line.strip():
            yield _decoded(line, f"Line {number} of the JSONL file")


def _decoded(text: bytes, what: str) -> Json:
    try:
        value = msgspec.json.decode(text.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise reader_failed(f"{what} is not JSON: {error}.") from None
    if fault := json_fault(value):
        raise reader_failed(f"{what} cannot be used: {fault[1]}.")
    return value
