"""The heart: one partition that this process owns. Claim its work, perform it, hand what comes of it to mailboxes.

    claim ──> perform ──> mailbox ──> advance ──> commit ──> perform what was asked for ──> …

Starting is recovering: `acquire` raises the partition's epoch, which frees every row claimed before, and `claim` then gives them
out again. There is no other recovery. Work asked for by a commit of ours is born claimed and performed straight from memory; timers
and what others posted come through `claim`.

Rules. A row of work disappears only in the commit that consumes it. A function may therefore run again after a crash, with the same
idempotency key; `lost_tasks="fail"` turns such an attempt into a failure that Retry can see; an execution that may run at most once
(`mailbox.py`) is ended instead. When the store says `Fenced`, another process owns the partition: stop at once and touch nothing.
When a claim goes unanswered, nobody knows which rows it gave: the owner acquires anew, all rows are given out again, and those that
are in hand here are passed over.
"""

import asyncio
import logging
import traceback
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

from conductor_local.engine.effects import AnyWork, Deliver, Invoke, Timer
from conductor_local.engine.messages import (
    AnyMessage,
    Lost,
    TaskAccepted,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
    WorkId,
)
from conductor_local.engine.nodes.map_run import MAP_RUN
from conductor_local.engine.state import ENDED, Execution, Head, Step
from conductor_local.engine.subtree import STOP_MAP_RUN
from conductor_local.errors import Fenced, Unavailable
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.mailbox import RETRY_S_FIRST, RETRY_S_MAX, Desk, Mailbox
from conductor_local.runtime.ports import UNWANTED, Clock, Deferred, Failed, FunctionRunner, Later, Store, Succeeded, TaskCall
from conductor_local.runtime.programs import Programs

CLAIM_MAX = 500  # rows taken at once
CACHE_MAX = 10_000  # executions kept in memory while nothing happens to them
POLL_S = 5.0  # how long work that another process put into the store can go unseen
STOP_S = 5.0  # how long commits in hand may take when the owner stops
RESUMED = frozenset({MAP_RUN, STOP_MAP_RUN})  # kinds of calls that never lose anything: the next process goes on with them
LOST_TASK = Failure(ErrorName.TASK_FAILED, "The process ended while this attempt was running, and lost tasks are set to fail.")

T = TypeVar("T")

log = logging.getLogger("conductor.worker")


@dataclass(slots=True)
class Tools:
    """What the owners of one process share. `committed` hears of every commit and how many seconds it took."""

    store: Store
    runner: FunctionRunner
    clock: Clock
    programs: Programs
    committed: Callable[[Step, float], None] = lambda step, seconds: None
    lost_tasks: Literal["rerun", "fail"] = "rerun"
    invocations_max: int = 1_000
    invocations: asyncio.Semaphore = field(init=False)
    calls: int = 0
    failures: int = 0
    store_errors: int = 0

    def __post_init__(self) -> None:
        self.invocations = asyncio.Semaphore(self.invocations_max)


