"""A process put together: what it opens it closes, and what it was told is what it does."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from conductor_local.errors import SettingsError
from conductor_local.functions.registry import describe
from conductor_local.payload import Json
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import SAMPLE_ID, Runtime, open_runtime

from .rig import PATIENCE_S, call, plain, workflow

IN_MEMORY = Path(":memory:")


async def run(runtime: Runtime, id: str, payload: Json) -> str:
    """Run to the end and return the status."""
    started = await runtime.service.start(id, payload)
    return plain(await runtime.service.wait(started.instance_id)).status


async def test_the_sample_runs_without_losing_time_in_virtual_time() -> None:
    async with open_runtime(Settings(data=IN_MEMORY, time_scale=0), is_virtual=True) as runtime:
        assert await run(runtime, SAMPLE_ID, {"email": "a@b.c", "password": "x"}) == "COMPLETED"


async def test_the_sample_is_left_as_the_user_changed_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "conductor.db")
    async with open_runtime(settings) as runtime:
        await runtime.service.redefine(SAMPLE_ID, {"description": "mine"})
    async with open_runtime(settings) as runtime:
        assert (await runtime.service.definition(SAMPLE_ID)).document()["description"] == "mine"


async def test_there_is_no_sample_when_none_is_wanted() -> None:
    async with open_runtime(Settings(data=IN_MEMORY, sample=False)) as runtime:
        assert await runtime.service.definitions() == []


async def test_events_reach_the_file_and_the_file_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    settings = Settings(data=tmp_path / "conductor.db", sample=False, events_file=str(file))
    echo = describe(lambda payload: payload, name="echo")
    async with open_runtime(settings, functions=[echo]) as runtime:
        defined = await runtime.service.define(workflow(call("echo")))
        await run(runtime, defined.definition.id, {"x": 1})
    async with open_runtime(settings, functions=[echo]) as runtime:  # publishes what the first could not
        async with asyncio.timeout(PATIENCE_S):
            while (await runtime.service.statistics()).relay_lag:
                await asyncio.sleep(0.001)
    events = {(event := msgspec.json.decode(line))["id"]: event["type"] for line in file.read_bytes().splitlines()}
    assert list(events.values()) == ["WORKFLOW_STARTED", "STEP_STARTED", "STEP_COMPLETED", "WORKFLOW_COMPLETED"]


async def test_figures_tell_of_commits() -> None:
    async with open_runtime(Settings(data=IN_MEMORY, time_scale=0), is_virtual=True) as runtime:
        await run(runtime, SAMPLE_ID, {"email": "a@b.c", "password": "x"})
        figures = await runtime.service.statistics()
        assert (figures.started, figures.instances) == (1, {"COMPLETED": 1})
        assert figures.commits == 5
        assert figures.commit_seconds > 0


async def test_functions_are_loaded_again_and_the_old_ones_stay_when_that_fails(tmp_path: Path) -> None:
    file = tmp_path / "functions.py"
    file.write_text("def one(payload): return {'n': 1}\n")
    given = describe(lambda payload: 0, name="given")
    async with open_runtime(Settings(data=IN_MEMORY, sample=False, functions=(str(file),)), functions=[given]) as runtime:
        file.write_text("def two(payload): return {'n': 2}\n")
        runtime.reload_functions()
        names = {view.name for view in runtime.service.functions()}
        assert {"two", "given"} <= names
        assert "one" not in names
        file.write_text("def broken(:\n")
        with pytest.raises(SettingsError):
            runtime.reload_functions()
        assert {view.name for view in runtime.service.functions()} == names


async def test_a_function_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "functions.py"
    file.write_text("def one(payload): return 1\n")
    with pytest.raises(SettingsError, match="Two functions are called 'one'"):
        async with open_runtime(
            Settings(data=IN_MEMORY, functions=(str(file),)), functions=[describe(lambda payload: 1, name="one")]
        ):
            pass
