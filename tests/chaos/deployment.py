"""Three workers and an API on one Redis and one Kafka, and what an observer can see of them in Redis."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from contextlib import suppress
from pathlib import Path
from time import monotonic

import redis
from scripts.services.daemon import Daemon
from tests.e2e import kill_workflow as workflow
from tests.services.topics import new_topic

PARTITIONS = 16
WORKERS = 3
START_S = 30.0
PREFIX = "conductor"
ROOT = Path(__file__).parents[2]


class Deployment:
    """All processes; `workers` by number. Whoever ends one outside of `kill` and `start` confuses it."""

    def __init__(self, folder: Path, kept: Daemon, broker: Daemon) -> None:
        self.folder, self.redis, self.kafka = folder, kept, broker
        self.workers: dict[int, Process] = {}
        self.url = ""
        self._api: Process | None = None
        self._observer = redis.Redis(port=kept.port, socket_timeout=2)

    async def open(self) -> None:
        """Start everything; return when requests are answered and every partition has an owner."""
        workflow.write(self.folder)
        new_topic(self.kafka.address, partitions=PARTITIONS, name="workflow_step_triggers")
        new_topic(self.kafka.address, partitions=6, name="workflow_events")
        await self._start_api()
        await asyncio.gather(*map(self.start, range(WORKERS)))
        until = monotonic() + START_S
        while len(self.owners()) < PARTITIONS:
            assert monotonic() < until, f"only {sorted(self.owners())} have owners:\n{self.logs()}"
            await asyncio.sleep(0.1)

    async def _start_api(self) -> None:
        arguments = [
            "serve",
            "-o",
            "json",
            "--port",
            "0",
            "--definitions",
            "workflow.json",
            "--definitions",
            "kill-machine.asl.json",
        ]
        with (self.folder / "api.log").open("ab") as log:
            self._api = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "conductor_local", *arguments, "--functions", "functions.py", "--no-sample",
                cwd=self.folder, env=self._environment(CONDUCTOR_WORKS="false"), stdout=PIPE, stderr=log,
            )  # fmt: skip
        assert self._api.stdout is not None
        async with asyncio.timeout(START_S):
            while line := await self._api.stdout.readline():
                told = json.loads(line)
                if told["type"] == "LISTENING":
                    self.url = str(told["url"])
                    return
        raise AssertionError(f"the API ended before it listened:\n{self.logs()}")

    async def start(self, number: int) -> None:
        """Start a worker; it works as soon as it has been given partitions."""
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            self.workers[number] = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "conductor_local", "worker", "--wait", "--functions", "functions.py", cwd=self.folder,
                env=self._environment(), stdin=DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    async def kill(self, number: int) -> None:
        """End a worker with SIGKILL."""
        worker = self.workers.pop(number)
        with suppress(ProcessLookupError):
            worker.kill()
        await worker.wait()

    def send(self, number: int, what: signal.Signals) -> None:
        """Send a signal to a worker."""
        self.workers[number].send_signal(what)

    async def close(self) -> None:
        """End everything that still runs."""
        for number in list(self.workers):
            await self.kill(number)
        if self._api is not None and self._api.returncode is None:
            self._api.kill()
            await self._api.communicate()
        self._observer.close()

    async def stop(self) -> list[int]:
        """Ask all processes to end (SIGTERM); return their exit codes."""
        assert self._api is not None
        processes = [*self.workers.values(), self._api]
        self.workers.clear()
        for process in processes:
            process.terminate()
        async with asyncio.timeout(START_S):
            return [await process.wait() for process in processes]

    def owners(self) -> dict[int, str]:
        """Return, by partition, a name of the process that acquired it last. Raises `redis.RedisError`."""
        with self._observer.pipeline(transaction=False) as asking:
            for partition in range(PARTITIONS):
                asking.hget(f"{PREFIX}:{{p{partition}}}:state", "owner")
            tokens = asking.execute()
        return {partition: token.decode().partition(".")[0] for partition, token in enumerate(tokens) if token}

    def calls(self) -> Counter[str]:
        """How often each call of a function was made, by idempotency key."""
        log = self.folder / "calls.log"
        return Counter(log.read_text().split() if log.exists() else [])

    def logs(self) -> str:
        """Return what all processes wrote."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text()[-3_000:]}" for log in sorted(self.folder.glob("*.log")) if log.stem != "calls"
        )

    def _environment(self, **more: str) -> dict[str, str]:
        return {
            **os.environ, "PYTHONPATH": str(ROOT), "REDIS_URL": f"redis://{self.redis.address}", "KAFKA_BROKER": self.kafka.address,
            "CONDUCTOR_PARTITIONS": str(PARTITIONS), "CONDUCTOR_TIME_SCALE": "0", **more,
        }  # fmt: skip
