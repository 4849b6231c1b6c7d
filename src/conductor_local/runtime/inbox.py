"""The tasks that wait for an answer from outside, across all executions: a page at a time, newest executions first.

Rules: a task is shown once its call was accepted; that of an activity as soon as it can be taken. A cursor names the last task
shown, by its frame and its execution, so that tasks that are answered meanwhile shift nothing. A page looks at `LOOKED_MAX`
executions at most: it may hold fewer tasks than were asked for, or none, and there are more as long as it has a cursor.
"""

import msgspec

from conductor_local.engine.events import TaskScheduled
from conductor_local.engine.messages import encode_token
from conductor_local.engine.nodes.task import TAKEN as ACTIVITY
from conductor_local.engine.state import Execution, Frame, Head, Status, TaskMemo
from conductor_local.errors import DefinitionError, InvalidRequest
from conductor_local.masking import mask
from conductor_local.payload import Json, Payload
from conductor_local.program import Program, Resource, Task
from conductor_local.runtime.cursors import cursor_behind
from conductor_local.runtime.ports import Query, Store
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.tasks import in_flight
from conductor_local.runtime.views import timestamp

LOOKED_MAX = 500
"""Executions that one page looks at: each costs a read."""
FRAME_LAST = 2**53 - 1
"""Stands in a cursor for all frames of its execution."""
_READ_MAX = 500  # events read at once
Waiting = tuple[Frame, TaskMemo, Resource]


class PendingTask(msgspec.Struct, kw_only=True, rename="camel"):
    """A task that waits for an answer. `kind` is `callback` or `activity`; `taken` says of the latter whether a worker has it.

    `resource` is what the task calls, `input` what it was given.
    """

    token: str
    instance_id: str
    workflow_definition_id: str
    workflow_name: str
    step_id: str
    kind: str
    resource: str
    asked_at: str
    input: Json
    taken: bool | msgspec.UnsetType = msgspec.UNSET


class TaskPage(msgspec.Struct, kw_only=True):
    """One page of tasks; `cursor` is absent on the last one."""

    items: list[PendingTask]
    cursor: str | msgspec.UnsetType = msgspec.UNSET


class Inbox:
    """What waits in one store."""

    def __init__(self, store: Store, programs: Programs) -> None:
        self._store, self._programs = store, programs

    async def page(self, cursor: str | None = None, limit: int = 50) -> TaskPage:
        """Return up to `limit` tasks behind `cursor`. Raises `InvalidRequest` for a cursor that no page gave."""
        frame, behind = _place(cursor)
        shown = TaskPage(items=[])
        if behind is not None:
            await self._show(shown, _id_in(behind), limit, above=frame)
        query = Query(statuses=frozenset({Status.RUNNING}), cursor=behind, limit=LOOKED_MAX)
        if len(shown.items) < limit:
            page = await self._store.list(query)
            for head in page.heads:
                if len(shown.items) < limit:
                    await self._show(shown, head.id, limit)
            if page.cursor is not None and len(shown.items) < limit:
                shown.cursor = f"{FRAME_LAST}:{page.cursor}"
        return shown

    async def _show(self, shown: TaskPage, id: str, limit: int, *, above: int = -1) -> None:
        """Add the tasks that wait in frames of an execution above one; where the page is full, set its cursor."""
        execution = await self._store.load(id)
        waiting = [] if execution is None else await self._waiting(execution)
        waiting = [each for each in waiting if each[0].id > above][: limit - len(shown.items)]
        if execution is None or not waiting:
            return
        inputs = await self._inputs(execution, {frame.id for frame, _, _ in waiting})
        shown.items += [_view(execution.head, *each, inputs.get(each[0].id)) for each in waiting]
        if len(shown.items) == limit:
            shown.cursor = _cursor(execution.head, waiting[-1][0].id)

    async def _waiting(self, execution: Execution) -> list[Waiting]:
        """Return the tasks that somebody outside can answer, by frame."""
        found = in_flight(execution)
        if not found:
            return []
        try:
            program = await self._programs.get(execution.head.definition)
        except DefinitionError:  # this version cannot run it, and says so where it is suspended
            return []
        resources = [(frame, memo, _resource(program, frame)) for frame, memo in found]
        return [each for each in resources if each[1].submitted or each[2].kind == ACTIVITY]

    async def _inputs(self, execution: Execution, frames: set[int]) -> dict[int, Payload]:
        """Return what the tasks in these frames were given: as their latest `TaskScheduled` tells, which is near the end."""
        found: dict[int, Payload] = {}
        before = execution.head.next_seq
        while before > 1 and found.keys() != frames:
            after = max(before - 1 - _READ_MAX, 0)
            for event in reversed(await self._store.events(execution.head.id, after, before - 1 - after)):
                if isinstance(event, TaskScheduled) and event.frame in frames:
                    found.setdefault(event.frame, event.arguments)
            before = after + 1
        return found


def _view(head: Head, frame: Frame, memo: TaskMemo, resource: Resource, input: Payload | None) -> PendingTask:
    shown = PendingTask(
        token=encode_token(head.id, memo.work_id), instance_id=head.id, workflow_definition_id=head.definition_id,
        workflow_name=head.definition_name, step_id=frame.node, kind=ACTIVITY if resource.kind == ACTIVITY else "callback",
        resource=resource.name, asked_at=timestamp(memo.asked_at or head.at), input=None if input is None else mask(input.value),
    )  # fmt: skip
    if resource.kind == ACTIVITY:
        shown.taken = memo.submitted
    return shown


def _resource(program: Program, frame: Frame) -> Resource:
    node = program.body_at(frame.path).nodes[frame.node]
    assert isinstance(node, Task)
    return node.resource


def _cursor(head: Head, frame: int) -> str:
    return f"{frame}:{cursor_behind(head)}"


def _place(cursor: str | None) -> tuple[int, str | None]:
    """Return the last frame shown and the listing's cursor behind its execution."""
    if cursor is None:
        return FRAME_LAST, None
    frame, _, behind = cursor.partition(":")
    if not (frame.isascii() and frame.isdigit() and len(frame) <= 16 and _id_in(behind)):
        raise InvalidRequest("cursor: this is not a cursor that a page gave.", pointer="query/cursor", code="INVALID_CURSOR")
    return int(frame), behind


def _id_in(cursor: str) -> str:
    return cursor.partition(":")[2]
