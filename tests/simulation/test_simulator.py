"""The simulator finds nothing in production code, and finds every bug that is planted for it."""

import asyncio
from collections import Counter
from itertools import count
from typing import Any

import msgspec
import pytest

from conductor_local.runtime import worker
from conductor_local.runtime.ports import Created
from conductor_local.testing.faults import Rates
from conductor_local.testing.interception import Call, Forward, Intercept
from conductor_local.testing.simulator import main, say_failed, simulate

pytestmark = pytest.mark.simulation

SEEDS, CHUNK = 240, 20
QUIET = Rates()


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_every_acknowledged_start_ends_once_as_it_must(first: int) -> None:
    for seed in range(first, first + CHUNK):
        report = simulate(seed)
        replay = f"python -m conductor_local.testing.simulator --seed {seed}"
        assert not report.problems, f"{replay}\n" + "\n".join(report.problems[:10])


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_seed_gives_the_same_run_again(store: str) -> None:
    assert simulate(5, store=store) == simulate(5, store=store)


def test_another_seed_gives_another_run() -> None:
    assert simulate(5).digest != simulate(6).digest


def found(plant: Intercept, *, rates: Rates = QUIET, seeds: int = 30) -> str:
    """Return all problems of the first seed in which a planted bug shows."""
    for seed in range(seeds):
        if problems := simulate(seed, store="memory", rates=rates, plant=plant).problems:
            assert not simulate(seed, store="memory", rates=rates).problems, "without the bug the seed must be clean"
            return "\n".join(problems)
    return ""


def test_a_store_that_loses_a_row_of_work_is_found() -> None:
    numbers = count(1)

    async def lose_work(call: Call, forward: Forward) -> Any:
        if call.operation == "commit" and call.arguments["step"].work and next(numbers) % 5 == 0:
            step = call.arguments["step"]
            return await forward(step=msgspec.structs.replace(step, work=step.work[:-1]))
        return await forward()

    assert "has not ended" in found(lose_work)


def test_a_store_that_answers_before_it_has_committed_is_found() -> None:
    later: set[asyncio.Task[Any]] = set()

    async def answer_early(call: Call, forward: Forward) -> Any:
        if call.operation != "commit":
            return await forward()

        async def commit() -> None:
            await asyncio.sleep(0.5)
            await forward()

        later.add(asyncio.create_task(commit()))
        return None

    assert "committed after" in found(answer_early)


def test_a_store_that_forgets_a_start_it_acknowledged_is_found() -> None:
    async def forget(call: Call, forward: Forward) -> Any:
        if call.operation == "create" and call.arguments["execution"].head.seed % 7 == 0:
            return Created(head=call.arguments["execution"].head, is_new=True)
        return await forward()

    assert "acknowledged, and created" in found(forget)


def test_a_store_without_a_fence_is_found() -> None:
    latest: dict[int, int] = {}

    async def no_fence(call: Call, forward: Forward) -> Any:
        given = call.arguments
        if call.operation == "acquire":
            latest[given["partition"]] = await forward()
            return latest[given["partition"]]
        if call.operation in {"commit", "claim"}:
            return await forward(epoch=latest[given["step"].head.partition if "step" in given else given["partition"]])
        return await forward()

    assert "when a later owner had acquired" in found(no_fence)


def test_a_store_that_does_not_free_work_for_a_new_owner_is_found() -> None:
    async def keep_claimed(call: Call, forward: Forward) -> Any:
        if call.operation == "claim" and call.arguments["epoch"] > 1:
            claimed = await forward()
            kept = [pair for pair in claimed.work if type(pair[1]).__name__ != "Invoke"]
            return msgspec.structs.replace(claimed, work=kept)
        return await forward()

    assert "has not ended" in found(keep_claimed)


def test_a_store_that_loses_events_is_found() -> None:
    async def lose_events(call: Call, forward: Forward) -> Any:
        if call.operation == "commit" and call.arguments["step"].head.version == 2:
            return await forward(step=msgspec.structs.replace(call.arguments["step"], events=call.arguments["step"].events[1:]))
        return await forward()

    assert "seq is not dense" in found(lose_events)


def test_a_store_that_keeps_the_work_of_a_partition_that_moves_is_found() -> None:
    async def keep_claimed(call: Call, forward: Forward) -> Any:
        if call.operation == "claim" and call.arguments["partition"] > 0 and call.arguments["epoch"] > 1:
            claimed = await forward()
            kept = [pair for pair in claimed.work if type(pair[1]).__name__ != "Invoke"]
            return msgspec.structs.replace(claimed, work=kept)
        return await forward()

    assert "has not ended" in found(keep_claimed)


def test_a_sink_with_one_cursor_for_all_partitions_is_found() -> None:
    async def one_cursor(call: Call, forward: Forward) -> Any:
        return await forward(partition=0) if call.operation in {"cursor", "save_cursor"} else await forward()

    assert "events were published" in found(one_cursor, rates=Rates(slow=0.2))


def test_a_store_that_applies_a_commit_twice_when_its_answer_is_lost_is_found() -> None:
    numbers = count(1)

    async def apply_twice(call: Call, forward: Forward) -> Any:
        answer = await forward()
        if call.operation == "commit" and next(numbers) % 20 == 0:
            step = call.arguments["step"]
            again = msgspec.structs.replace(step.head, version=step.head.version + 1)
            await forward(step=msgspec.structs.replace(step, head=again))
        return answer

    assert "was committed after" in found(apply_twice)


def test_a_store_that_gives_two_owners_of_a_partition_one_epoch_is_found() -> None:
    async def shared_epoch(call: Call, forward: Forward) -> Any:
        epoch = await forward()
        return min(epoch, 2) if call.operation == "acquire" else epoch

    assert "was given after" in found(shared_epoch)


def test_a_worker_that_leaves_its_partition_to_a_late_process_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LATE_S", 1e9)
    shown = next(seed for seed in range(60) if "has not ended" in str(simulate(seed, store="memory", rates=QUIET).problems))
    monkeypatch.undo()
    assert not simulate(shown, store="memory", rates=QUIET).problems


def test_the_seeds_have_every_kind_of_unrest_in_them() -> None:
    reports = [simulate(seed, store="memory") for seed in range(60)]
    assert {report.partitions for report in reports} == {1, 2, 3, 5}
    happened = sum((report.counts for report in reports), Counter[str]())
    kinds = ("fenced", "commit sent again", "redriven", "stopped", "moved", "given back", "misled")
    assert min(happened[kind] for kind in kinds) >= 10


def test_a_failed_seed_is_told_with_the_command_that_replays_it(capsys: pytest.CaptureFixture[str]) -> None:
    report = msgspec.structs.replace(simulate(2), problems=["it is lost"])
    say_failed(report, "memory")
    assert capsys.readouterr().out.splitlines() == [
        "seed 2: it is lost",
        "  replay: python -m conductor_local.testing.simulator --seed 2 --store memory",
    ]


def test_the_command_sums_up_many_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "3"]) == 0
    assert "3 seeds" in capsys.readouterr().out


def test_the_command_shows_one_seed_in_detail(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "2", "--store", "memory"]) == 0
    assert "seed 2 on memory" in capsys.readouterr().out
