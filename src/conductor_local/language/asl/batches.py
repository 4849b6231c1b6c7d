"""Items gathered into batches (ASL spec, "ItemBatcher"): the input of one child execution each."""

from collections.abc import Iterable, Iterator, Mapping

from conductor_local.errors import EvaluationError
from conductor_local.payload import Json, Payload
from conductor_local.program import ErrorName


def batches_of(
    values: Iterable[Json], items_max: int | None, bytes_max: int | None, given: Mapping[str, Json]
) -> Iterator[dict[str, Json]]:
    """Yield the batches as objects with `Items`; `given` stands beside them in each (`BatchInput`, or nothing).

    A batch is full when another item would make it have more than `items_max` items or its input more than `bytes_max` bytes. Each
    is made when it is asked for. Raises `EvaluationError` when one item alone is larger.
    """
    empty = Payload({**given, "Items": []}).size
    batch: list[Json] = []
    size = empty
    for value in values:
        added = Payload(value).size + 1 if bytes_max is not None else 0
        if bytes_max is not None and empty + added - 1 > bytes_max:
            text = f"An item is larger than MaxInputBytesPerBatch, {bytes_max} bytes, allows."
            raise EvaluationError(ErrorName.DATA_LIMIT, text)
        is_full = len(batch) == items_max or (bytes_max is not None and size + added - 1 > bytes_max)
        if batch and is_full:
            yield {**given, "Items": batch}
            batch, size = [], empty
        batch.append(value)
        size += added
    if batch:
        yield {**given, "Items": batch}
