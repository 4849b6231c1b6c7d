"""What AWS's answers and errors look like, whatever the service (reference sheet, 12.1 and 17).

Optimized integrations tell of errors as version 1 of the Java SDK does, calls by `aws-sdk:` as version 2 does.
"""

from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b
from uuid import UUID

from conductor_local.payload import Json
from conductor_local.runtime.ports import TaskCall

Fields = dict[str, Json]


_SPELLED = {
    name.lower(): name
    for name in ("Content-Length", "Content-Type", "Date", "Server", "connection", "x-amzn-RequestId", "x-amz-crc32")
}
"""Headers as AWS sends them; a path of a workflow finds them by that name only, and HTTP clients write them in lower case."""


def request_id(call: TaskCall) -> str:
    """Return the id of the request that a call makes: the same when it is repeated after a crash."""
    return request_id_of(call.idempotency_key)


def request_id_of(idempotency_key: str) -> str:
    """Return the id of the request that is made under a key."""
    return str(UUID(bytes=blake2b(idempotency_key.encode(), digest_size=16).digest(), version=4))


def sdk_members(status: int, headers: dict[str, str], request: str) -> Fields:
    """Return the two members that optimized integrations add to an answer."""
    spelled = {_SPELLED.get(name.lower(), name): text for name, text in headers.items()}
    single = {name: spelled[name] for name in sorted(spelled, key=str.lower)}
    http = {"AllHttpHeaders": {name: [text] for name, text in spelled.items()}, "HttpHeaders": single, "HttpStatusCode": status}
    return {"SdkHttpMetadata": http, "SdkResponseMetadata": {"RequestId": request}}


def json_headers(size: int, request: str, at: datetime, content_type: str = "application/x-amz-json-1.0") -> dict[str, str]:
    """Return the headers of an answer that was given here and came over no wire."""
    return {
        "connection": "keep-alive", "Content-Length": str(size), "Content-Type": content_type,
        "Date": format_datetime(at, usegmt=True), "x-amzn-RequestId": request,
    }  # fmt: skip


def ordered(fields: Fields) -> Fields:
    """Put members into AWS's order, by name; observed 2024."""
    return {name: fields[name] for name in sorted(fields)}


def cause_v1(message: str, service: str, status: int, code: str, request: str) -> str:
    """Write a cause as optimized integrations do; `service` is such as AWSLambda."""
    return f"{message} (Service: {service}; Status Code: {status}; Error Code: {code}; Request ID: {request}; Proxy: null)"


def cause_v2(message: str, service: str, status: int, request: str) -> str:
    """Write a cause as `aws-sdk:` integrations do; `service` is such as DynamoDb."""
    return f"{message} (Service: {service}, Status Code: {status}, Request ID: {request}) (SDK Attempt Count: 1)"
