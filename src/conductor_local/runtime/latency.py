"""How long something took, often: counts by duration, from which a mean and quantiles can be told at any time."""

from bisect import bisect_left
from itertools import accumulate

BUCKETS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Latency:
    """Durations in seconds. `counts` has one entry for each bucket and one for what took longer than all."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.count = 0
        self.sum_s = 0.0

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BUCKETS_S, seconds)] += 1
        self.count += 1
        self.sum_s += seconds

    @property
    def mean_s(self) -> float:
        """The mean; 0 when nothing was counted."""
        return self.sum_s / self.count if self.count else 0.0

    def quantile_s(self, share: float) -> float:
        """Return the upper end of the bucket that `share` of all lie in or below; 0 when nothing was counted."""
        wanted = share * self.count
        for bound, total in zip((*BUCKETS_S, BUCKETS_S[-1]), accumulate(self.counts), strict=True):
            if total and total >= wanted:
                return bound
        return 0.0
