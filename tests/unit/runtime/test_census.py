"""Who is there, who owns what, and who is turned away: several processes on one store, on a clock moved by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from conductor_local.errors import SettingsError
from conductor_local.runtime.census import BEAT_S, FORGET_S, GONE_S, KIND, Census, ProcessView
from conductor_local.runtime.overview import Watchtower, owners
from conductor_local.stores.memory import MemoryStore

from .rig import PATIENCE_S, HandClock


class Place:
    """One store and one clock."""

    def __init__(self) -> None:
        self.store, self.clock = MemoryStore(), HandClock()
        self.forgotten: list[str] = []

    def census(self, id: str, **fields: Any) -> Census:
        view = {"host": id, "pid": 7, "version": "1", "started_at": id, "seen_at": "", "group": "g", "works": True, **fields}
        me = ProcessView(id=id, **view)

        async def describe() -> ProcessView:
            return me

        async def forgotten(process: str) -> None:
            self.forgotten.append(process)

        return Census(self.store, self.clock, describe, lambda: None, is_shared=True, forgotten=forgotten)

    @asynccontextmanager
    async def there(self, id: str, **fields: Any) -> AsyncIterator[Census]:
        """Keep a process alive."""
        census = self.census(id, **fields)
        running = asyncio.create_task(census.run())
        await self.pass_by(0)
        try:
            yield census
        finally:
            running.cancel()

    async def pass_by(self, seconds: float) -> None:
        """Let time pass in small steps, so that everybody can do what falls due."""
        for _ in range(int(seconds / 0.25) + 1):
            await self.clock.pass_by(0.25 if seconds else 0)
            for _ in range(10):
                await asyncio.sleep(0)


async def test_a_process_that_stands_still_is_gone_and_then_forgotten() -> None:
    place = Place()
    async with place.there("a") as a:
        async with place.there("b"):
            await place.pass_by(2 * BEAT_S)
            assert [(each.id, each.is_gone) for each in await a.processes()] == [("a", False), ("b", False)]
        await place.pass_by(GONE_S + BEAT_S)
        assert [(each.id, each.is_gone) for each in await a.processes()] == [("a", False), ("b", True)]
        await place.pass_by(FORGET_S)
        assert [each.id for each in await a.processes()] == ["a"]
        assert place.forgotten == ["b"]


async def test_who_leaves_is_not_there_any_more() -> None:
    place = Place()
    async with place.there("a") as a, place.there("b") as b:
        await b.leave()
        assert [each.id for each in await a.processes()] == ["a"]


async def test_who_was_forgotten_and_lives_is_there_again() -> None:
    place = Place()
    async with place.there("a"), place.there("b") as b:
        await place.store.delete_record(KIND, "a")
        await place.pass_by(2 * BEAT_S)
        assert [each.id for each in await b.processes()] == ["a", "b"]


@pytest.mark.parametrize(("mine", "theirs"), [("g", None), (None, "g"), (None, None), ("g", "other")])
async def test_who_cannot_share_is_turned_away_while_the_other_lives(mine: str | None, theirs: str | None) -> None:
    place = Place()
    async with place.there("a", group=theirs):
        asking = asyncio.create_task(place.census("b", group=mine).admit())
        await place.pass_by(2 * BEAT_S)
        with pytest.raises(SettingsError, match="Process 7 on a"):
            await asking
    asking = asyncio.create_task(place.census("b", group=mine).admit())
    await place.pass_by(2 * BEAT_S)
    async with asyncio.timeout(PATIENCE_S):
        await asking


async def test_who_shares_or_only_answers_is_let_in() -> None:
    place = Place()
    async with place.there("a"):
        await place.census("b").admit()
        await place.census("c", group=None, works=False).admit()


async def test_of_two_that_claim_a_partition_the_higher_epoch_owns_it() -> None:
    place = Place()
    async with place.there("a", partitions=[0, 1], epochs=[3, 9]), place.there("b", partitions=[0], epochs=[4]) as b:
        found = owners(await b.processes())
        assert {partition: process.id for partition, process in found.items()} == {0: "b", 1: "a"}
        overview = await Watchtower(place.store, b, 4, "b").overview({})
        assert msgspec.to_builtins(overview.partitions) == {"total": 4, "owned": 2, "unowned": [2, 3]}


async def test_what_is_missing_is_named() -> None:
    place = Place()
    async with place.there("a", partitions=[0], epochs=[1], functions=["f"]) as a, place.there("b"):
        tower = Watchtower(place.store, a, 2, "a")
        assert "1 of 2 partitions have no owner (1)" in (await tower.missing())["partitions"]
        assert (await tower.overview({})).functions_not_everywhere == {"f": ["b:7"]}
