"""The one place where whatever user code raises is caught.

Rules: SystemExit, KeyboardInterrupt and any other BaseException out of user code are values here, so that no function can end the
server; only the cancellation of our own task goes through.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from conductor_local.program import Failure


@dataclass(frozen=True, slots=True)
class Raised:
    """User code ended with `error`."""

    error: BaseException


class Refused(Exception):
    """A payload or a result cannot be passed on; `failure` says why. Raised by us inside the guard."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.cause)
        self.failure = failure


def attempt(action: Callable[..., Any], *arguments: Any) -> Any | Raised:
    """Call user code: return what it returns or what it raised."""
    try:
        return action(*arguments)
    except BaseException as error:  # noqa: BLE001 - user code may raise anything and must not end a thread or the server
        return Raised(error)


async def attempt_async(awaitable: Awaitable[Any]) -> Any | Raised:
    """Await user code: return what it returns or what it raised. Raises CancelledError when this very task is being cancelled."""
    try:
        return await awaitable
    except BaseException as error:  # as above; SystemExit would end the loop
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            if isinstance(error, asyncio.CancelledError):
                raise
            raise asyncio.CancelledError from error
        return Raised(error)
