"""The runner of distributed Maps: an execution for each item or batch of items.

`runner.py` performs a run as `order.py` describes it, `children.py` keeps its executions going. `readers.py` gets the items out of
files that `formats.py`, `csv_items.py` and `parquet.py` understand, `batches.py` gathers them, `results.py` makes the answer and
writes it, `buckets.py` is where files are.
"""

from conductor_local.functions.map_run.buckets import Buckets, Nowhere, buckets_at
from conductor_local.functions.map_run.runner import MapRuns, WithMapRuns

__all__ = ["Buckets", "MapRuns", "Nowhere", "WithMapRuns", "buckets_at"]
