"""One execution's messages: handled one batch at a time, each batch one commit.

Rules: at most one batch of an execution is in hand; nothing is performed before the commit that asked for it is durable; a row of
work is taken in once; a fault of ours parks the execution and loses nothing, because the messages' rows are still there. The next
owner tries a parked execution again, perhaps as a newer version of Conductor. An execution that may run at most once and was begun
by another owner is ended, whatever message comes for it.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter

import msgspec

from conductor_local.engine.advance import advance
from conductor_local.engine.messages import AnyMessage, Lost, WorkId
from conductor_local.engine.state import ENDED, Execution, Status, Step
from conductor_local.errors import Conflict, DefinitionError, Fenced, NotFound, Unavailable
from conductor_local.runtime.ports import Store
from conductor_local.runtime.programs import Programs

FOLD_MAX = 256  # messages in one commit
RETRY_S_FIRST, RETRY_S_MAX = 0.1, 5.0  # pauses while the store cannot answer
_UNDER_WAY = frozenset({Status.RUNNING, Status.SUSPENDED})

log = logging.getLogger("conductor.worker")


@dataclass(slots=True)
class Desk:
    """What all mailboxes of one partition share.

    `perform` is called after each commit with the execution and its step, `committed` with the step and the seconds it took,
    `quiet` when a mailbox has nothing more in hand, `fenced` when another process turned out to own the partition, `troubled` when
    the store could not answer. While `is_renewing` the owner raises its own epoch, so that a refused commit says nothing about
    other processes; when `is_closing` nobody waits for a store that is away. `parked` are the executions that met a fault under
    this epoch, `begun` those under way that this owner began and that may run at most once.
    """

    store: Store
    programs: Programs
    epoch: int
    perform: Callable[[Execution, Step], None]
    committed: Callable[[Step, float], None]
    quiet: "Callable[[Mailbox], None]"
    fenced: Callable[[], None]
    troubled: Callable[[], None] = lambda: None
    is_renewing: bool = False
    is_closing: bool = False
    parked: set[str] = field(default_factory=set)
    begun: set[str] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Mailbox:
    """The messages of one execution that wait to be handled, and the execution as last committed."""

    __slots__ = ("_desk", "_fault", "_inbox", "_task", "execution", "id")

    def __init__(self, desk: Desk, execution_id: str, execution: Execution | None = None) -> None:
        self._desk = desk
        self.id = execution_id
        self._inbox: dict[WorkId, AnyMessage] = {}
        self._fault: str | None = None
        self._task: asyncio.Task[None] | None = None
        self.execution = execution

    @property
    def is_busy(self) -> bool:
        """Whether messages are waiting or in hand."""
        return self._task is not None

    @property
    def backlog(self) -> int:
        """How many messages wait."""
        return len(self._inbox)

    def holds(self, row: WorkId) -> bool:
        """Whether the message that a row of work brought is waiting or in hand."""
        return row in self._inbox

    def put(self, message: AnyMessage, row: WorkId) -> None:
        """Take in a message; `row` is the row of work that brought it and that its commit consumes. Once a row."""
        self._inbox.setdefault(row, message)
        self._work_on()

    def park(self, fault: str) -> None:
        """Something of ours failed outside of the kernel: set the execution aside with all its rows."""
        self._fault = fault
        self._work_on()

    async def take_in(self, message: AnyMessage, row: WorkId) -> None:
        """Like `put`, but when nobody is at work here, do it in the caller's own task: a task less for every call of a function."""
        self._inbox.setdefault(row, message)
        if self._task is None:
            self._begin(asyncio.current_task())
            await self._drain()

    def _work_on(self) -> None:
        if self._task is None:
            self._begin(asyncio.create_task(self._drain(), name=f"mailbox {self.id}"))

    def _begin(self, task: asyncio.Task[None] | None) -> None:
        assert task is not None
        self._task = task
        self._desk.tasks.add(task)
        task.add_done_callback(self._desk.tasks.discard)

    async def load(self) -> Execution | None:
        """Return the execution, from the store when it is not at hand."""
        if self.execution is None:
            loaded = await self._desk.store.load(self.id)
            if self.execution is None:  # several may ask at once: what another one loaded has perhaps gone on since
                self.execution = loaded
        return self.execution

    async def is_lost(self) -> bool:
        """Whether the execution may run at most once and somebody before this owner began it. Raises `Unavailable`."""
        execution = await self.load()
        return execution is not None and self._is_strange(execution) and await self._is_at_most_once(execution)

    def _is_strange(self, execution: Execution) -> bool:
        return execution.head.status in _UNDER_WAY and self.id not in self._desk.begun

    async def _is_at_most_once(self, execution: Execution) -> bool:
        return await self._desk.programs.is_at_most_once(execution.head.definition)

    async def _drain(self) -> None:
        pause_s = RETRY_S_FIRST
        try:
            while self._inbox or self._fault is not None:
                if await self._is_done(self._fault):
                    pause_s = RETRY_S_FIRST
                    continue
                if self._desk.is_closing:
                    return
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)
        except Fenced:
            self._desk.fenced()
        finally:
            self._task = None
            self._desk.quiet(self)

    async def _is_done(self, fault: str | None) -> bool:
        """Do the next thing there is to do; False when it has to be tried again after a pause. Raises `Fenced`."""
        epoch = self._desk.epoch
        try:
            await (self._handle_batch() if fault is None else self._park(fault))
            return True
        except Conflict:
            self.execution = None  # somebody else wrote: read again, decide again
            return True
        except Unavailable as error:
            self._desk.troubled()
            log.warning("execution %s: %s; trying again", self.id, error)
        except Fenced:
            if not self._desk.is_renewing and epoch == self._desk.epoch:
                raise
        except DefinitionError as error:
            self._fault = f"its definition no longer compiles: {error}"
        except Exception:  # noqa: BLE001 - the outermost place: park, never fail on the user's behalf
            self._set_aside(fault, traceback.format_exc())
        self.execution = None
        return self._fault is not fault

    def _set_aside(self, earlier: str | None, fault: str) -> None:
        """Park; or, when it was parking that failed, leave the rows to the next owner."""
        if earlier is None:
            self._fault = fault
            return
        log.error("execution %s cannot be parked: %s", self.id, fault)
        self._fault = None
        self._inbox.clear()

    async def _handle_batch(self) -> None:
        batch = dict(islice(self._inbox.items(), FOLD_MAX))
        await self._handle(batch)
        for row in batch:
            del self._inbox[row]

    async def _handle(self, batch: dict[WorkId, AnyMessage]) -> None:
        execution = await self.load()
        if execution is None or self.id in self._desk.parked:
            return  # deleted with its rows, or parked with its rows
        if execution.head.status is Status.SUSPENDED:
            execution = self.execution = _revived(execution)
        digest = execution.head.definition
        program = self._desk.programs.cached(digest) or await self._desk.programs.get(digest)
        is_at_most_once = await self._is_at_most_once(execution)
        messages = list(batch.values())
        if is_at_most_once and self._is_strange(execution):
            messages = [Lost(at=message.at) for message in messages]
        step = advance(program, execution, *messages)
        step.consumed = list(batch)
        began = perf_counter()
        await self._commit(step)
        self._desk.committed(step, perf_counter() - began)
        execution.apply(step)
        if is_at_most_once:
            self._note(execution.head.status in ENDED)
        self._desk.perform(execution, step)

    def _note(self, has_ended: bool) -> None:
        """Remember what this owner has under way and must not take for another's."""
        (self._desk.begun.discard if has_ended else self._desk.begun.add)(self.id)

    async def _commit(self, step: Step) -> None:
        """Commit, and find out whether a commit whose answer was lost has been done after all."""
        try:
            await self._desk.store.commit(step, epoch=self._desk.epoch)
        except Unavailable:
            if not await self._is_stored(step):
                raise

    async def _is_stored(self, step: Step) -> bool:
        """Whether a step is in the store, however long the store takes to say: only then may it be performed, and then it must."""
        pause_s = RETRY_S_FIRST
        while True:
            try:
                head = await self._desk.store.describe(self.id)
                return head is not None and (head.version, head.next_seq, head.at) == (
                    step.head.version, step.head.next_seq, step.head.at
                )  # fmt: skip
            except Unavailable:
                if self._desk.is_closing:
                    raise
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)

    async def _park(self, fault: str) -> None:
        """Set the execution aside; one that has ended stays ended, and what was asked of it waits for the next owner."""
        log.error("execution %s is parked on a fault: %s", self.id, fault)
        execution = await self.load()
        if execution is not None and execution.head.status not in ENDED:
            with suppress(NotFound):  # deleted meanwhile
                await self._desk.store.suspend(self.id, self._desk.epoch, fault)
            self._desk.parked.add(self.id)
        self._desk.begun.discard(self.id)
        self._fault = None
        self._inbox.clear()
        self.execution = None


def _revived(execution: Execution) -> Execution:
    """Give a parked execution as it was before, to try it again."""
    status = Status.PENDING if execution.head.next_seq == 1 else Status.RUNNING
    return Execution(msgspec.structs.replace(execution.head, status=status, suspension=None), execution.frames)
