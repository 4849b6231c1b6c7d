"""The payload is checked against the annotation of its parameter."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, TypeVar

import msgspec
import pytest

from .calls import failure, result


@dataclass
class Address:
    city: str


@dataclass
class Order:
    id: int
    address: Address | None = None


class Item(msgspec.Struct):
    price: float


class Named(TypedDict):
    name: str


class Colour(enum.Enum):
    RED = "red"


class Model:
    """Looks like a pydantic model."""

    def __init__(self, age: int) -> None:
        self.age = age

    def __repr__(self) -> str:
        return f"Model(age={self.age})"

    @classmethod
    def model_validate(cls, value: Any) -> "Model":
        if not isinstance(value.get("age"), int):
            raise ModelError
        return cls(value["age"])

    def model_dump(self, mode: str) -> dict[str, Any]:
        return {"age": self.age, "mode": mode}


class ModelError(ValueError):
    def errors(self) -> list[dict[str, Any]]:
        return [{"loc": ("age",), "msg": "Input should be a valid integer"}]


class Unknown:
    pass


def taking(annotation: Any, answer: Callable[[Any], Any] = lambda payload: True) -> Callable[..., Any]:
    def target(payload: Any) -> Any:
        return answer(payload)

    target.__annotations__["payload"] = annotation
    return target


FITTING: list[tuple[Any, Any]] = [
    (int, 1),
    (str, "a"),
    (float, 1),
    (dict, {"a": 1}),
    (dict[str, int], {"a": 1}),
    (list[Order], [{"id": 1}]),
    (Order, {"id": 1, "address": {"city": "Ulm"}}),
    (Item, {"price": 2}),
    (Named, {"name": "n"}),
    (Order | None, None),
    (int | str, "x"),
    (Colour, "red"),
    (datetime, "2026-01-02T03:04:05Z"),
    (set[int], [1, 1]),
    (Model, {"age": 3}),
    (list[Model], [{"age": 3}]),
    (Model | None, None),
    (None, None),
]


@pytest.mark.parametrize(("annotation", "payload"), FITTING, ids=str)
async def test_a_payload_that_fits_its_annotation_is_passed(annotation: Any, payload: Any) -> None:
    assert await result(taking(annotation), payload) is True


@pytest.mark.parametrize(
    ("annotation", "payload", "kind"),
    [(Order, {"id": 1}, Order), (Item, {"price": 2}, Item), (Model, {"age": 1}, Model), (Colour, "red", Colour)],
    ids=str,
)
async def test_the_function_gets_an_object_of_the_annotated_type(annotation: Any, payload: Any, kind: type) -> None:
    assert await result(taking(annotation, lambda value: isinstance(value, kind)), payload) is True


@pytest.mark.parametrize(
    ("annotation", "payload", "complaint"),
    [
        (int, "1", "Expected `int`, got `str` - at `$`"),
        (dict, None, "Expected `object`, got `null` - at `$`"),
        (Order, {"id": "x"}, "Expected `int`, got `str` - at `$.id`"),
        (Order, {}, "Object missing required field `id` - at `$`"),
        (list[Order], [{"id": 1}, {"id": 2, "address": {}}], "missing required field `city` - at `$[1].address`"),
        (Named, {"name": 1}, "Expected `str`, got `int` - at `$.name`"),
        (Model, {"age": "x"}, "Input should be a valid integer - at `$.age`"),
    ],
)
async def test_a_payload_that_does_not_fit_names_path_and_expectation(annotation: Any, payload: Any, complaint: str) -> None:
    failed = await failure(taking(annotation), payload)
    assert failed.error == "PayloadTypeError"
    assert "The payload of 'target' does not fit" in str(failed.cause)
    assert complaint in str(failed.cause)


@pytest.mark.parametrize(
    "annotation", [Any, object, Unknown, list[Unknown], Unknown | int, Order | dict, TypeVar("T"), "No such", Callable, 3], ids=str
)
async def test_an_annotation_that_says_nothing_checkable_is_ignored(annotation: Any) -> None:
    assert await result(taking(annotation, lambda value: value), {"a": 1}) == {"a": 1}


async def test_an_annotation_given_as_text_is_evaluated() -> None:
    def target(payload: "Order") -> Any:
        return payload.id

    assert await result(target, {"id": 5}) == 5


async def test_a_model_error_without_details_is_shown_by_its_text() -> None:
    class Plain:
        @classmethod
        def model_validate(cls, value: Any) -> Any:
            raise ValueError("no good")

    assert "no good" in str((await failure(taking(Plain), {})).cause)
