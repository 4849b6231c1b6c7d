"""What a function gives back, as JSON.

Taken as they are: the JSON types. Converted, because there is one obvious form: dataclasses and mappings by field, msgspec Structs
as msgspec writes them, pydantic models by `model_dump(mode="json")`, tuples as lists, subclasses of JSON types as the type itself,
enums by value, dates and aware datetimes in ISO 8601, UUIDs as text. Everything else is refused with its JSON pointer: sets, bytes,
NaN, infinities, naive datetimes, Decimals, keys that are not text, and objects that contain themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import msgspec

from conductor_local.functions.guard import Refused
from conductor_local.payload import DEPTH_MAX, Json, Payload, json_fault
from conductor_local.program import Failure

NON_JSON_RESULT = "NonJsonResult"
_SCALARS = {str, int, float, bool, type(None)}


def payload_of(function: str, value: Any) -> Payload:
    """Turn a result into a payload of its own, independent of what the function keeps. Raises `Refused` when it is not JSON."""
    fault = json_fault(value)
    if fault is not None:
        value, fault = _converted(value)
    if fault is not None:
        pointer, reason = fault
        raise Refused(Failure(error=NON_JSON_RESULT, cause=_cause(function, pointer, reason, _at(value, pointer))))
    if type(value) in _SCALARS:
        return Payload(value)
    return Payload.from_encoded(Payload(value).encoded)


def _converted(value: Any) -> tuple[Json, tuple[str, str] | None]:
    try:
        converted = _convert(value, "", ())
    except _NotJson as refusal:
        return value, (refusal.pointer, refusal.reason)
    return converted, json_fault(converted)


class _NotJson(Exception):
    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer, self.reason = pointer, reason


def _convert(value: Any, pointer: str, around: tuple[int, ...]) -> Json:
    """Convert one value; `around` are the ids of the values it lies in. What has no obvious form is left for `json_fault`."""
    if type(value) in _SCALARS:
        return value
    if id(value) in around:
        raise _NotJson(pointer, f"the {type(value).__name__} contains itself")
    if len(around) > DEPTH_MAX:
        raise _NotJson(pointer, f"nested deeper than {DEPTH_MAX} levels")
    around = (*around, id(value))
    if isinstance(value, Mapping):
        return {_key(key, pointer): _convert(item, _step(pointer, key), around) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_convert(item, _step(pointer, index), around) for index, item in enumerate(value)]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _convert(getattr(value, field.name), _step(pointer, field.name), around) for field in fields(value)}
    if isinstance(value, Enum):
        return _convert(value.value, pointer, around)
    if isinstance(value, msgspec.Struct):
        return _convert(_struct(value, pointer), pointer, around)
    if callable(dump := getattr(value, "model_dump", None)) and not isinstance(value, type):
        return _convert(dump(mode="json"), pointer, around)
    return _scalar(value, pointer)


def _key(key: Any, pointer: str) -> str:
    if isinstance(key, Enum) and isinstance(key.value, str):
        return key.value
    if isinstance(key, str):
        return str(key)
    raise _NotJson(pointer, f"the key {key!r} is a Python {type(key).__name__}, not text")


def _step(pointer: str, key: object) -> str:
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _struct(value: msgspec.Struct, pointer: str) -> Json:
    def inner(part: Any) -> Json:
        converted = _convert(part, pointer, ())
        if converted is part:
            raise _NotJson(pointer, f"a Python {type(part).__name__} in the Struct {type(value).__name__} is not a JSON value")
        return converted

    try:
        return msgspec.to_builtins(value, builtin_types=(bytes, bytearray, memoryview, Decimal), enc_hook=inner)
    except (TypeError, RecursionError) as error:
        raise _NotJson(pointer, f"the Struct {type(value).__name__} cannot be written: {error}") from None


def _scalar(value: Any, pointer: str) -> Json:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _NotJson(pointer, "a Python datetime without a time zone names no instant")
        return value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


_HINTS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (lambda value: isinstance(value, set | frozenset), "Return a list; sorted(…) keeps its order the same each time."),
    (lambda value: isinstance(value, bytes | bytearray | memoryview), "Decode it to text, or write it as base64."),
    (lambda value: isinstance(value, float), "Return None or leave the field out."),
    (lambda value: isinstance(value, Decimal), "Return str(…) to keep every digit, or float(…)."),
    (lambda value: isinstance(value, datetime), "Use datetime.now(timezone.utc)."),
    (lambda value: isinstance(value, dict), "Use text as keys."),
    (lambda value: hasattr(value, "__next__") or hasattr(value, "__anext__"), "Collect it into a list first."),
    (lambda value: hasattr(value, "__await__"), "Await it."),
    (callable, "Call it, or leave the field out."),
)


def _cause(function: str, pointer: str, reason: str, value: Any) -> str:
    hint = next((text for fits, text in _HINTS if fits(value)), "Return a dict of its fields, or make it a dataclass.")
    if "contains itself" in reason or "nested deeper" in reason:
        hint = "Return a tree: refer to a parent by its id."
    return f"'{function}' gave a result that is not JSON: {reason}, at '{pointer or '/'}'. {hint}"


def _at(value: Any, pointer: str) -> Any:
    """Return what lies at a pointer made by this file, as far as it can be followed."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list | tuple) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            value = getattr(value, key, None)
    return value