class Owner:
    """One partition, owned by this process under one epoch."""

    def __init__(self, tools: Tools, partition: int) -> None:
        self.partition = partition
        self.epoch: int | None = None
        self.fenced = asyncio.Event()
        self._is_stopping = False
        self._is_draining = False
        self._is_unsure = True
        self._is_resting = False
        self._tools = tools
        self._desk: Desk | None = None
        self._mailboxes: OrderedDict[str, Mailbox] = OrderedDict()
        self._calls: dict[tuple[str, WorkId], asyncio.Task[None]] = {}
        self._elsewhere: set[tuple[str, WorkId]] = set()
        self._gone: set[tuple[str, WorkId]] = set()
        self._due: datetime | None = None
        self._nudged = False
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    # being an owner

    def start(self) -> None:
        """Begin to acquire and claim."""
        self._task = asyncio.create_task(self._run(), name=f"owner of partition {self.partition}")

    def drain(self) -> None:
        """Call no function any more; those that run go on, and so does everything else. The next owner makes the calls."""
        self._is_draining = True

    @property
    def is_drained(self) -> bool:
        """Whether no function is running here and nothing waits to be committed."""
        return not (self._calls.keys() - self._elsewhere or (self._desk and self._desk.tasks))

    async def stop(self) -> None:
        """Stop claiming, end running functions, let commits in hand finish."""
        self._is_stopping = True
        if self._task is not None:
            self._task.cancel()
        for call in list(self._calls.values()):
            call.cancel()
        await asyncio.gather(*([self._task] if self._task else []), *self._calls.values(), return_exceptions=True)
        if self._desk is not None:
            await self._finish(self._desk)
        self.epoch = None

    async def _finish(self, desk: Desk) -> None:
        desk.is_closing = True
        if desk.tasks:
            _, late = await asyncio.wait(desk.tasks, timeout=STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def doubt(self) -> None:
        """A request that may have given work to this owner went unanswered: acquire anew, so that the work is given out again."""
        self._is_unsure = True
        self.wake()

    def wake(self) -> None:
        """There may be new work in the store."""
        self._nudged = True
        self._woken.set()

    @property
    def is_fenced(self) -> bool:
        """Whether another process has acquired the partition."""
        return self.fenced.is_set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is running, in hand or about to be claimed."""
        is_busy = self._calls.keys() - self._elsewhere or self._nudged or (self._desk and self._desk.tasks)
        return self._is_resting and not is_busy and not self._is_due

    @property
    def _is_due(self) -> bool:
        return self._due is not None and self._due <= self._tools.clock.now()

    @property
    def running(self) -> int:
        """How many functions are being called."""
        return len(self._calls)

    @property
    def backlog(self) -> int:
        """How many messages wait to be committed."""
        return sum(mailbox.backlog for mailbox in self._mailboxes.values())

    async def _run(self) -> None:
        pause_s = RETRY_S_FIRST
        while True:
            try:
                if self._is_unsure:
                    await self._acquire()
                await self._claim_and_rest()
                pause_s = RETRY_S_FIRST
            except Fenced:
                self._give_up()
                return
            except Exception as error:
                self._is_unsure = True
                self._troubled()
                fault = None if isinstance(error, Unavailable) else error
                log.warning("partition %d: %s; trying again in %.1f s", self.partition, error, pause_s, exc_info=fault)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)

    async def _acquire(self) -> None:
        tools, desk = self._tools, self._desk
        if desk is not None and not desk.is_renewing:
            await tools.store.claim(self.partition, desk.epoch, tools.clock.now(), 0)  # Fenced: another process came first
            desk.is_renewing = True
        self._is_unsure = False
        epoch = await tools.store.acquire(self.partition)
        if desk is None:
            self._desk = Desk(
                tools.store,
                tools.programs,
                epoch,
                self._perform_step,
                tools.committed,
                quiet=self._forget_ended,
                fenced=self._give_up,
                troubled=self._troubled,
            )
        else:
            desk.epoch, desk.is_renewing = epoch, False
            desk.parked.clear()
        self.epoch = epoch

    def _troubled(self) -> None:
        self._tools.store_errors += 1

    async def _claim_and_rest(self) -> None:
        assert self.epoch is not None
        self._nudged = False
        self._due = None
        self._gone.clear()
        claimed = await self._tools.store.claim(self.partition, self.epoch, self._tools.clock.now(), CLAIM_MAX)
        for execution_id, work in claimed.work:
            if (execution_id, work.id) not in self._gone:
                self._perform(execution_id, work, is_reclaimed=True)
        self._gone.clear()
        self._expect(claimed.next_due_at)
        await self._rest()

    def _expect(self, due_at: datetime | None) -> None:
        """Note that there will be something to claim; commits may do so while a claim is under way."""
        if due_at is not None and (self._due is None or due_at < self._due):
            self._due = due_at
            self._woken.set()

    async def _rest(self) -> None:
        """Return when there may be something to claim: a nudge, the earliest due time, or something that nobody told us of."""
        clock = self._tools.clock
        while not self._nudged and not self._is_due:
            self._woken.clear()
            waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._woken.wait())]
            if self._due is not None:
                waits.append(asyncio.ensure_future(clock.sleep_until(self._due)))
            self._is_resting = True
            try:
                done, _ = await asyncio.wait(waits, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._is_resting = False
                for wait in waits:
                    wait.cancel()
            if not done:
                return

    def _give_up(self) -> None:
        if not self.is_fenced:
            log.error("partition %d now belongs to another process; this one stops working on it", self.partition)
        self.fenced.set()
        for task in (*self._calls.values(), *([self._task] if self._task else [])):
            task.cancel()

    # performing work

    def adopt(self, execution: Execution, work: Sequence[AnyWork]) -> None:
        """Take over an execution that was just created with work born claimed by this owner's epoch."""
        self._mailbox(execution.head.id, execution)
        for row in work:
            self._perform(execution.head.id, row, is_reclaimed=False)

    def _perform_step(self, execution: Execution, step: Step) -> None:
        execution_id = execution.head.id
        if not self._is_resting:  # a claim may be on its way that was answered before this commit
            self._gone.update((execution_id, work_id) for work_id in (*step.consumed, *step.cancelled))
        for work_id in step.cancelled:
            if call := self._calls.pop((execution_id, work_id), None):
                call.cancel(UNWANTED)
        for work in step.work:
            self._perform(execution_id, work, is_reclaimed=False)

    def _forget_ended(self, mailbox: Mailbox) -> None:
        if mailbox.execution is None or mailbox.execution.head.status in ENDED:
            self._mailboxes.pop(mailbox.id, None)

    def _perform(self, execution_id: str, work: AnyWork, *, is_reclaimed: bool) -> None:
        if self._is_stopping or self._has_in_hand(execution_id, work.id):
            return  # when stopping, the row stays; whoever acquires the partition next performs it
        if self._is_draining and isinstance(work, Invoke):
            return
        match work:
            case Deliver(message=message):
                self._put(execution_id, message, work.id)
            case Timer() if is_reclaimed:
                self._put(execution_id, TimerFired(at=self._tools.clock.now(), work_id=work.id), work.id)
            case Timer(due_at=due_at):
                self._expect(due_at)
            case Invoke(resource=resource) if is_reclaimed and self._tools.lost_tasks == "fail" and resource.kind not in RESUMED:
                self._put(execution_id, TaskFailed(at=self._tools.clock.now(), work_id=work.id, failure=LOST_TASK), work.id)
            case Invoke():
                call = asyncio.create_task(self._call(execution_id, work, is_reclaimed), name=f"call {execution_id} {work.node}")
                self._calls[execution_id, work.id] = call

    def _has_in_hand(self, execution_id: str, row: WorkId) -> bool:
        mailbox = self._mailboxes.get(execution_id)
        return (execution_id, row) in self._calls or (mailbox is not None and mailbox.holds(row))

    def _put(self, execution_id: str, message: AnyMessage, row: WorkId) -> None:
        if not self.is_fenced:
            self._mailbox(execution_id).put(message, row)

    def _mailbox(self, execution_id: str, execution: Execution | None = None) -> Mailbox:
        mailbox = self._mailboxes.get(execution_id)
        if mailbox is None:
            assert self._desk is not None
            mailbox = self._mailboxes[execution_id] = Mailbox(self._desk, execution_id, execution)
            self._trim()
        return mailbox

    def _trim(self) -> None:
        """Forget the executions that have been quiet longest; the store has them."""
        if len(self._mailboxes) > CACHE_MAX:
            oldest = next(iter(self._mailboxes))
            if self._mailboxes[oldest].is_busy:
                self._mailboxes.move_to_end(oldest)
            else:
                del self._mailboxes[oldest]

    async def _call(self, execution_id: str, invoke: Invoke, is_reclaimed: bool) -> None:
        """Call a function and hand its outcome to the mailbox. Cancelled, until then, when nobody waits for it any more."""
        message = None
        try:
            message = await self._outcome(execution_id, invoke, is_reclaimed)
        except Exception:  # noqa: BLE001 - a runner never raises for user code: this is a fault of ours, so park
            self._mailbox(execution_id).park(traceback.format_exc())
        finally:
            self._calls.pop((execution_id, invoke.id), None)
        if message is not None and not self.is_fenced:
            await self._mailbox(execution_id).take_in(message, invoke.id)

    async def _outcome(self, execution_id: str, invoke: Invoke, is_reclaimed: bool) -> AnyMessage | None:
        tools = self._tools
        head = await self._patiently(lambda: self._head(execution_id))
        if head is None:
            return None
        if is_reclaimed and await self._patiently(lambda: self._mailbox(execution_id).is_lost()):
            return Lost(at=tools.clock.now())
        call = TaskCall(execution_id=head.id, execution_name=head.name, definition_name=head.definition_name, invoke=invoke)
        async with tools.invocations:
            started_at = tools.clock.now()
            tools.calls += 1
            outcome = await tools.runner.run(call)
        if isinstance(outcome, Later):
            if outcome.submitted is not None:
                accepted = TaskAccepted(at=tools.clock.now(), work_id=invoke.id, output=outcome.submitted, started_at=started_at)
                self._put(execution_id, accepted, f"{invoke.id}-accepted")
            outcome = await self._end_of((execution_id, invoke.id), outcome)
        return self._message(invoke.id, outcome, started_at)

    async def _end_of(self, call: tuple[str, WorkId], begun: Later) -> Succeeded | Failed | Deferred:
        """Wait for what goes on elsewhere; meanwhile this call neither takes a place nor counts as being busy."""
        self._elsewhere.add(call)
        try:
            return await begun.end()
        finally:
            self._elsewhere.discard(call)

    async def _head(self, execution_id: str) -> Head | None:
        execution = await self._mailbox(execution_id).load()
        return None if execution is None else execution.head

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what the store says, however long it takes."""
        pause_s = RETRY_S_FIRST
        while True:
            try:
                return await ask()
            except Unavailable:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)

    def _message(self, work_id: WorkId, outcome: Succeeded | Failed | Deferred, started_at: datetime) -> AnyMessage:
        at = self._tools.clock.now()
        match outcome:
            case Succeeded(result=result, submitted=submitted, logs=logs):
                return TaskSucceeded(
                    at=at, work_id=work_id, result=result, started_at=started_at, submitted=submitted, logs=logs
                )  # fmt: skip
            case Failed(failure=failure, submitted=submitted, logs=logs):
                self._tools.failures += 1
                return TaskFailed(
                    at=at, work_id=work_id, failure=failure, started_at=started_at, submitted=submitted, logs=logs
                )  # fmt: skip
            case Deferred(output=output, worker=worker):
                return TaskSubmitted(at=at, work_id=work_id, output=output, started_at=started_at, worker=worker)
