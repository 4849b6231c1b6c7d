"""The runner of distributed Maps: an execution for each item or batch of items.

`runner.py` performs a run as `order.py` describes it, `children.py` keeps its executions going, `readers.py` and `csv_items.py` get
the items, `batches.py` gathers them, `results.py` makes the answer and writes it, `buckets.py` is where files are.
"""

from conductor_local.functions.map_run.buckets import Buckets, buckets_at
from conductor_local.functions.map_run.runner import MapRuns, WithMapRuns

__all__ = ["Buckets", "MapRuns", "WithMapRuns", "buckets_at"]
