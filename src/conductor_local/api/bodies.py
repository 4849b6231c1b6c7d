"""Reads request bodies: the content type, the JSON text, its nesting and its shape, each fault with its place.

The size was limited before (Litestar counts while it reads). A good body costs one decode; only a bad one is looked at twice.
"""

import json
import re
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from litestar import Request

from conductor_local.api.problems import Refusal
from conductor_local.errors import Problem
from conductor_local.payload import DEPTH_MAX, Json

T = TypeVar("T")
_JSON_TYPE = re.compile(r"application/(?:[a-z0-9.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_any_decoder = msgspec.json.Decoder()


async def read_body(request: Request[Any, Any, Any]) -> bytes:
    """Return the body as it came. Raises `Refusal` when it is there and does not claim to be JSON."""
    body = await request.body()
    if body:
        _check_type(request.headers.get("content-type"))
    return body


async def read_object(request: Request[Any, Any, Any]) -> bytes:
    """Return the text of a body that is one JSON object, unchanged so that line numbers stay true."""
    body = await read_body(request)
    if not isinstance(decode(body, _any_decoder), dict):
        raise _bad_json("The body must be a JSON object.", "", "INVALID_TYPE")
    return body


def decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode strictly. Raises `Refusal` 400 with the pointer, or the line and column, of what is wrong."""
    try:
        value = decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _bad_shape(str(error)) from None
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad_text(body, error) from None
    # A value cannot nest deeper than it has brackets, which are quickly counted.
    if body.count(b"[") + body.count(b"{") > DEPTH_MAX and _is_too_deep(body):
        raise _too_deep()
    return value


def _check_type(content_type: str | None) -> None:
    """Refuse what is not JSON. No type at all is taken for JSON; another charset than UTF-8 is not."""
    if content_type is None:
        return
    charset = _CHARSET.search(content_type)
    if not _JSON_TYPE.fullmatch(content_type.strip()):
        detail = f"The body is announced as {content_type[:80]!r}, but only JSON is taken: send Content-Type: application/json."
        hint = "curl: add -H 'Content-Type: application/json', or use --json instead of -d"
    elif charset and charset[1].lower() not in ("utf-8", "utf8"):
        detail, hint = f"JSON is UTF-8, not {charset[1][:40]!r}.", "leave the charset out"
    else:
        return
    problem = Problem(pointer="header/Content-Type", code="UNSUPPORTED_MEDIA_TYPE", message=detail, hint=hint)
    raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail, errors=(problem,))


def _is_too_deep(body: bytes) -> bool:
    level = [_any_decoder.decode(body)]
    for _ in range(DEPTH_MAX + 1):
        level = [child for value in level for child in _children(value) if isinstance(child, (dict, list))]
        if not level:
            return False
    return True


def _children(value: Json) -> Any:
    return value.values() if isinstance(value, dict) else value


def _too_deep() -> Refusal:
    return _bad_json(f"The JSON is nested deeper than {DEPTH_MAX} levels.", "", "TOO_DEEP")


def _bad_json(message: str, pointer: str, code: str, line: int = 0, column: int = 0) -> Refusal:
    problem = Problem(pointer=pointer, code=code, message=message, line=line, column=column)
    return Refusal(HTTPStatus.BAD_REQUEST, message, errors=(problem,))


def _bad_text(body: bytes, error: Exception) -> Refusal:
    """Say where the text stops being JSON. The standard library names the fault more helpfully, so it is asked again."""
    if not body.strip():
        return _bad_json("The body is empty; a JSON object is expected.", "", "INVALID_JSON", 1, 1)
    try:
        text = body.decode()
    except UnicodeDecodeError as fault:
        line, column = _place(body[: fault.start].decode())
        return _bad_json(f"The body is not UTF-8 at line {line}, column {column}.", "", "INVALID_UTF8", line, column)
    message, line, column = str(error).removeprefix("JSON is malformed: "), 0, 0
    try:
        json.loads(text)
    except json.JSONDecodeError as fault:
        message, line, column = fault.msg, fault.lineno, fault.colno
    except RecursionError:
        return _too_deep()
    else:
        if "\\u" in text and "truncated" in message:
            message = "a \\u escape is half of a surrogate pair"
        elif match := re.search(r" \(byte (\d+)\)$", message):
            line, column = _place(body[: int(match[1])].decode(errors="replace"))
            message = message[: match.start()]
    place = f" at line {line}, column {column}" if line else ""
    return _bad_json(f"The body is not valid JSON{place}: {message}.", "", "INVALID_JSON", line, column)


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _bad_shape(message: str) -> Refusal:
    """Turn msgspec's "… - at `$.payload.items[3]`" into a message and a JSON pointer."""
    text, _, path = message.partition(" - at `$")
    pointer = re.sub(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]", lambda part: f"/{part[1] or part[2]}", path.rstrip("`"))
    code = "INVALID_TYPE"
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", text):
        name = unknown[1]
        pointer += "/" + name.replace("~", "~0").replace("/", "~1")
        text, code = f"There is no field {name!r} here", "UNKNOWN_FIELD"
    return _bad_json(f"{text}{f' at {pointer}' if pointer else ''}.", pointer, code)
