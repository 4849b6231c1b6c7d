"""From items to the inputs of executions: one each, or gathered into batches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from conductor_local.functions.map_run.order import Batcher, RunFailed
from conductor_local.payload import Json, Payload
from conductor_local.program import ErrorName


@dataclass(frozen=True, slots=True)
class Part:
    """The input of one execution and how many items are in it."""

    index: int
    input: Json
    items: int = 1


def parts_of(items: Sequence[Json], value_of: Callable[[int, Json], Json], batcher: Batcher | None) -> Iterator[Part]:
    """Yield the inputs in order; each is made when it is asked for. Raises `EvaluationError`, `RunFailed`."""
    values = (value_of(index, item) for index, item in enumerate(items))
    if batcher is None:
        return (Part(index, value) for index, value in enumerate(values))
    gathered = _batches(values, batcher)
    return (Part(index, _input(batch, batcher), len(batch)) for index, batch in enumerate(gathered))


def _batches(values: Iterator[Json], batcher: Batcher) -> Iterator[list[Json]]:
    """A batch is full when another item would make it have too many items or its input too many bytes."""
    items_max, bytes_max = batcher.max_items_per_batch, batcher.max_input_bytes_per_batch
    empty = Payload(_input([], batcher)).size
    batch: list[Json] = []
    size = empty
    for value in values:
        added = Payload(value).size + 1 if bytes_max is not None else 0
        if bytes_max is not None and empty + added - 1 > bytes_max:
            raise RunFailed(ErrorName.DATA_LIMIT, f"An item is larger than MaxInputBytesPerBatch, {bytes_max} bytes, allows.")
        is_full = len(batch) == items_max or (bytes_max is not None and size + added - 1 > bytes_max)
        if batch and is_full:
            yield batch
            batch, size = [], empty
        batch.append(value)
        size += added
    if batch:
        yield batch


def _input(batch: list[Json], batcher: Batcher) -> Json:
    given = {} if batcher.batch_input is msgspec.UNSET else {"BatchInput": batcher.batch_input}
    return {**given, "Items": batch}
