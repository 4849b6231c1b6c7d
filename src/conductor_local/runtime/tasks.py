"""Tasks that are answered from outside: what their tokens lead to, which are waiting, what an answer may hold."""

import msgspec

from conductor_local.engine.messages import WorkId, decode_token, encode_token
from conductor_local.engine.state import ENDED, OPEN, Execution, Head, TaskMemo
from conductor_local.errors import Conflict, InvalidRequest, NotFound
from conductor_local.payload import Payload, json_fault
from conductor_local.runtime.ports import PendingTask, Store


async def open_task(store: Store, token: str) -> tuple[Head, WorkId]:
    """Return execution and work that a token leads to.

    Raises `InvalidRequest` for what is no token, `NotFound` when there is no such task, `Conflict` when nobody waits any more.
    """
    named = decode_token(token)
    if named is None:
        raise InvalidRequest("This is not a task token; send the one that the task was given.", code="INVALID_TOKEN")
    execution = await store.load(named[0])
    if execution is None:
        raise NotFound("There is no task with this token.")
    if named[1] not in _in_flight(execution):
        raise Conflict("Nobody waits for an answer with this token any more: the task has ended or run out of time.")
    return execution.head, named[1]


def pending(execution: Execution) -> list[PendingTask]:
    """Return the tasks of an execution whose call was accepted and that wait for a callback."""
    id = execution.head.id
    return [
        PendingTask(token=encode_token(id, work_id), execution_id=id, node=node, asked_at=memo.asked_at)
        for work_id, (node, memo) in _in_flight(execution).items()
        if memo.submitted
    ]


def json_text(text: str) -> Payload:
    """Check a JSON text; it is kept as it stands."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidRequest(f"The output of a task is a JSON text, and this is none: {error}.", code="INVALID_OUTPUT") from None
    if fault := json_fault(value):
        raise InvalidRequest(f"The output of a task is not usable: {fault[1]}, at '{fault[0] or '/'}'.", code="INVALID_OUTPUT")
    return Payload.from_encoded(text.encode())


def _in_flight(execution: Execution) -> dict[WorkId, tuple[str, TaskMemo]]:
    """Return the tasks in flight: node and memo by work."""
    open_frames = (frame for frame in execution.frames.values() if frame.status in OPEN)
    if execution.head.status in ENDED:
        return {}
    return {frame.memo.work_id: (frame.node, frame.memo) for frame in open_frames if isinstance(frame.memo, TaskMemo)}
