"""What a function may give back, and how anything else is refused."""

import enum
from collections import OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
import pytest

from .calls import failure, result
from .test_payload_types import Model

Point = namedtuple("Point", "x y")


@dataclass
class Order:
    id: int
    tags: list[str] = field(default_factory=list)
    extra: Any = None


class Item(msgspec.Struct, rename="camel"):
    unit_price: float
    extra: Any = None


class Level(enum.IntEnum):
    LOW = 1


class Colour(enum.Enum):
    RED = "red"


class Text(str):
    __slots__ = ()


PLAIN: list[Any] = [None, True, 1, 1.5, "ü", [], {}, {"a": [1, {"b": None}]}, 2**70]


@pytest.mark.parametrize("value", PLAIN, ids=str)
async def test_plain_json_is_taken_as_it_is(value: Any) -> None:
    assert await result(lambda: value) == value


CONVERTED: list[tuple[Any, Any]] = [
    (Order(1, ["a"]), {"id": 1, "tags": ["a"], "extra": None}),
    ([Order(1, extra=Order(2))], [{"id": 1, "tags": [], "extra": {"id": 2, "tags": [], "extra": None}}]),
    (Item(2.5), {"unitPrice": 2.5, "extra": None}),
    (Item(2.5, extra=Model(3)), {"unitPrice": 2.5, "extra": {"age": 3, "mode": "json"}}),
    ({"item": Item(1.0)}, {"item": {"unitPrice": 1.0, "extra": None}}),
    (Model(4), {"age": 4, "mode": "json"}),
    ((1, (2,)), [1, [2]]),
    (Point(1, 2), [1, 2]),
    (defaultdict(list, {"a": (1,)}), {"a": [1]}),
    (OrderedDict(a=1), {"a": 1}),
    (MappingProxyType({"a": 1}), {"a": 1}),
    (Level.LOW, 1),
    ({"c": Colour.RED, Colour.RED: 1}, {"c": "red", "red": 1}),
    (Text("x"), "x"),
    (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
    (date(2026, 1, 2), "2026-01-02"),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
]


@pytest.mark.parametrize(("value", "expected"), CONVERTED, ids=str)
async def test_what_has_one_obvious_json_form_is_converted(value: Any, expected: Any) -> None:
    assert await result(lambda: value) == expected


def itself() -> Any:
    value: dict[str, Any] = {}
    value["a"] = [value]
    return value


def deep() -> Any:
    value: Any = 1
    for _ in range(300):
        value = [value]
    return value


REFUSED: list[tuple[Any, str, str]] = [
    ({1}, "a Python set is not a JSON value, at '/'", "Return a list"),
    ({"a": {"b/c": {1, 2}}}, "a Python set is not a JSON value, at '/a/b~1c'", "Return a list"),
    ({"a": float("nan")}, "nan is not a JSON number, at '/a'", "Return None"),
    ([float("inf")], "inf is not a JSON number, at '/0'", "Return None"),
    ({"a": {1: 2}}, "the key 1 is a Python int, not text, at '/a'", "Use text as keys"),
    ({"a": b"x"}, "a Python bytes is not a JSON value, at '/a'", "base64"),
    ([Decimal(1)], "a Python Decimal is not a JSON value, at '/0'", "str(…)"),
    ([datetime(2026, 1, 2)], "datetime without a time zone names no instant, at '/0'", "timezone.utc"),  # noqa: DTZ001
    ([object()], "a Python object is not a JSON value, at '/0'", "make it a dataclass"),
    ([print], "a Python builtin_function_or_method is not a JSON value, at '/0'", "Call it"),
    ((n for n in [1]), "a Python generator is not a JSON value, at '/'", "Collect it into a list"),
    (itself(), "the dict contains itself, at '/a/0'", "Return a tree"),
    (deep(), "nested deeper than 200 levels", "Return a tree"),
    (Order(1, extra={1}), "a Python set is not a JSON value, at '/extra'", "Return a list"),
    (Order(1, extra=float("nan")), "nan is not a JSON number, at '/extra'", "Return None"),
    ({"i": Item(1.0, extra=object())}, "a Python object in the Struct Item is not a JSON value, at '/i'", "make it a dataclass"),
    ({"i": Item(1.0, extra=b"x")}, "a Python bytes is not a JSON value, at '/i/extra'", "base64"),
    ("\ud800", "half of a surrogate pair, at '/'", ""),
]


@pytest.mark.parametrize(("value", "reason", "advice"), REFUSED, ids=lambda part: type(part).__name__)
async def test_what_is_not_json_is_refused_with_pointer_reason_and_advice(value: Any, reason: str, advice: str) -> None:
    failed = await failure(lambda: value)
    assert failed.error == "NonJsonResult"
    assert reason in str(failed.cause)
    assert advice in str(failed.cause)


async def test_one_value_used_twice_is_not_a_value_that_contains_itself() -> None:
    shared = (1,)
    assert await result(lambda: [shared, shared]) == [[1], [1]]
