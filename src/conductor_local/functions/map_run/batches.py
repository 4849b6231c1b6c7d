"""From items to the inputs of executions: one each, or gathered into batches."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from conductor_local.functions.map_run.order import Batcher
from conductor_local.language.asl.batches import batches_of
from conductor_local.payload import Json
from conductor_local.program import Item


@dataclass(frozen=True, slots=True)
class Part:
    """The input of one execution and how many items are in it."""

    index: int
    input: Json
    items: int = 1


def parts_of(items: Iterable[Item], value_of: Callable[[Item], Json], batcher: Batcher | None) -> Iterator[Part]:
    """Yield the inputs in order; each is made when it is asked for. Raises `EvaluationError`."""
    values = (value_of(item) for item in items)
    if batcher is None:
        return (Part(index, value) for index, value in enumerate(values))
    given = {} if batcher.batch_input is msgspec.UNSET else {"BatchInput": batcher.batch_input}
    gathered = batches_of(values, batcher.max_items_per_batch, batcher.max_input_bytes_per_batch, given)
    return (Part(index, batch, len(batch["Items"])) for index, batch in enumerate(gathered))
