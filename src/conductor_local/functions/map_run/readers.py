"""The ItemReader of a map run: from its order to the list of items. Blocks: call it in a thread.

Errors are those of AWS where recordings have them (`States.ItemReaderFailed` with its causes), else ours in the same style.
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from urllib.parse import unquote_plus

import msgspec

from conductor_local.functions.map_run.buckets import BucketError, Buckets
from conductor_local.functions.map_run.csv_items import cells, csv_rows, objects
from conductor_local.functions.map_run.order import Reader, reader_failed
from conductor_local.payload import Json, json_fault

_GET, _LIST = frozenset({"Bucket", "Key", "VersionId"}), frozenset({"Bucket", "Prefix"})
_BUCKET_ARN = "arn:aws:s3:::"


def read_items(reader: Reader, buckets: Buckets) -> list[Json]:
    """Return the items. Raises `RunFailed`."""
    limit = _limit(reader.reader_config)
    try:
        return list(islice(_items(reader, buckets), limit))
    except BucketError as error:
        raise reader_failed(str(error)) from None


def _items(reader: Reader, buckets: Buckets) -> Iterable[Json]:
    config = reader.reader_config
    if reader.resource.endswith(":listObjectsV2"):
        bucket, prefix = _texts(reader.parameters, _LIST, "Bucket", "Prefix")
        listed = buckets.objects(bucket or "", prefix or "")
        if config.get("Transformation") != "LOAD_AND_FLATTEN":
            return listed
        return chain.from_iterable(_parsed(buckets.get(bucket or "", told["Key"]), config, buckets) for told in listed)
    bucket, key, version = _texts(reader.parameters, _GET, "Bucket", "Key", "VersionId")
    return _parsed(buckets.get(bucket or "", key or "", version), config, buckets)


def _limit(config: Mapping[str, Json]) -> int | None:
    """Return how many items are read at most; 0 means all of them (AWS, recorded 2024)."""
    value = config.get("MaxItems", 0)
    if isinstance(value, bool) or not isinstance(value, int):
        shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        path = config.get("MaxItemsPath", "MaxItems")
        raise reader_failed(f'The MaxItemsPath field refers to value "{shown}" which is not a valid integer: {path}')
    if value < 0:
        raise reader_failed("field MaxItems must be positive")
    return value or None


def _texts(parameters: Json, known: frozenset[str], *names: str) -> list[str | None]:
    if not isinstance(parameters, dict):
        raise reader_failed("The parameters of an ItemReader are an object.")
    if others := sorted(parameters.keys() - known):
        raise reader_failed(f"ItemReader does not know the parameter {others[0]}.")
    found = [parameters.get(name) for name in names]
    for name, value in zip(names, found, strict=True):
        if value is None and name in ("Bucket", "Key"):
            raise reader_failed(f"ItemReader needs the parameter {name}.")
        if value is not None and not isinstance(value, str):
            raise reader_failed(f"The parameter {name} of an ItemReader is a text.")
    return found


def _parsed(body: bytes, config: dict[str, Json], buckets: Buckets) -> Iterable[Json]:
    match config["InputType"]:
        case "CSV":
            return csv_rows(body, config)
        case "JSONL":
            return _json_lines(body)
        case "MANIFEST":
            return _inventory(body, buckets)
        case _:
            return _json_items(body, config.get("ItemsPointer", ""))


def _json_items(body: bytes, pointer: str) -> list[Json]:
    found = _decoded(body, "The JSON file")
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, list) and key.isdecimal() else found[key]
        except (LookupError, TypeError):
            raise reader_failed(f"The ItemsPointer '{pointer}' leads to nothing in the JSON file.") from None
    if not isinstance(found, list):
        raise reader_failed("Attempting to map over non-iterable node.")
    return found


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


def _inventory(body: bytes, buckets: Buckets) -> Iterator[Json]:
    """Read the files that the manifest of an S3 inventory lists: compressed CSV without headers; keys in them are URL-encoded."""
    manifest = _decoded(body, "The manifest")
    try:
        bucket = manifest["destinationBucket"].removeprefix(_BUCKET_ARN)
        schema, keys = [name.strip() for name in manifest["fileSchema"].split(",")], [file["key"] for file in manifest["files"]]
    except (LookupError, TypeError, AttributeError):
        raise reader_failed("The manifest is not that of an S3 inventory with CSV files.") from None
    for key in keys:
        for row in objects(cells(_unpacked(buckets.get(bucket, key))), schema):
            yield {name: unquote_plus(value) if name == "Key" else value for name, value in row.items()}


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError):
        raise reader_failed("A file of the inventory cannot be unpacked.") from None
