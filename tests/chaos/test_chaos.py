"""Whatever is killed, stopped and restarted: what was acknowledged ends as it must, once, and everything of it is told.

`make chaos` runs it long. CONDUCTOR_CHAOS_SEED gives another order of faults.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from time import monotonic

import pytest
import redis
from scripts.services.daemon import Daemon
from tests.e2e import kill_workflow as workflow

from .clients import PAUSE_S_MAX, Clients, until_ended
from .deployment import Deployment
from .faults import Faults
from .truth import check_instances, check_store, check_topic

pytestmark = pytest.mark.e2e

IS_LONG = os.environ.get("CONDUCTOR_CHAOS") == "long"
SEED = int(os.environ.get("CONDUCTOR_CHAOS_SEED", "7"))
INSTANCES, FAULTS_S, BROKERS, STORES, QUIET_S = (2_000, 120.0, 4, 5, 120.0) if IS_LONG else (200, 16.0, 1, 1, 45.0)


@pytest.fixture
async def deployment(tmp_path: Path, mortal_redis: Daemon, mortal_kafka: Daemon) -> AsyncIterator[Deployment]:
    deployment = Deployment(tmp_path, mortal_redis, mortal_kafka)
    try:
        await deployment.open()
        yield deployment
    finally:
        await deployment.close()


async def test_everything_ends_once_and_is_told_whatever_dies(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    random, began = Random(SEED), monotonic()
    clients = Clients(deployment.url, [workflow.payload(n, random, PAUSE_S_MAX) for n in range(INSTANCES)])
    faults = Faults(deployment, random)
    async with asyncio.TaskGroup() as everything:
        everything.create_task(clients.start_all(FAULTS_S * 0.9, Random(SEED)))
        everything.create_task(faults.reign(FAULTS_S, brokers=BROKERS, stores=STORES))
    calm = monotonic()
    try:
        await until_ended(deployment.url, QUIET_S)
    except TimeoutError:
        pytest.fail(f"instances are still under way {QUIET_S:.0f} s after the last fault\n{deployment.logs()}")
    ended = monotonic()
    expected = await check_instances(clients)
    await asyncio.sleep(2)  # the relays' last batch
    repeated = check_topic(deployment.kafka.address, expected)
    with redis.Redis(port=deployment.redis.port) as kept:
        check_store(kept, INSTANCES)
    calls = deployment.calls()
    assert len(calls) == sum(map(workflow.attempts, clients.payloads)), "an attempt of a function was left out or made up"
    assert await deployment.stop() == [0] * 4
    for log in deployment.folder.glob("*.log"):
        assert "Traceback" not in log.read_text(), log.read_text()
    events = sum(map(len, expected.values()))
    with capsys.disabled():
        print(
            f"\nchaos, seed {SEED}: {INSTANCES} instances, {INSTANCES / (ended - began):.0f} a second, the last "
            f"{ended - calm:.1f} s after the last fault; {', '.join(f'{count} {name}' for name, count in faults.counts.items())}; "
            f"hand-overs {' '.join(f'{took:.1f}' for took in faults.hand_overs)} s; "
            f"{clients.requests - INSTANCES} triggers repeated; {calls.total() - len(calls)} of {len(calls)} calls repeated; "
            f"{repeated} of {events} events twice on the topic"
        )
