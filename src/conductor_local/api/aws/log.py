"""The logs of executions, read off the commits: the same records for a sink and for whoever reads them here.

Rules: what is logged follows from the execution's own label and its events, so it can be told again at any time. A commit is told
without the ones before it: their events are read only when the fold has not just seen them. What left the store is not told.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from conductor_local.api.aws.found import Found, found_by
from conductor_local.api.aws.history import Scheduled, history_event
from conductor_local.api.aws.log_records import is_logged, log_fields
from conductor_local.engine import events as ev
from conductor_local.engine.events import AnyEvent
from conductor_local.runtime.chronicle import Chronicle
from conductor_local.runtime.logged import LogOrder, LogRecord, log_order
from conductor_local.runtime.ports import Published

_CACHE_MAX = 10_000  # executions whose fold is remembered


@dataclass(slots=True)
class _Fold:
    """What the records of an execution need of its past. `seen` is the `seq` of the event told last."""

    order: LogOrder
    execution: Found
    seen: int = 0
    redrives: int = 0
    scheduled: Scheduled = field(default_factory=dict)

    def take(self, event: AnyEvent) -> LogRecord | None:
        """Go on to the next event; return its record, if it has one."""
        self.seen = event.seq
        if isinstance(event, ev.ExecutionRedriven):
            self.redrives = event.redrives
        if not event.history_id:
            return None
        machine = self.execution.machine
        shown = history_event(event, self.scheduled, machine, self.order.includes_data)
        if not is_logged(shown["type"], self.order.level):
            return None
        fields = log_fields(shown, arn=self.execution.arn, redrives=self.redrives)
        name = machine.arn.rpartition(":")[2]
        return LogRecord(order=self.order, region=machine.region, machine=name, at=shown["timestamp"], fields=fields)


class ExecutionLog:
    """Tells the records of commits. One reader's: what it remembers is where that one is."""

    def __init__(self, chronicle: Chronicle) -> None:
        self._chronicle = chronicle
        self._folds: OrderedDict[str, _Fold | None] = OrderedDict()

    async def records(self, commit: Published) -> Sequence[LogRecord]:
        """Return the records of a commit, in order. Raises `Unavailable`."""
        if not commit.events or (fold := await self._fold(commit)) is None:
            return ()
        taken = {event.history_id: record for event in commit.events if (record := fold.take(event)) is not None}
        return list(taken.values())  # of two events with one id the engine took the earlier back

    async def _fold(self, commit: Published) -> _Fold | None:
        """Return the fold of an execution as it was before a commit; None when nothing of the execution is logged."""
        id, first = commit.execution_id, commit.events[0].seq
        fold = self._folds.get(id)
        if id in self._folds and (fold is None or fold.seen == first - 1):
            self._folds.move_to_end(id)
            return fold
        fold = await self._new_fold(id)
        if fold is not None:
            for event in await self._chronicle.events_before(id, first):
                fold.take(event)
        self._folds[id] = fold
        if len(self._folds) > _CACHE_MAX:
            self._folds.popitem(last=False)
        return fold

    async def _new_fold(self, id: str) -> _Fold | None:
        head = await self._chronicle.head(id)
        order = None if head is None else log_order(head)
        if head is None or order is None:
            return None
        return _Fold(order, found_by(await self._chronicle.identity(head), head))
