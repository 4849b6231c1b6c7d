"""What a task asks of the store is asked until the store can answer: a store that is away is no failure of the workflow.

And what it has begun elsewhere is not left alone when the step that wanted it is over before the answer came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from conductor_local.errors import Unavailable
from conductor_local.runtime.ports import UNWANTED

PAUSE_S_FIRST, PAUSE_S_MAX = 0.1, 5.0
Given = TypeVar("Given")


async def patiently(ask: Callable[[], Awaitable[Given]]) -> Given:
    """Return what `ask` gives, however long the store takes; `ask` must do no harm when it is asked twice."""
    pause_s = PAUSE_S_FIRST
    while True:
        try:
            return await ask()
        except Unavailable:
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_S_MAX)


async def unless_unwanted(beginning: Coroutine[Any, Any, Given], undo: Callable[[Given], Awaitable[None]]) -> Given:
    """Return what `beginning` gives. When it is no longer wanted meanwhile, `undo` what it has given; then raise."""
    task = asyncio.ensure_future(beginning)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError as cancelled:
        if UNWANTED not in cancelled.args:
            task.cancel()
            raise
        with suppress(Exception):
            await undo(await task)
        raise
