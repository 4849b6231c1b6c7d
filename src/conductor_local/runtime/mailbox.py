"""One execution's messages: handled one batch at a time, each batch one commit.

Rules: at most one batch of an execution is in hand; nothing is performed before the commit that asked for it is durable; a fault of
ours parks the execution and loses nothing, because the messages' rows are still there.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from conductor_local.engine.advance import advance
from conductor_local.engine.messages import AnyMessage, WorkId
from conductor_local.engine.state import Execution, Status, Step
from conductor_local.errors import Conflict, DefinitionError, Fenced, Unavailable
from conductor_local.program import Program
from conductor_local.runtime.ports import Store
from conductor_local.runtime.programs import Programs

FOLD_MAX = 256  # messages in one commit
RETRY_S_FIRST, RETRY_S_MAX = 0.1, 5.0  # pauses while the store cannot answer

log = logging.getLogger("conductor.worker")


@dataclass(slots=True)
class Desk:
    """What all mailboxes of one partition share.

    `perform` is called after each commit with the execution and its step, `committed` with the step and the seconds it took,
    `quiet` when a mailbox has nothing more in hand, `fenced` when another process turned out to own the partition.
    """

    store: Store
    programs: Programs
    epoch: int
    perform: Callable[[Execution, Step], None]
    committed: Callable[[Step, float], None]
    quiet: "Callable[[Mailbox], None]"
    fenced: Callable[[], None]
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Mailbox:
    """The messages of one execution that wait to be handled, and the execution as last committed."""

    __slots__ = ("_desk", "_inbox", "_task", "execution", "id")

    def __init__(self, desk: Desk, execution_id: str, execution: Execution | None = None) -> None:
        self._desk = desk
        self.id = execution_id
        self._inbox: list[tuple[AnyMessage, WorkId]] = []
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

    def put(self, message: AnyMessage, row: WorkId) -> None:
        """Take in a message; `row` is the row of work that brought it and that its commit consumes."""
        self._inbox.append((message, row))
        if self._task is None:
            self._task = asyncio.create_task(self._drain(), name=f"mailbox {self.id}")
            self._desk.tasks.add(self._task)
            self._task.add_done_callback(self._desk.tasks.discard)

    async def load(self) -> Execution | None:
        """Return the execution, from the store when it is not at hand."""
        if self.execution is None:
            self.execution = await self._desk.store.load(self.id)
        return self.execution

    async def _drain(self) -> None:
        pause_s = RETRY_S_FIRST
        try:
            while self._inbox:
                batch = self._inbox[:FOLD_MAX]
                try:
                    await self._handle(batch)
                except Conflict:
                    self.execution = None  # somebody else wrote: read again, decide again
                    continue
                except Unavailable as error:
                    log.warning("execution %s: %s; trying again in %.1f s", self.id, error, pause_s)
                    self.execution = None
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, RETRY_S_MAX)
                    continue
                del self._inbox[: len(batch)]
                pause_s = RETRY_S_FIRST
        except Fenced:
            self._desk.fenced()
        finally:
            self._task = None
            self._desk.quiet(self)

    async def _handle(self, batch: list[tuple[AnyMessage, WorkId]]) -> None:
        execution = await self.load()
        if execution is None or execution.head.status is Status.SUSPENDED:
            return  # deleted with its rows, or parked with its rows
        step = await self._advance(execution, [message for message, _ in batch])
        if step is None:
            return
        step.consumed = [row for _, row in batch]
        began = perf_counter()
        await self._commit(execution, step)
        self._desk.committed(step, perf_counter() - began)
        execution.apply(step)
        self._desk.perform(execution, step)

    async def _advance(self, execution: Execution, messages: list[AnyMessage]) -> Step | None:
        """Call the kernel. Whatever it raises is a fault of ours, or of a definition this version no longer accepts: park."""
        try:
            digest = execution.head.definition
            program: Program = self._desk.programs.cached(digest) or await self._desk.programs.get(digest)
            return advance(program, execution, *messages)
        except (Unavailable, Fenced):
            raise
        except DefinitionError as error:
            reason = f"its definition no longer compiles: {error}"
        except Exception:  # noqa: BLE001 - the outermost place: park, never fail on the user's behalf
            reason = traceback.format_exc()
        log.error("execution %s is parked on a fault: %s", self.id, reason)
        await self._desk.store.suspend(self.id, self._desk.epoch, reason)
        self.execution = None
        return None

    async def _commit(self, execution: Execution, step: Step) -> None:
        """Commit, and find out whether a commit whose answer was lost has been done after all."""
        try:
            await self._desk.store.commit(step, epoch=self._desk.epoch)
        except Unavailable:
            stored = await self._desk.store.describe(self.id)
            if stored is None or stored.version != step.head.version:
                raise
