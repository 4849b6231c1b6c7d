"""What a task asks of the store is asked until the store can answer: a store that is away is no failure of the workflow."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from conductor_local.errors import Unavailable

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
