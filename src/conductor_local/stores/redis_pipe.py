"""A line of requests to Redis: those that come while others are under way go together, batch after batch, in the order of asking.

So one round trip serves whatever is asked at one time, and the busier it is the more. What was answered is answered; what was not,
because the connection broke or the server cannot just now, is sent again until its patience ends. That is safe because every script
recognises a request it has carried out before. A request that must go out `once` is given up instead when it may have been done.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from conductor_local.errors import ConductorError
from conductor_local.stores.redis_faults import MISSING, Broken, Refused
from conductor_local.stores.redis_group import GroupAnswers, grouped
from conductor_local.stores.redis_link import Answer, Argument, Command, Link
from conductor_local.stores.redis_scripts import Script, script, scripts

BATCH_MAX = 512  # requests sent in one go
RETRY_S_FIRST, RETRY_S_MAX = 0.05, 1.0


@dataclass(slots=True)
class Request:
    """One command and who waits for its answer; `deadline` is an instant of the loop's clock."""

    command: Command
    future: asyncio.Future[Answer]
    deadline: float
    once: bool = False
    refused: Refused | None = None

    def fail(self, fault: ConductorError) -> None:
        """Tell the caller, if there still is one."""
        if not self.future.done():
            self.future.set_exception(fault)


class Pipe:
    """Takes requests from coroutines of one loop; `patience_s` bounds how long one is tried. `is_grouping`: see `redis_group`."""

    def __init__(self, link: Link, *, patience_s: float) -> None:
        self.is_grouping = False
        self._link = link
        self._patience_s = patience_s
        self._waiting: list[Request] = []
        self._flushing: asyncio.Task[None] | None = None

    async def ask(self, *command: Argument, once: bool = False) -> Answer:
        """Return what Redis answers. Raises `Unavailable`; a caller that is cancelled cannot know whether it was done."""
        return await self._submit(command, once=once)

    async def run(self, name: str, keys: Sequence[str], arguments: Sequence[Argument] = (), *, once: bool = False) -> Answer:
        """Run a script and return what it returns. Raises as `ask`."""
        return await self._submit(_call(script(name), keys, arguments), once=once)

    async def ask_all(self, commands: Sequence[Command]) -> list[Answer]:
        """Return the answers to several commands."""
        return list(await asyncio.gather(*[self._submit(command) for command in commands]))

    async def run_all(self, name: str, calls: Sequence[tuple[Sequence[str], Sequence[Argument]]]) -> list[Answer]:
        """Run a script several times, each with keys and arguments of its own."""
        return await self.ask_all([_call(script(name), keys, arguments) for keys, arguments in calls])

    async def close(self) -> None:
        """Finish what waits, then let the connection go."""
        if self._flushing is not None:
            await asyncio.gather(self._flushing, return_exceptions=True)
        await self._link.drop()

    def _submit(self, command: Command, *, once: bool = False) -> asyncio.Future[Answer]:
        loop = asyncio.get_running_loop()
        request = Request(command, loop.create_future(), loop.time() + self._patience_s, once)
        self._waiting.append(request)
        if self._flushing is None:
            self._flushing = loop.create_task(self._flush())
        return request.future

    async def _flush(self) -> None:
        batch: list[Request] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
                await self._settle(batch)
        except BaseException:
            for request in (*batch, *self._waiting):
                request.future.cancel()
            self._waiting = []
            raise
        finally:
            self._flushing = None

    async def _settle(self, batch: list[Request]) -> None:
        """Send a batch until each of its requests is answered or given up."""
        pause_s = RETRY_S_FIRST
        while batch:
            fault = await self._try(batch)
            batch = [request for request in batch if not request.future.done()]
            if fault is None or not batch:
                continue
            now = asyncio.get_running_loop().time()
            for request in batch:
                if request.deadline <= now + pause_s:
                    why = fault if isinstance(fault, Broken) else request.refused or fault
                    request.fail(_why(why, self._link.place))
            batch = [request for request in batch if not request.future.done()]
            if batch:
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)

    async def _try(self, batch: Sequence[Request]) -> Broken | Refused | None:
        """Send a batch once. What may be sent again stays open; return why, or None when it may be sent at once."""
        faults: list[Refused] = []

        def heard(index: int, answer: Answer) -> None:
            request = batch[index]
            if not isinstance(answer, Refused):
                if not request.future.done():
                    request.future.set_result(answer)
            elif answer.passes or answer.code == MISSING:
                request.refused = answer
                faults.append(answer)
            else:
                request.fail(answer.explain(self._link.place))

        commands = [request.command for request in batch]
        try:
            if self.is_grouping and len(batch) > 1:
                await self._link.exchange(grouped(commands), GroupAnswers(len(batch), heard, self._link.refused))
            else:
                await self._link.exchange(commands, heard)
        except (Broken, Refused) as error:
            self._give_up(batch, error)
            return error
        return await self._recover(faults)

    async def _recover(self, faults: Sequence[Refused]) -> Broken | Refused | None:
        passing = next((fault for fault in faults if fault.passes), None)
        if passing is not None:
            await self._link.drop()  # the address may lead elsewhere by now
            return passing
        if faults:
            try:
                await self.load()
            except (Broken, Refused) as error:
                return error
        return None

    async def load(self) -> None:
        """Give the server all scripts. Raises `Broken`, `Refused`."""
        answers: list[Answer] = []
        commands = [("SCRIPT", "LOAD", each.text) for each in scripts()]
        await self._link.exchange(commands, lambda _, answer: answers.append(answer))
        for answer in answers:
            if isinstance(answer, Refused):
                raise answer

    def _give_up(self, batch: Sequence[Request], error: Broken | Refused) -> None:
        """Fail what waiting cannot help."""
        lasts = not error.passes if isinstance(error, Refused) else error.is_foreign
        for request in batch:
            if lasts or (request.once and isinstance(error, Broken) and error.was_connected):
                request.fail(_why(error, self._link.place))


def _call(made: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Command:
    return ("EVALSHA", made.digest, len(keys), *keys, *arguments)


def _why(fault: Broken | Refused, place: str) -> ConductorError:
    error = fault.explain(place)
    error.__cause__ = fault
    return error
