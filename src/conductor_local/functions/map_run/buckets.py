"""Where a distributed Map reads its items and writes its results: folders of this machine, or an S3-compatible endpoint.

A bucket is a folder below the one that CONDUCTOR_BUCKETS names, its objects are files; without that setting, an endpoint for S3 is
asked. Everything here blocks: call it in a thread.
"""

import hashlib
import os
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from conductor_local.functions.aws_clients import Clients, ServiceError
from conductor_local.functions.aws_endpoints import Endpoints
from conductor_local.payload import Json

NO_BUCKETS = (
    "Conductor does not know where buckets are. Set CONDUCTOR_BUCKETS to a folder whose sub-folders are buckets, or "
    "AWS_ENDPOINT_URL_S3 to an S3-compatible endpoint."
)
LISTED_MAX = 1_000  # objects in one answer of S3


class BucketError(Exception):
    """A bucket or an object is not there or cannot be used; the text says which."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Buckets that are folders below `root`."""

    root: Path

    def get(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return an object. Raises `BucketError`."""
        if version is not None:
            raise BucketError(f"A bucket in a folder keeps no versions; leave out VersionId of '{key}'.")
        path = self._path(bucket, key)
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise BucketError(f"The specified key does not exist: '{key}' in the bucket '{bucket}'.") from None
        except OSError as error:
            raise BucketError(f"'{key}' in the bucket '{bucket}' cannot be read: {error.strerror}") from None

    def objects(self, bucket: str, prefix: str) -> Iterator[dict[str, Json]]:
        """Yield what listObjectsV2 tells of each object, in the order of keys. Raises `BucketError`."""
        folder = self._bucket(bucket)
        files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
        for key in sorted(files):
            if key.startswith(prefix):
                yield _told(key, files[key])

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object, whole or not at all. Raises `BucketError`."""
        path = self._path(bucket, key)
        part = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(body)
            part.replace(path)
        except OSError as error:
            raise BucketError(f"'{key}' cannot be written to the bucket '{bucket}': {error.strerror}") from None

    def _path(self, bucket: str, key: str) -> Path:
        folder = self._bucket(bucket)
        path = Path(os.path.normpath(folder / key))
        if not key or not path.is_relative_to(folder) or not path.resolve().is_relative_to(folder.resolve()):
            raise BucketError(f"'{key}' is not a key in the bucket '{bucket}'.")
        return path

    def _bucket(self, bucket: str) -> Path:
        folder = self.root / bucket
        if not bucket or bucket in (".", "..") or "/" in bucket or os.sep in bucket or not folder.is_dir():
            raise BucketError(f"The specified bucket does not exist: '{bucket}'.")
        return folder


def _told(key: str, file: Path) -> dict[str, Json]:
    known = file.stat()
    etag = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    return {
        "Etag": f'"{etag}"', "LastModified": round(known.st_mtime), "Key": key, "Size": known.st_size, "StorageClass": "STANDARD",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Buckets of an S3-compatible service at `url`."""

    clients: Clients
    url: str

    def get(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return an object. Raises `BucketError`."""
        versioned = {} if version is None else {"VersionId": version}
        found = self._call("GetObject", {"Bucket": bucket, "Key": key, **versioned})
        body = str(found.get("Body", "")).encode()
        is_text = found.get("ContentLength", len(body)) == len(body)  # what is no text comes as Base64, which is always longer
        return body if is_text else b64decode(body)

    def objects(self, bucket: str, prefix: str) -> Iterator[dict[str, Json]]:
        """Yield what listObjectsV2 tells of each object, in the order of keys. Raises `BucketError`."""
        asked: dict[str, Json] = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": LISTED_MAX}
        while True:
            page = self._call("ListObjectsV2", asked)
            for told in page.get("Contents") or []:
                yield {"Etag" if name == "ETag" else name: _shown(name, value) for name, value in told.items()}
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Write an object. Raises `BucketError`."""
        self._call("PutObject", {"Bucket": bucket, "Key": key, "Body": body.decode()})

    def _call(self, operation: str, parameters: dict[str, Json]) -> dict[str, Json]:
        try:
            return self.clients.call("s3", self.url, operation, parameters).fields
        except ServiceError as error:
            told = f"Service: S3, Status Code: {error.status}, Request ID: {error.request_id}"
            raise BucketError(f"{error.message} ({told})") from None
        except Exception as error:  # noqa: BLE001 - whatever botocore raises when the endpoint is not there
            raise BucketError(f"The endpoint for S3, {self.url}, did not answer: {error}") from None


def _shown(name: str, value: Json) -> Json:
    """AWS tells instants as seconds since 1970 here; recorded 2023."""
    return round(datetime.fromisoformat(value).timestamp()) if name == "LastModified" else value


class Nowhere:
    """No buckets at all."""

    def get(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Say what to set."""
        raise BucketError(NO_BUCKETS)

    def objects(self, bucket: str, prefix: str) -> Iterator[dict[str, Json]]:
        """Say what to set."""
        raise BucketError(NO_BUCKETS)

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """Say what to set."""
        raise BucketError(NO_BUCKETS)


Buckets = Folders | Endpoint | Nowhere


def buckets_at(folder: Path | None, endpoints: Endpoints, clients: Clients) -> Buckets:
    """Choose where buckets are."""
    if folder is not None:
        return Folders(folder)
    url = endpoints.url(["s3"])
    return Nowhere() if url is None else Endpoint(clients, url)
