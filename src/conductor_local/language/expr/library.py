"""The eighteen intrinsic functions (reference sheet 10), as functions of their evaluated arguments.

Rules: arguments are checked here and `BadArguments` says they will not do; nothing is changed in place; equality is that of JSON
values (1 equals 1.0, an object equals another whatever its key order). Randomness comes from the scope only.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from conductor_local.language.expr.arithmetic import BadArguments, int32, rounded, seeded_random, truncated
from conductor_local.language.expr.filters import same
from conductor_local.language.expr.text import java_text, json_text
from conductor_local.payload import Json, json_fault
from conductor_local.program import Scope

Function: TypeAlias = Callable[..., Json]
"""Takes the scope, then the arguments."""

TEXT_CHARS_MAX = 10_000  # AWS quota of Base64 and Hash
RANGE_ITEMS_MAX = 1_000  # AWS quota of ArrayRange
_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def _text(value: Json, chars_max: int | None = None) -> str:
    if not isinstance(value, str) or (chars_max is not None and _utf16_length(value) > chars_max):
        raise BadArguments
    return value


def _utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise BadArguments
    return value


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise BadArguments
    return value


def array(_scope: Scope, *items: Json) -> Json:
    return list(items)


def array_partition(_scope: Scope, items: Json, size: Json) -> Json:
    source, width = _list(items), truncated(size)
    if width < 1:
        raise BadArguments
    return [source[start : start + width] for start in range(0, len(source), width)]


def array_contains(_scope: Scope, items: Json, wanted: Json) -> Json:
    return any(same(item, wanted) for item in _list(items))


def array_range(_scope: Scope, first: Json, last: Json, step: Json) -> Json:
    start, end, width = truncated(first), truncated(last), truncated(step)
    if width == 0:
        raise BadArguments
    found = range(start, end + (1 if width > 0 else -1), width)
    if len(found) > RANGE_ITEMS_MAX:
        raise BadArguments
    return list(found)


def array_get_item(_scope: Scope, items: Json, index: Json) -> Json:
    source, place = _list(items), truncated(index)
    if not 0 <= place < len(source):
        raise BadArguments
    return source[place]


def array_length(_scope: Scope, items: Json) -> Json:
    return len(_list(items))


def array_unique(_scope: Scope, items: Json) -> Json:
    seen: set[str] = set()
    unique = []
    for item in _list(items):
        key = _identity(item)
        if key not in seen:
            seen.add(key)
            unique.append(item)
    return unique


def _identity(value: Json) -> str:
    """Return a text that equal JSON values share."""
    return json.dumps(_normal(value), sort_keys=True)


def _normal(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_normal(item) for item in value]
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in value.items()}
    return value


def base64_encode(_scope: Scope, data: Json) -> Json:
    return base64.b64encode(_text(data, TEXT_CHARS_MAX).encode()).decode()


def base64_decode(_scope: Scope, data: Json) -> Json:
    """Decode as MIME does: anything outside the alphabet is skipped, the first `=` ends it (AWS, measured 2026)."""
    digits = _NOT_BASE64.sub("", _text(data, TEXT_CHARS_MAX).partition("=")[0])
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode(errors="replace")


def hash_(_scope: Scope, data: Json, algorithm: Json) -> Json:
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
        raise BadArguments
    return hashlib.new(_ALGORITHMS[algorithm], _text(data, TEXT_CHARS_MAX).encode(), usedforsecurity=False).hexdigest()


def json_merge(_scope: Scope, left: Json, right: Json, deep: Json) -> Json:
    if deep is not False:
        raise BadArguments
    return _object(left) | _object(right)


def json_to_string(_scope: Scope, value: Json) -> Json:
    return json_text(value)


def string_to_json(_scope: Scope, text: Json) -> Json:
    source = _text(text)
    if not source.strip(" \t\r\n"):
        return None
    try:
        value = json.loads(source, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadArguments from None
    if json_fault(value) is not None:
        raise BadArguments
    return value


def _refuse(_constant: str) -> Json:
    raise BadArguments


def math_add(_scope: Scope, left: Json, right: Json) -> Json:
    return int32(rounded(left) + rounded(right))


def math_random(scope: Scope, start: Json, end: Json, *seed: Json) -> Json:
    first, last = truncated(start), truncated(end)
    if first >= last:
        raise BadArguments
    if seed:
        return seeded_random(first, last, *seed)
    return first + (scope.entropy() * (last - first) >> 64)


def string_split(_scope: Scope, text: Json, delimiters: Json) -> Json:
    source, splitting = _text(text), _text(delimiters)
    if not splitting:
        raise BadArguments
    return [piece for piece in re.split(f"[{re.escape(splitting)}]", source) if piece]


def uuid(scope: Scope) -> Json:
    bits = scope.entropy() << 64 | scope.entropy()
    bits = bits & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62
    digits = f"{bits:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def format_(_scope: Scope, template: Json, *values: Json) -> Json:
    pieces = pieces_of(_text(template))
    if len(pieces) != len(values) + 1:
        raise BadArguments(": number of arguments do not match the occurrences of {}.")
    texts: list[Any] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        texts += (java_text(value), piece)
    return "".join(texts)


def pieces_of(template: str) -> list[str]:
    """Return what stands around the `{}` of a template; a backslash takes a brace, quote or backslash literally."""
    pieces, position = [""], 0
    while position < len(template):
        character, following = template[position], template[position + 1 : position + 2]
        position += 1
        if character == "\\" and following in ("{", "}", "'", "\\"):
            pieces[-1] += following
            position += 1
        elif character == "{" and following == "}":
            pieces.append("")
            position += 1
        elif character in ("{", "}"):
            raise BadTemplate
        else:
            pieces[-1] += character
    return pieces


class BadTemplate(Exception):
    """A brace of a template stands alone."""


FUNCTIONS: Mapping[str, tuple[Function, int, int | None]] = {
    "States.Array": (array, 0, None),
    "States.ArrayContains": (array_contains, 2, 2),
    "States.ArrayGetItem": (array_get_item, 2, 2),
    "States.ArrayLength": (array_length, 1, 1),
    "States.ArrayPartition": (array_partition, 2, 2),
    "States.ArrayRange": (array_range, 3, 3),
    "States.ArrayUnique": (array_unique, 1, 1),
    "States.Base64Decode": (base64_decode, 1, 1),
    "States.Base64Encode": (base64_encode, 1, 1),
    "States.Format": (format_, 1, None),
    "States.Hash": (hash_, 2, 2),
    "States.JsonMerge": (json_merge, 3, 3),
    "States.JsonToString": (json_to_string, 1, 1),
    "States.MathAdd": (math_add, 2, 2),
    "States.MathRandom": (math_random, 2, 3),
    "States.StringSplit": (string_split, 2, 2),
    "States.StringToJson": (string_to_json, 1, 1),
    "States.UUID": (uuid, 0, 0),
}
"""Every function under its name, with the fewest and most arguments it takes (None: any number)."""

TEXT_FUNCTIONS = frozenset(
    f"States.{name}" for name in ("Format", "JsonToString", "ArrayGetItem", "Base64Encode", "Base64Decode", "Hash", "UUID")
)
"""The functions `ErrorPath` and `CausePath` may call."""
