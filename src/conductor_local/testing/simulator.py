"""The crash simulator: production code, random workflows, seeded faults, virtual time.

    python -m conductor_local.testing.simulator --seeds 2000        # many runs
    python -m conductor_local.testing.simulator --seed 17           # one run again, in every detail

One run: some definitions, in either language; tens of clients that start instances of them, asking again with the same idempotency
key until they have an answer, some of whom cancel and redrive them; processes that share one to five partitions, die, stand still,
are replaced or gain and lose partitions, and hear of it late or not at all (`unrest.py`). Then the faults end, and what was
acknowledged must come to its end without further help. What must hold is checked at the end (`verdict.py`), and by the `Ledger` on
the way: every acknowledged start ended exactly once as the plain evaluators say, and once more for every redrive; events are dense
and in order, and all were published; no answer of a function was taken twice; functions were called only for what was durable; no
owner committed after a later one had acquired; no work is left; every item of a map run was one execution, and none of them
outlives its run.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from conductor_local.engine.state import ENDED
from conductor_local.errors import Conflict, Unavailable
from conductor_local.payload import Json
from conductor_local.runtime.ports import Store
from conductor_local.testing.faults import Rates, own_tasks
from conductor_local.testing.interception import Intercept
from conductor_local.testing.machines import draw_machine, evaluate_machine
from conductor_local.testing.processes import ConnectionLost, Process, World
from conductor_local.testing.programs import draw_definition, draw_payload, evaluate
from conductor_local.testing.simloop import run, sim_loop
from conductor_local.testing.unrest import Unrest
from conductor_local.testing.verdict import Start, check

PARTITIONS = (1, 1, 2, 3, 5)
CHAOS_S = 40.0
CALM_S_MAX = 7_200.0
CALM_STEP_S = 20.0
SETTLE_S = 30.0
SQLITE_EVERY = 10
SHOWN_MAX = 5


class Report(msgspec.Struct, kw_only=True):
    """What one seed did. `digest` covers all events of all instances: two runs of a seed must have the same."""

    seed: int
    store: str
    instances: int
    partitions: int
    processes: int
    counts: Counter[str]
    problems: list[str]
    digest: str

    @property
    def crashes(self) -> int:
        """How often a process died inside a call of the store."""
        return sum(count for name, count in self.counts.items() if name.startswith("crash"))


def simulate(seed: int, *, store: str | None = None, rates: Rates | None = None, plant: Intercept | None = None) -> Report:
    """Run one seed. `store` is "memory" or "sqlite", `rates` what faults there are (both drawn from the seed when not given)."""
    random = Random(seed)  # noqa: S311 - a simulation wants it predictable
    kind = store or ("sqlite" if seed % SQLITE_EVERY == SQLITE_EVERY - 1 else "memory")
    drawn = rates or Rates.draw(random)
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        if kind == "memory":
            return run(lambda: _Simulation(seed, drawn, None, plant).report(), seed=seed)
        with TemporaryDirectory(prefix="conductor-sim-") as folder:
            return run(lambda: _Simulation(seed, drawn, Path(folder), plant).report(), seed=seed)
    finally:
        logging.disable(disabled)


class _Simulation:
    """One run."""

    def __init__(self, seed: int, rates: Rates, folder: Path | None, plant: Intercept | None) -> None:
        loop = sim_loop()
        own_tasks(loop)
        loop.set_exception_handler(lambda loop, context: None)
        self._seed, self._rates, self._kind = seed, rates, "memory" if folder is None else "sqlite"
        self._random = loop.random
        self._world = World(loop, Rates(), folder, plant, partitions=self._random.choice(PARTITIONS))
        self._starts: list[Start] = []
        self._definitions: list[dict[str, Json]] = []

    async def report(self) -> Report:
        """Run to the end and say what was found."""
        world, problems = self._world, self._world.ledger.problems
        for _ in range(1 if world.cluster.partitions == 1 else self._random.randrange(2, 5)):
            await world.start()
        await self._define(world.alive[0])
        clients = self._random.randrange(5, 25)
        await self._chaos(clients)
        await self._calm(clients)
        if len(self._starts) != clients:
            problems.append(f"{clients - len(self._starts)} clients never got an answer")
        digest = await check(world, self._starts, clients)
        await world.close()
        return Report(
            seed=self._seed, store=self._kind, instances=clients, partitions=world.cluster.partitions,
            processes=len(world.processes), counts=world.ledger.counts, problems=problems, digest=digest,
        )  # fmt: skip

    async def _define(self, process: Process) -> None:
        for number in range(self._random.randrange(1, 4)):
            draw = self._random.choice([draw_definition, draw_machine])
            definition = draw(self._random, f"workflow {number}")
            self._definitions.append(definition)
            await process.ask(lambda service, definition=definition: service.define(definition))  # type: ignore[misc]

    async def _chaos(self, clients: int) -> None:
        for name in Rates.__struct_fields__:
            setattr(self._world.rates, name, getattr(self._rates, name))
        self._clients = [asyncio.create_task(self._client(number), name=f"client {number}") for number in range(clients)]
        await Unrest(self._world).reign(CHAOS_S)

    async def _calm(self, clients: int) -> None:
        """End all faults and wait until everything has ended."""
        world = self._world
        for name in Rates.__struct_fields__:
            if name != "slow_s_max":
                setattr(world.rates, name, 0.0)
        await Unrest(world).end()
        store = await world.open_store()
        end = world.loop.time() + CALM_S_MAX
        while world.loop.time() < end:
            await asyncio.sleep(CALM_STEP_S)
            if len(self._starts) == clients and all([await _has_ended(store, start.instance_id) for start in self._starts]):
                break
        for client in self._clients:
            client.cancel()
        await asyncio.sleep(SETTLE_S)

    # --- clients ---------------------------------------------------------------------------------------------------------------

    async def _client(self, number: int) -> None:
        """Start one instance, for certain; sometimes cancel it again, sometimes redrive what ended badly."""
        random = self._random
        definition, payload = random.choice(self._definitions), draw_payload(random)
        will_cancel, will_redrive = random.random() < 0.15, random.random() < 0.3
        await asyncio.sleep(random.uniform(0, CHAOS_S * 0.8))
        started = await self._insist(lambda service: service.start(definition["name"], payload, name=f"key {number}"))
        expected = evaluate_machine(definition, payload) if "States" in definition else evaluate(definition, payload)
        start = Start(started.instance_id, expected, will_cancel, will_redrive)
        if will_cancel:
            await asyncio.sleep(random.uniform(0, 10))
            await self._insist(lambda service: service.cancel(started.instance_id))
        if will_redrive and (will_cancel or expected.failure is not None):
            await asyncio.sleep(random.uniform(0, 20))
            await self._insist(lambda service: service.redrive(started.instance_id))
        self._starts.append(start)

    async def _insist(self, request: Callable[[Any], Any]) -> Any:
        """Ask again until there is an answer, each time whichever process is at hand."""
        while True:
            try:
                return await self._random.choice(self._world.alive).ask(request, patience_s=self._random.choice([0.05, 20.0]))
            except Conflict:
                return None
            except (Unavailable, ConnectionLost, IndexError):
                await asyncio.sleep(self._random.uniform(0.01, 2))


async def _has_ended(store: Store, instance_id: str) -> bool:
    head = await store.describe(instance_id)
    return head is not None and head.status in ENDED


# --- the command ------------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run many seeds, or one in detail; return 1 when something was found."""
    parser = argparse.ArgumentParser(
        prog="python -m conductor_local.testing.simulator", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--seeds", type=int, default=300, help="how many seeds, from 0 (or from --from)")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="run only this seed and say everything about it")
    parser.add_argument("--store", choices=["memory", "sqlite"], help="the store (default: SQLite for every tenth seed)")
    given = parser.parse_args(arguments)
    if given.seed is not None:
        return _one(given.seed, given.store)
    return _many(range(given.first, given.first + given.seeds), given.store)


def _one(seed: int, store: str | None) -> int:
    report = simulate(seed, store=store)
    _say(
        f"seed {seed} on {report.store}: {report.instances} instances, {report.partitions} partitions, {report.processes} processes"
    )
    for name, count in sorted(report.counts.items()):
        _say(f"  {name}: {count}")
    for problem in report.problems:
        _say(f"PROBLEM {problem}")
    return 1 if report.problems else 0


def _many(seeds: range, store: str | None) -> int:
    began = time.perf_counter()
    totals: Counter[str] = Counter()
    failed = 0
    for done, seed in enumerate(seeds, start=1):
        report = simulate(seed, store=store)
        totals.update(seeds=1, instances=report.instances, processes=report.processes, crashes=report.crashes)
        totals.update({name: report.counts[name] for name in ("commits", "calls", "conflict", "fenced")})
        if report.problems:
            failed += 1
            say_failed(report, store)
        if done % 100 == 0:
            _say(f"{done} of {len(seeds)} seeds, {done / (time.perf_counter() - began):.0f} a second, {failed} failed")
    _say(", ".join(f"{count:,} {name}" for name, count in totals.items()) + f"; {failed} seeds failed")
    return 1 if failed else 0


def say_failed(report: Report, store: str | None) -> None:
    """Say what was found and how to see it again."""
    for problem in report.problems[:SHOWN_MAX]:
        _say(f"seed {report.seed}: {problem}")
    if len(report.problems) > SHOWN_MAX:
        _say(f"seed {report.seed}: and {len(report.problems) - SHOWN_MAX} more")
    option = f" --store {store}" if store else ""
    _say(f"  replay: python -m conductor_local.testing.simulator --seed {report.seed}{option}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
