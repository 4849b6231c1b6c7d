"""The predicate that every request of AWS's API is judged by says what the judgement constraint by constraint says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_local.api.aws.model import Shape, model


def values(name: str) -> st.SearchStrategy[Any]:
    """Return values of the right type around a shape's limits; members may be missing."""
    shape = model().shapes[name]
    match shape.type:
        case "structure":
            return st.fixed_dictionaries({}, optional={member: values(one.shape) for member, one in shape.members.items()})
        case "list":
            assert shape.member is not None
            return st.lists(values(shape.member.shape), max_size=3)
        case "boolean":
            return st.booleans()
        case "integer" | "long" | "float":
            return st.sampled_from(sorted({bound + step for bound in _bounds(shape) for step in (-1, 0, 1)}))
        case _:
            lengths = sorted({max(0, bound + step) for bound in _bounds(shape) for step in (-1, 0, 1)})
            return st.sampled_from(["é a", "", *shape.enum, *("x" * min(length, 3_000) for length in lengths)])


def _bounds(shape: Shape) -> list[int]:
    return [bound for bound in (shape.min, shape.max, 5) if bound is not None]


@pytest.mark.parametrize("operation", sorted(model().operations))
def test_both_judgements_agree(operation: str) -> None:
    reference = model().operations[operation].input
    assert reference is not None
    shape, shapes = model().shapes[reference.shape], model().shapes
    texts = [name for name in shape.required if shapes[shape.members[name].shape].type == "string"]

    @given(values(reference.shape))
    def agree(params: dict[str, Any]) -> None:
        assert model().problems(operation, params) == model().violations(operation, params)
        with_all = dict.fromkeys(texts, "x") | params
        assert model().problems(operation, with_all) == model().violations(operation, with_all)

    agree()
