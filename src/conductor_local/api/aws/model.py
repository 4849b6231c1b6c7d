"""AWS's own description of the service, as botocore ships it: which operations there are and what their parameters may be.

Rules: it is read at the first request and kept; botocore's code is not imported, only its file. `typed` takes what JSON said apart
(a text where a number belongs is a `SerializationException`; what the model does not know is left out, and so is null), `problems`
then judges values, in AWS's texts. Values of members that the model calls sensitive are not repeated.
"""

import gzip
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from conductor_local.api.aws.checks import NUMBERS, Check, check_of, pattern_of
from conductor_local.api.aws.errors import AwsError
from conductor_local.payload import Json

_FILE = "data/stepfunctions/2016-11-23/service-2.json.gz"
_ENUM_ORDERS = (("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"),)
"""AWS lists the values of an enum in an order of its own; those that were observed (2024)."""


class Reference(msgspec.Struct, frozen=True):
    """A shape by name."""

    shape: str


class Shape(msgspec.Struct, frozen=True):
    """What a value may be. Which members mean something depends on `type`; `min` and `max` are lengths or values."""

    type: str
    members: dict[str, Reference] = {}
    required: tuple[str, ...] = ()
    member: Reference | None = None
    min: int | None = None
    max: int | None = None
    enum: tuple[str, ...] = ()
    pattern: str | None = None
    sensitive: bool = False


class Operation(msgspec.Struct, frozen=True):
    """One operation; one without `input` takes an empty object."""

    input: Reference | None = None


class Metadata(msgspec.Struct, frozen=True, rename="camel"):
    """The service itself; `target_prefix` stands before the operation in `X-Amz-Target`."""

    target_prefix: str


class Model(msgspec.Struct, frozen=True):
    """The service."""

    metadata: Metadata
    operations: dict[str, Operation]
    shapes: dict[str, Shape]

    def typed(self, operation: str, params: dict[str, Json]) -> dict[str, Json]:
        """Return the parameters that the model knows. Raises `AwsError` SerializationException."""
        reference = self.operations[operation].input
        return {} if reference is None else self._structure(self.shapes[reference.shape], params, "")

    def problems(self, operation: str, params: dict[str, Json]) -> list[str]:
        """Return what is wrong with the values of typed parameters, each in AWS's words; nothing: they may pass."""
        keeps = _check(operation)
        return [] if keeps is None or keeps(params) else self.violations(operation, params)

    def violations(self, operation: str, params: dict[str, Json]) -> list[str]:
        """Judge constraint by constraint; see `problems`."""
        found: list[str] = []
        reference = self.operations[operation].input
        if reference is not None:
            self._judge_members(reference.shape, params, "", found)
        return found

    # --- JSON to parameters --------------------------------------------------------------------------------------------------

    def _structure(self, shape: Shape, value: dict[str, Json], place: str) -> dict[str, Json]:
        known = shape.members
        return {
            name: self._value(self.shapes[known[name].shape], item, f"{place}.{name}" if place else name)
            for name, item in value.items()
            if item is not None and name in known
        }

    def _value(self, shape: Shape, value: Json, place: str) -> Json:
        match shape.type, value:
            case "string", str():
                return value
            case "boolean", bool():
                return value
            case (("integer" | "long"), int()) if not isinstance(value, bool):
                return value
            case (("integer" | "long"), float()) if value.is_integer():
                return int(value)
            case "float", (int() | float()) if not isinstance(value, bool):
                return float(value)
            case "structure", dict():
                return self._structure(shape, value, place)
            case "list", list():
                item = self._item(shape)
                return [self._value(item, one, f"{place}.{number}.member") for number, one in enumerate(value, 1)]
        raise _wrong_type(shape.type, value, place)

    def _item(self, shape: Shape) -> Shape:
        assert shape.member is not None
        return self.shapes[shape.member.shape]

    # --- constraints ---------------------------------------------------------------------------------------------------------

    def _judge_members(self, name: str, value: dict[str, Json], place: str, found: list[str]) -> None:
        shape = self.shapes[name]
        missing = (member for member in shape.required if member not in value)
        found += [_problem("Value null", f"{place}{member}", "Member must not be null") for member in missing]
        for member, item in value.items():
            self._judge(shape.members[member].shape, item, f"{place}{member}", found)

    def _judge(self, name: str, value: Json, place: str, found: list[str]) -> None:
        shape = self.shapes[name]
        if shape.type == "structure":
            self._judge_members(name, value, f"{place}.", found)
            return
        if broken := _broken(shape, value):
            shown = "Value" if shape.sensitive else f"Value '{self._shown(name, value)}'"
            found += [_problem(shown, place, constraint) for constraint in broken]
        if shape.type == "list":
            self._judge_items(shape, value, place, found)

    def _judge_items(self, shape: Shape, value: list[Json], place: str, found: list[str]) -> None:
        """Items that are structures are judged one by one; of other items AWS says once what all of them must be."""
        assert shape.member is not None
        item = self._item(shape)
        if item.type == "structure":
            for number, one in enumerate(value, 1):
                self._judge(shape.member.shape, one, f"{place}.{number}.member", found)
        elif any(_broken(item, one) for one in value):
            wanted = f"Member must satisfy constraint: [{', '.join(text for text, _ in _constraints(item, value[0]))}]"
            found.append(_problem(f"Value '[{', '.join(map(str, value))}]'", place, wanted))

    def _shown(self, name: str, value: Json) -> str:
        """Write a value as Java does; no list of the model has items that hide something."""
        shape = self.shapes[name]
        match value:
            case list():
                assert shape.member is not None
                item = shape.member.shape
                return f"[{', '.join(self._shown(item, one) for one in value)}]"
            case dict():
                members = (f"{member}={self._shown(shape.members[member].shape, one)}" for member, one in value.items())
                return f"{name}({', '.join(members)})"
            case _:
                return str(value)


