"""Tasks that are answered from outside: what their tokens lead to, and what an answer may hold. `inbox.py` lists them."""

import msgspec

from conductor_local.engine.messages import WorkId, decode_token
from conductor_local.engine.state import ENDED, OPEN, Execution, Frame, Head, TaskMemo
from conductor_local.errors import Conflict, InvalidRequest, NotFound
from conductor_local.payload import Payload, json_fault
from conductor_local.runtime.ports import Store


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
    if all(memo.work_id != named[1] for _, memo in in_flight(execution)):
        raise Conflict("Nobody waits for an answer with this token any more: the task has ended or run out of time.")
    return execution.head, named[1]


def json_text(text: str) -> Payload:
    """Check a JSON text; it is kept as it stands."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise InvalidRequest(f"The output of a task is a JSON text, and this is none: {error}.", code="INVALID_OUTPUT") from None
    if fault := json_fault(value):
        raise InvalidRequest(f"The output of a task is not usable: {fault[1]}, at '{fault[0] or '/'}'.", code="INVALID_OUTPUT")
    return Payload.from_encoded(text.encode())


def in_flight(execution: Execution) -> list[tuple[Frame, TaskMemo]]:
    """Return the tasks in flight, by frame."""
    if execution.head.status in ENDED:
        return []
    waiting = sorted((frame for frame in execution.frames.values() if frame.status in OPEN), key=lambda frame: frame.id)
    return [(frame, frame.memo) for frame in waiting if isinstance(frame.memo, TaskMemo)]
