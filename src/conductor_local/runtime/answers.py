"""Answering the tasks that wait for it, and listing them. `tasks.py` reads tokens and answers, `inbox.py` the list."""

from conductor_local.engine.messages import Heartbeat, TaskFailed, TaskSucceeded
from conductor_local.program import Failure
from conductor_local.runtime.inbox import Inbox, TaskPage
from conductor_local.runtime.ports import Clock, Store
from conductor_local.runtime.post import Post
from conductor_local.runtime.programs import Programs
from conductor_local.runtime.tasks import json_text, open_task


class Answers:
    """The tasks of one store that wait for an answer: `ports.Callbacks`, and a list of them."""

    def __init__(self, store: Store, programs: Programs, clock: Clock, post: Post) -> None:
        self._store, self._clock, self._post = store, clock, post
        self._inbox = Inbox(store, programs)

    async def pending(self, cursor: str | None = None, limit: int = 50) -> TaskPage:
        """See `Inbox.page`."""
        return await self._inbox.page(cursor, limit)

    async def send_task_success(self, token: str, output: str) -> None:
        """End a task that waits for its callback with the JSON text `output`.

        Raises `InvalidRequest` (INVALID_TOKEN, INVALID_OUTPUT), `NotFound` (no such task), `Conflict` (nobody waits any more).
        """
        head, work_id = await open_task(self._store, token)
        await self._post.to(head, TaskSucceeded(at=self._clock.now(), work_id=work_id, result=json_text(output)))

    async def send_task_failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """End a task that waits for its callback as failed. Raises as `send_task_success` does."""
        head, work_id = await open_task(self._store, token)
        await self._post.to(head, TaskFailed(at=self._clock.now(), work_id=work_id, failure=Failure(error, cause)))

    async def send_task_heartbeat(self, token: str) -> None:
        """Say that somebody still works on a task. Raises as `send_task_success` does."""
        head, work_id = await open_task(self._store, token)
        await self._post.to(head, Heartbeat(at=self._clock.now(), work_id=work_id))
