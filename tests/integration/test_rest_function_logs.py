"""What functions say while they run: kept with the attempt, shown in the engine view; and how their calls went."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.rest_server import Json, Server, serving

from conductor_local.functions.context import Context
from conductor_local.functions.registry import describe

LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:"


def says(event: Any, context: Context) -> int:
    context.logger.info("order %s", event["n"])
    print("printed", event["n"])
    logging.getLogger("mine").warning("password=%s", "hunter2")
    return int(event["n"]) * 2


async def fails(event: Any, context: Context) -> None:
    await asyncio.sleep(0)
    try:
        raise ValueError("no card")
    except ValueError:
        context.logger.exception("attempt %d", context.attempt)
    raise RuntimeError("gave up")


async def silent(event: Any) -> int:
    return 1


def chatters(event: Any) -> None:
    for number in range(300):
        print("line", number)


def roars(event: Any) -> None:
    print("é" * 100_000)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    functions = [describe(each, name=each.__name__) for each in (says, fails, silent, chatters, roars)]
    async with serving(*functions) as server:
        yield server


def machine(function: str, **fields: Any) -> Json:
    return {
        "name": function,
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Resource": LAMBDA + function, "End": True, **fields}},
    }


async def logs(server: Server, id: str) -> list[list[Json] | None]:
    ends = [event for event in await server.events(id) if event["type"] in ("TaskSucceeded", "TaskFailed")]
    return [event.get("logs") for event in ends]


async def test_logger_print_and_logging_are_kept_in_order_with_secrets_masked(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    id = (await server.run(machine("says"), {"n": 21}))["instanceId"]
    [lines] = await logs(server, id)
    assert lines is not None
    assert [(line["level"], line["message"]) for line in lines] == [
        ("INFO", "order 21"), ("PRINT", "printed 21"), ("WARNING", "password=***")
    ]  # fmt: skip
    assert all(line["at"].endswith("Z") for line in lines)
    assert "printed 21" in capsys.readouterr().out


async def test_the_steps_language_keeps_them_too(server: Server) -> None:
    step = {"type": "function", "functionName": "says"}
    id = (await server.run({"name": "Steps", "startAt": "a", "steps": {"a": step}}, {"n": 1}))["instanceId"]
    [lines] = await logs(server, id)
    assert lines is not None
    assert len(lines) == 3


async def test_every_attempt_has_its_own_and_an_exception_its_traceback(server: Server) -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    id = (await server.run(machine("fails", Retry=retry)))["instanceId"]
    first, second = await logs(server, id)
    assert first is not None
    assert second is not None
    assert [lines[0]["message"].splitlines()[0] for lines in (first, second)] == ["attempt 1", "attempt 2"]
    assert first[0]["message"].endswith("ValueError: no card")


async def test_calls_at_once_do_not_mix(server: Server) -> None:
    ids = [await server.start(machine("says"), {"n": number}) for number in range(20)]
    for number, id in enumerate(ids):
        await server.ended(id)
        [lines] = await logs(server, id)
        assert lines is not None
        assert [line["message"] for line in lines[:2]] == [f"order {number}", f"printed {number}"]


async def test_they_are_there_after_a_restart(tmp_path: Path) -> None:
    functions = [describe(each, name=each.__name__) for each in (says, chatters)]
    async with serving(*functions, data=tmp_path / "c.db") as server:
        ids = [(await server.run(machine(name), {"n": 1}))["instanceId"] for name in ("says", "chatters")]
        before = [await logs(server, id) for id in ids]
    async with serving(*functions, data=tmp_path / "c.db") as server:
        assert [await logs(server, id) for id in ids] == before
    assert [len(lines or ()) for [lines] in before] == [3, 201]


async def test_who_says_nothing_has_no_logs(server: Server) -> None:
    assert await logs(server, (await server.run(machine("silent")))["instanceId"]) == [None]


async def test_lines_beyond_the_limit_are_counted(server: Server) -> None:
    [lines] = await logs(server, (await server.run(machine("chatters")))["instanceId"])
    assert lines is not None
    assert (len(lines), lines[199]["message"]) == (201, "line 199")
    assert (lines[200]["level"], lines[200]["message"]) == ("CUT", "100 more lines were not kept.")


async def test_a_line_beyond_the_limit_is_cut(server: Server) -> None:
    [lines] = await logs(server, (await server.run(machine("roars")))["instanceId"])
    assert lines is not None
    assert len(lines[0]["message"].encode()) < 16_500
    assert lines[0]["message"].endswith("… (cut)")


async def test_the_list_of_functions_says_how_their_calls_went(server: Server) -> None:
    await server.run(machine("silent"))
    await server.run(machine("fails"))
    found = {one["name"]: one for one in await server.get("/workflows/functions")}
    assert {name: (found[name]["calls"], found[name]["failures"]) for name in ("silent", "fails", "says")} == {
        "silent": (1, 0), "fails": (1, 1), "says": (0, 0)
    }  # fmt: skip
    assert found["silent"]["running"] == 0
    assert 0 < found["silent"]["meanSeconds"] == found["silent"]["p95Seconds"] < 5
    assert found["silent"]["lastCalledAt"].endswith("Z")
    assert "lastCalledAt" not in found["says"]
