"""The examples in docs/functions.md run."""

import re
from pathlib import Path
from typing import Any

import pytest

from conductor_local.functions import Context, load

from .calls import failure, result

GUIDE = Path(__file__).parents[3] / "docs" / "functions.md"
BLOCKS = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Load the example that defines a function and return the callable."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def find(name: str) -> Any:
        for number, block in enumerate(block for block in BLOCKS if block.startswith("# ")):
            file = tmp_path / str(number) / block.split("\n", 1)[0].removeprefix("# ")
            file.parent.mkdir(exist_ok=True)
            file.write_text(block)
            if function := load([str(file)]).find(name):
                return function.target
        raise AssertionError(f"no example defines {name}")

    return find


async def test_the_first_example_answers(target: Any) -> None:
    assert await result(target("greet"), {"name": "Ada"}) == {"greeting": "Hello, Ada"}
    assert await result(target("add"), {"numbers": [1, 2]}) == 3


async def test_the_marked_example_answers(target: Any) -> None:
    assert await result(target("reserve"), {"items": [1]}) == {"reserved": [1]}
    assert await result(target("chargeCard"), {}) == {"receipt": "r-exec-1:f0.1"}


async def test_the_typed_example_answers(target: Any) -> None:
    assert await result(target("total"), [{"name": "tea", "price": 3, "quantity": 2}]) == 6.0


async def test_the_typed_example_fails_as_the_guide_says(target: Any) -> None:
    cause = (await failure(target("total"), [{"name": "tea", "price": "3"}])).cause or ""
    assert cause.replace("'target'", "'total'") in GUIDE.read_text(encoding="utf-8")


async def test_the_failing_example_fails_by_its_class_name(target: Any) -> None:
    assert (await failure(target("pay"), {"amount": 101})).error == "CardDeclined"


def test_the_testing_example_passes() -> None:
    exec(BLOCKS[-1], {"Context": Context})
