"""From the parameters of an HTTP task to a request (AWS developer guide, "Call HTTPS APIs").

Rules: what a connection adds goes over what the workflow gives; a header that AWS forbids is refused, so that what runs here runs
there.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import msgspec

from conductor_local.functions.aws_wording import Fields
from conductor_local.functions.http_connections import Connection
from conductor_local.language.asl import Identity
from conductor_local.payload import Json

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
PORT_MAX = 65_535
FORM = "application/x-www-form-urlencoded"
_FORBIDDEN = {
    "a-im", "accept-charset", "accept-datetime", "accept-encoding", "authorization", "connection", "content-encoding",
    "content-md5", "date", "expect", "forwarded", "from", "host", "http2-settings", "keep-alive", "max-forwards", "origin",
    "pragma", "referer", "server", "te", "trailer", "transfer-encoding", "upgrade", "via", "warning",
}  # fmt: skip
_FORBIDDEN_PREFIXES = ("if-", "proxy-", "x-forwarded-", "x-amz-", "x-amzn-")


class BadRequest(Exception):
    """The parameters do not make a request; the text says why."""


def connection_arn(parameters: Fields) -> str | None:
    """Return the ARN of the connection that the parameters name."""
    for member in ("Authentication", "InvocationConfig"):
        given = parameters.get(member)
        if isinstance(given, dict) and isinstance(arn := given.get("ConnectionArn"), str):
            return arn
    return None


def request_of(parameters: Fields, connection: Connection) -> httpx.Request:
    """Make the request. Raises `BadRequest`."""
    method = parameters.get("Method")
    if method not in METHODS:
        raise BadRequest(f"The field 'Method' is {method!r}; it must be one of {', '.join(METHODS)}")
    headers = _headers(_object(parameters, "Headers"))
    content = _content(parameters, connection, headers)
    try:
        headers.update(connection.all_headers())
        return httpx.Request(method, _url(parameters, connection), headers=headers, content=content)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise BadRequest(f"The parameters make no request: {type(error).__name__}") from None  # its text could quote a secret


def _url(parameters: Fields, connection: Connection) -> httpx.URL:
    endpoint = parameters.get("ApiEndpoint")
    if not isinstance(endpoint, str) or not endpoint.startswith(("https://", "http://")):
        raise BadRequest(f"The field 'ApiEndpoint' is {endpoint!r}; it must be a URL that begins with https:// or http://")
    query = _object(parameters, "QueryParameters")
    pairs: list[tuple[str, str | int | float | bool | None]]
    pairs = [(name, _text(one)) for name, value in query.items() for one in (value if isinstance(value, list) else [value])]
    pairs = [(name, value) for name, value in pairs if name not in connection.query] + list(connection.query.items())
    url = httpx.URL(endpoint)
    if not url.host or (url.port or 0) > PORT_MAX:
        raise BadRequest(f"The field 'ApiEndpoint' is {endpoint!r}, which names no host or a port above {PORT_MAX}")
    return url.copy_merge_params(httpx.QueryParams(pairs)) if pairs else url


def _headers(given: Fields) -> httpx.Headers:
    headers = httpx.Headers({"User-Agent": f"Amazon|StepFunctions|HttpInvoke|{Identity().region}", "Range": "bytes=0-262144"})
    for name, value in given.items():
        if name.lower() in _FORBIDDEN or name.lower().startswith(_FORBIDDEN_PREFIXES):
            raise BadRequest(f"The header '{name}' is not allowed in an HTTP task; put what shows who you are into a connection")
        try:
            headers[name] = ", ".join(map(_text, value)) if isinstance(value, list) else _text(value)
        except ValueError:
            raise BadRequest(f"The header '{name}' has characters that a header cannot have") from None
    return headers


def _content(parameters: Fields, connection: Connection, headers: httpx.Headers) -> bytes | None:
    """Write the body and say in the headers what it is."""
    body = parameters.get("RequestBody")
    if connection.body:
        body = {**(body if isinstance(body, dict) else {}), **connection.body}
    if body is None:
        return None
    transform = _object(parameters, "Transform")
    if transform.get("RequestBodyEncoding", "NONE") == "URL_ENCODED":
        headers.setdefault("Content-Type", FORM)
        return form(body, _object(transform, "RequestEncodingOptions").get("ArrayFormat", "INDICES")).encode()
    is_json = "json" in headers.setdefault("Content-Type", "application/json")
    return body.encode() if isinstance(body, str) and not is_json else msgspec.json.encode(body)


def form(body: Json, array_format: str) -> str:
    """Write an object as a form: members of members as `a[b]`, arrays as AWS's ArrayFormat says."""
    if not isinstance(body, dict):
        raise BadRequest("With URL_ENCODED, the field 'RequestBody' must be an object")
    if array_format not in ("INDICES", "REPEAT", "COMMAS", "BRACKETS"):
        raise BadRequest(f"The field 'ArrayFormat' is {array_format!r}; it must be INDICES, REPEAT, COMMAS or BRACKETS")
    pairs = [pair for name, value in body.items() for pair in _pairs(name, value, array_format)]
    return urlencode(pairs, safe="[]," if array_format == "COMMAS" else "[]")


def _pairs(name: str, value: Json, array_format: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _pairs(f"{name}[{key}]", member, array_format)
    elif isinstance(value, list) and array_format == "COMMAS":
        yield name, ",".join(map(_text, value))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            suffix = {"INDICES": f"[{index}]", "BRACKETS": "[]", "REPEAT": ""}[array_format]
            yield from _pairs(name + suffix, item, array_format)
    else:
        yield name, _text(value)


def _object(fields: Fields, name: str) -> Fields:
    """Return a member that is an object; {} when it is not there."""
    given = fields.get(name)
    if given is not None and not isinstance(given, dict):
        raise BadRequest(f"The field '{name}' must be an object")
    return given or {}


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
