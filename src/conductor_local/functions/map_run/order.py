"""What a map run is asked to do, as the engine wrote it down (`engine/nodes/map_run.py`), and how it can fail."""

from math import inf

import msgspec

from conductor_local.engine.nodes.map_run import WINDOW_MAX, item_name
from conductor_local.payload import Json
from conductor_local.program import Failure


class Reader(msgspec.Struct, kw_only=True, frozen=True, rename="pascal"):
    """The ItemReader. `reader_config` has the specification's fields; its MaxItems may be any value that a path led to."""

    resource: str
    parameters: Json
    reader_config: dict[str, Json] = {}


class Batcher(msgspec.Struct, kw_only=True, frozen=True, rename="pascal"):
    """The ItemBatcher. `batch_input` unset: batches have none."""

    max_items_per_batch: int | None = None
    max_input_bytes_per_batch: int | None = None
    batch_input: Json | msgspec.UnsetType = msgspec.UNSET


class Writer(msgspec.Struct, kw_only=True, frozen=True, rename="pascal"):
    """The ResultWriter. `parameters` unset: results are not written but given."""

    parameters: Json | msgspec.UnsetType = msgspec.UNSET
    writer_config: dict[str, str] = {}


class Order(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """One map run. `items` unset: the reader gives them; no tolerance at all: no item may fail.

    `redrives` is how often the run was redriven, `widest` the most executions that may ever have been under way at once.
    """

    run: str
    label: str
    items: list[Json] | dict[str, Json] | msgspec.UnsetType = msgspec.UNSET
    reader: Reader | None = None
    batcher: Batcher | None = None
    writer: Writer | None = None
    concurrency: int = 0
    tolerated_count: int | None = None
    tolerated_percentage: float | None = None
    redrives: int = 0
    widest: int = 0

    @property
    def window(self) -> int:
        """How many executions run at once."""
        return min(self.concurrency or WINDOW_MAX, WINDOW_MAX)

    @property
    def gap_max(self) -> int:
        """How many executions may be missing before one that is there: they are started in order, so many at once."""
        return max(self.window, self.widest)

    @property
    def parts_max(self) -> float:
        """How many executions there can be at most; endless where a reader gives the items."""
        return inf if self.items is msgspec.UNSET else len(self.items)

    def name_of(self, index: int) -> str:
        """Name the execution of an item or batch."""
        return item_name(self.run, index)

    def tolerates(self, failed: int, total: int) -> bool:
        """Whether so many failed items out of all are no reason to fail."""
        if self.tolerated_count is None and self.tolerated_percentage is None:
            return failed == 0
        if self.tolerated_count is not None and failed > self.tolerated_count:
            return False
        return self.tolerated_percentage is None or failed * 100 <= self.tolerated_percentage * total


class RunFailed(Exception):
    """The run as a whole failed, as `failure` says."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(cause)
        self.failure = Failure(error, cause)


def reader_failed(cause: str) -> RunFailed:
    """Items could not be read."""
    return RunFailed("States.ItemReaderFailed", cause)


def writer_failed(cause: str) -> RunFailed:
    """Results could not be written."""
    return RunFailed("States.ResultWriterFailed", cause)
