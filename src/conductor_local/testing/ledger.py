"""The truth of a simulation: what the store did, seen directly in front of it, and whether that may be.

It sees every call that reaches the store and every answer the store gives, whatever becomes of the answer on its way to a process.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import pairwise

import msgspec

from conductor_local.engine import events as ev
from conductor_local.engine.effects import AnyWork
from conductor_local.engine.events import AnyEvent
from conductor_local.engine.messages import WorkId
from conductor_local.engine.state import Head, Step
from conductor_local.errors import Conflict, Fenced
from conductor_local.runtime.ports import Published
from conductor_local.testing.faults import Called
from conductor_local.testing.interception import Call, Forward

ENDS = (ev.ExecutionSucceeded, ev.ExecutionFailed, ev.ExecutionTimedOut, ev.ExecutionAborted)
ANSWERS = (ev.TaskSucceeded, ev.TaskFailed, ev.TaskTimedOut)


class Ledger:
    """What was created, committed, asked for and called. `problems` says in words what must not be."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.created: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self._epochs: dict[int, int] = {}
        self._versions: dict[str, int] = {}
        self._asked: set[tuple[str, WorkId]] = set()
        self._published: dict[str, list[int]] = {}

    async def intercept(self, call: Call, forward: Forward) -> object:
        """Make the call and note what it did."""
        match call.operation:
            case "commit":
                await self._commit(call.arguments["step"], call.arguments["epoch"], forward)
                return None
            case "create":
                return await self._create(call, forward)
            case "acquire":
                return await self._acquire(call.arguments["partition"], forward)
            case "suspend":
                await self._suspend(call, forward)
                return None
            case _:
                return await forward()

    async def _commit(self, step: Step, epoch: int, forward: Forward) -> None:
        head = step.head
        is_stale = epoch < self._epochs.get(head.partition, 0)
        try:
            await forward()
        except (Conflict, Fenced) as refusal:
            self.counts[type(refusal).__name__.lower()] += 1
            raise
        self.counts["commits"] += 1
        if is_stale:
            self.problems.append(f"{head.id}: a commit under epoch {epoch} was taken when a later owner had acquired")
        if head.version != self._versions.get(head.id, 0) + 1:
            self.problems.append(f"{head.id}: version {head.version} was committed after {self._versions.get(head.id)}")
        self._versions[head.id] = head.version
        self._ask(head.id, step.work)

    async def _create(self, call: Call, forward: Forward) -> object:
        created = await forward()
        if getattr(created, "is_new", False):
            self.created[call.arguments["execution"].head.id] += 1
            self._ask(call.arguments["execution"].head.id, call.arguments["work"])
        return created

    async def _acquire(self, partition: int, forward: Forward) -> object:
        epoch = await forward()
        assert isinstance(epoch, int)
        if epoch <= self._epochs.get(partition, 0):
            self.problems.append(f"partition {partition}: epoch {epoch} was given after {self._epochs[partition]}")
        self._epochs[partition] = epoch
        return epoch

    async def _suspend(self, call: Call, forward: Forward) -> None:
        execution_id, reason = call.arguments["execution_id"], call.arguments["reason"]
        await forward()
        self._versions[execution_id] = self._versions.get(execution_id, 0) + 1
        self.problems.append(f"{execution_id}: parked on a fault: {reason}")

    def _ask(self, execution_id: str, work: Iterable[AnyWork]) -> None:
        self._asked.update((execution_id, row.id) for row in work)

    def called(self, call: Called) -> None:
        """Note a function's call: it must have been asked for by a commit that is durable."""
        self.counts["calls"] += 1
        if (call.execution_id, call.work_id) not in self._asked:
            self.problems.append(f"{call.execution_id}: {call.function} was called for {call.work_id} before that was durable")

    def published(self, commits: Sequence[Published]) -> None:
        """Note what a sink received: at least once, in order per execution, so nothing new may come after a gap."""
        for commit in commits:
            seen = self._published.setdefault(commit.execution_id, [])
            for event in commit.events:
                if event.seq == len(seen) + 1:
                    seen.append(event.seq)
                elif event.seq > len(seen):
                    self.problems.append(f"{commit.execution_id}: event {event.seq} was published after {len(seen)}")

    # --- the end of a run ------------------------------------------------------------------------------------------------------

    def check_events(self, head: Head, events: Sequence[AnyEvent]) -> str:
        """Check all events of an ended execution; return a digest of them."""
        for name, numbers in (
            ("seq", [event.seq for event in events]),
            ("history_id", [event.history_id for event in events if event.history_id]),
            ("lifecycle_id", [event.lifecycle_id for event in events if event.lifecycle_id]),
        ):
            if numbers != list(range(1, len(numbers) + 1)):
                self.problems.append(f"{head.id}: {name} is not dense: {numbers}")
        self._check_answers(head, events)
        if any(later.at < earlier.at for earlier, later in pairwise(events)):
            self.problems.append(f"{head.id}: time goes backwards in its events")
        self.counts["redriven"] += head.redrives
        ends = [place for place, event in enumerate(events) if isinstance(event, ENDS)]
        redrives = [place - 1 for place, event in enumerate(events) if isinstance(event, ev.ExecutionRedriven)]
        if ends != [*redrives, len(events) - 1]:
            self.problems.append(f"{head.id}: its {len(events)} events end at {ends} and go on after {redrives}")
        if len(self._published.get(head.id, [])) != len(events):
            self.problems.append(f"{head.id}: {len(self._published.get(head.id, []))} of {len(events)} events were published")
        return blake2b(msgspec.json.encode([_plain(event) for event in events]), digest_size=8).hexdigest()

    def _check_answers(self, head: Head, events: Sequence[AnyEvent]) -> None:
        """Check that no answer to a call was taken twice, or without a call."""
        asked: Counter[str] = Counter()
        for event in events:
            if isinstance(event, ev.TaskScheduled):
                asked[_place(event)] = 1
            elif isinstance(event, ANSWERS):
                asked[_place(event)] -= 1
                if asked[_place(event)] < 0:
                    self.problems.append(f"{head.id}: event {event.seq} is an answer that was taken before")


def _place(event: ev.NodeEvent) -> str:
    return f"{event.path} {event.node}"


def _plain(event: AnyEvent) -> tuple[str, int, str, str]:
    return type(event).__name__, event.seq, event.at.isoformat(), repr(event.path)
