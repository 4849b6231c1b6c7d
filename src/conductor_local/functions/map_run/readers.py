"""The ItemReader of a map run: from its order to the items, each with where it was read. Blocks: call it in a thread.

Rules: an item's source is the S3 URI of the file that holds it, and of the bucket alone where the objects themselves are the items
(AWS, "Accessing the Context object"). Errors are those of AWS where recordings have them (`States.ItemReaderFailed` with its
causes), else ours in the same style. Whoever reads again reads what is there then.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from conductor_local.functions.map_run.buckets import BucketError, Buckets
from conductor_local.functions.map_run.csv_items import cells
from conductor_local.functions.map_run.formats import Found, found_in, inventory, unpacked
from conductor_local.functions.map_run.order import Reader, reader_failed
from conductor_local.payload import Json
from conductor_local.program import Item

_OWNER = "ExpectedBucketOwner"  # nobody owns a bucket here: it is taken and says nothing
_GET, _LIST = frozenset({"Bucket", "Key", "VersionId", _OWNER}), frozenset({"Bucket", "Prefix", _OWNER})
_SCHEME = "s3://"


def read_items(reader: Reader, buckets: Buckets) -> list[Item]:
    """Return the items. Raises `RunFailed`."""
    limit = limit_of(reader.reader_config)
    try:
        found = islice(_items(reader, buckets), limit)
        return [Item(index, value, key, source) for index, ((key, value), source) in enumerate(found)]
    except BucketError as error:
        raise reader_failed(str(error)) from None


def _items(reader: Reader, buckets: Buckets) -> Iterator[tuple[Found, str]]:
    """Yield the items, each with its source."""
    config = reader.reader_config
    if reader.resource.endswith(":listObjectsV2"):
        return _listed(reader, buckets)
    bucket, key, version = _texts(reader.parameters, _GET, "Bucket", "Key", "VersionId")
    if version is not None and config.get("InputType") == "PARQUET":
        raise reader_failed("VersionId is not supported for Parquet files.")
    body = buckets.get(bucket or "", key or "", version)
    if config.get("ManifestType") == "ATHENA_DATA":
        return _files(_of_athena(body), config, buckets)
    if config.get("InputType", "MANIFEST") == "MANIFEST":
        return _of_inventory(body, config, buckets)
    return _sourced(body, config, _uri(bucket, key))


def _listed(reader: Reader, buckets: Buckets) -> Iterator[tuple[Found, str]]:
    """Yield what is told of objects, or what is in them; what only marks a folder has nothing in it."""
    bucket, prefix = _texts(reader.parameters, _LIST, "Bucket", "Prefix")
    listed = buckets.objects(bucket or "", prefix or "")
    if reader.reader_config.get("Transformation") != "LOAD_AND_FLATTEN":
        return (((None, told), _uri(bucket)) for told in listed)
    files = ((bucket or "", told["Key"]) for told in listed if not told["Key"].endswith("/"))
    return _files(files, reader.reader_config, buckets)


def _files(files: Iterator[tuple[str, str]], config: dict[str, Json], buckets: Buckets) -> Iterator[tuple[Found, str]]:
    for bucket, key in files:
        yield from _sourced(buckets.get(bucket, key), config, _uri(bucket, key))


def _sourced(body: bytes, config: dict[str, Json], source: str) -> Iterator[tuple[Found, str]]:
    return ((found, source) for found in found_in(body, config))


def _of_athena(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the files of an Athena UNLOAD manifest: CSV without a header, an S3 URI in each row."""
    for row in cells(unpacked(body)):
        uri = row[0].strip() if row else ""
        bucket, _, key = uri.removeprefix(_SCHEME).partition("/")
        if uri and not (uri.startswith(_SCHEME) and bucket and key):
            raise reader_failed(f"The manifest is not that of an Athena UNLOAD query: '{uri}' is not an S3 URI.")
        if uri:
            yield bucket, key


def _of_inventory(body: bytes, config: dict[str, Json], buckets: Buckets) -> Iterator[tuple[Found, str]]:
    bucket, schema, keys = inventory(body)
    given = {**config, "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": schema, "IsInventory": True}
    return _files(((bucket, key) for key in keys), given, buckets)


def _uri(bucket: str | None, key: str | None = None) -> str:
    return f"S3://{bucket}" if key is None else f"S3://{bucket}/{key}"


def limit_of(config: Mapping[str, Json]) -> int | None:
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
