"""What was begun is not left alone when nobody wants it any more."""

import asyncio

import pytest

from conductor_local.functions.executions_patience import unless_unwanted
from conductor_local.runtime.ports import UNWANTED


class Service:
    """Begins things slowly, and hears which are to be stopped."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.stopped: list[str] = []

    async def begin(self) -> str:
        self.begun.set()
        await self.go_on.wait()
        return "job"

    async def stop(self, job: str) -> None:
        self.stopped.append(job)


async def test_a_beginning_gives_what_it_gives() -> None:
    service = Service()
    service.go_on.set()
    assert await unless_unwanted(service.begin(), service.stop) == "job"
    assert service.stopped == []


@pytest.mark.parametrize(("reason", "stopped"), [(UNWANTED, ["job"]), ("the process ends", [])])
async def test_what_began_meanwhile_is_stopped_only_when_it_is_unwanted(reason: str, stopped: list[str]) -> None:
    service = Service()
    task = asyncio.create_task(unless_unwanted(service.begin(), service.stop))
    await service.begun.wait()
    task.cancel(reason)
    await asyncio.sleep(0)
    service.go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert service.stopped == stopped