@cache
def model() -> Model:
    """Return the model, read at the first call."""
    packed = files("botocore").joinpath(_FILE).read_bytes()
    return msgspec.json.decode(gzip.decompress(packed), type=Model)


@cache
def _check(operation: str) -> Check | None:
    reference = model().operations[operation].input
    return None if reference is None else check_of(reference.shape, model().shapes)


def constraint_text(problems: list[str]) -> str:
    """Return AWS's message for these."""
    noun = "error" if len(problems) == 1 else "errors"
    return f"{len(problems)} validation {noun} detected: {'; '.join(problems)}"


def _problem(value: str, place: str, constraint: str) -> str:
    return f"{value} at '{place}' failed to satisfy constraint: {constraint}"


def _broken(shape: Shape, value: Json) -> list[str]:
    return [text for text, holds in _constraints(shape, value) if not holds]


def _constraints(shape: Shape, value: Any) -> Iterator[tuple[str, bool]]:
    """Yield each constraint of a shape that is no structure in AWS's words, and whether a value keeps it."""
    if shape.enum:
        values = next((order for order in _ENUM_ORDERS if set(order) == set(shape.enum)), shape.enum)
        yield f"Member must satisfy enum value set: [{', '.join(values)}]", value in shape.enum
    is_number = shape.type in NUMBERS
    what, size = ("value", value) if is_number else ("length", len(value) if isinstance(value, (str, list)) else 0)
    if shape.max is not None:
        yield f"Member must have {what} less than or equal to {shape.max}", size <= shape.max
    if shape.min is not None:
        yield f"Member must have {what} greater than or equal to {shape.min}", size >= shape.min
    if (pattern := pattern_of(shape)) is not None:
        yield f"Member must satisfy regular expression pattern: {shape.pattern}", bool(pattern.fullmatch(value))


_JAVA = {"string": "String", "boolean": "Boolean", "integer": "Integer", "long": "Long", "float": "Float"}


def _wrong_type(wanted: str, value: Json, place: str) -> AwsError:
    """Say what stands where something else belongs."""
    if isinstance(value, (dict, list)):
        start = "structure or map" if isinstance(value, dict) else "list"
        text = f"Start of {start} found where not expected"
    elif wanted in _JAVA:
        text = f"{_token(value)} can not be converted to {_JAVA[wanted]}"
    else:
        text = f"{_token(value)} found where a {wanted} was expected"
    return AwsError("SerializationException", f"{text} at '{place}'")


def _token(value: Json) -> str:
    match value:
        case None:
            return "NULL_VALUE"
        case bool():
            return "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            return "STRING_VALUE"
        case _:
            return "NUMBER_VALUE"
