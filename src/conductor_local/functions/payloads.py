"""What a function receives: its own copy of the payload, checked against the parameter's annotation when that says something.

Supported annotations are those of msgspec (builtins, unions, dataclasses, Structs, TypedDicts, enums, datetimes, …) and, by shape
alone, pydantic models: any class with `model_validate`. Other annotations are ignored; they never make a function fail.
"""

import contextlib
from collections.abc import Callable, Iterator
from inspect import Parameter
from typing import Any

import msgspec
from msgspec import inspect as types

from conductor_local.functions.guard import Refused
from conductor_local.program import Failure

Decode = Callable[[bytes], Any]
"""From the payload's JSON text; raises msgspec.ValidationError when it is not what the annotation asks for."""

PAYLOAD_TYPE_ERROR = "PayloadTypeError"
_plain: Decode = msgspec.json.Decoder().decode


def decoder(annotation: Any) -> Decode:
    """Return the decoder for a payload parameter. Decoding the text anew is what gives each call a copy of its own."""
    if annotation is Parameter.empty or annotation is Any or isinstance(annotation, str):
        return _plain
    # Reading a foreign class's fields may run user code (__class_getitem__, lazy models); whatever goes wrong means "unsupported".
    with contextlib.suppress(Exception):
        if all(hasattr(custom, "model_validate") for custom in _custom_types(types.type_info(annotation), set())):
            return msgspec.json.Decoder(annotation, strict=True, dec_hook=_validate).decode
    return _plain


def mismatch(function: str, error: msgspec.ValidationError) -> Refused:
    """Say that the payload of a call is not what the function's annotation asks for."""
    return Refused(Failure(error=PAYLOAD_TYPE_ERROR, cause=f"The payload of '{function}' does not fit: {_with_path(str(error))}"))


def _with_path(message: str) -> str:
    return message if " - at `" in message else f"{message} - at `$`"


def _custom_types(kind: Any, seen: set[int]) -> Iterator[type]:
    if id(kind) in seen:
        return
    seen.add(id(kind))
    if isinstance(kind, types.CustomType | types.ExtType | types.RawType):
        yield getattr(kind, "cls", type(kind))
    for part in _parts(kind):
        yield from _custom_types(part, seen)


def _parts(kind: Any) -> Iterator[Any]:
    if isinstance(kind, tuple):
        yield from kind
    elif isinstance(kind, types.Field):
        yield kind.type
    elif isinstance(kind, types.Type):
        yield from (getattr(kind, name) for name in kind.__struct_fields__ if name in _NESTING)


_NESTING = {"fields", "types", "item_type", "item_types", "key_type", "value_type", "type"}


def _validate(model: Any, value: Any) -> Any:
    """Let a pydantic-like model read `value`; its complaints become one line that names each path."""
    try:
        return model.model_validate(value)
    except ValueError as error:
        raise ValueError(_complaints(error)) from None


def _complaints(error: ValueError) -> str:
    errors = getattr(error, "errors", None)
    if not callable(errors):
        return str(error)
    return "; ".join(f"{one['msg']} - at `$.{'.'.join(str(part) for part in one['loc'])}`" for one in errors())
