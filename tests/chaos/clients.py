"""Clients that start instances and insist on an answer, each with an idempotency key of its own."""

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
from tests.e2e import kill_workflow as workflow

PAUSE_S_MAX = 8.0
AT_ONCE = 20


@dataclass
class Clients:
    """`ids` are the instances that were acknowledged, by number."""

    url: str
    payloads: list[dict[str, Any]]
    ids: dict[int, str] = field(default_factory=dict)
    requests: int = 0

    async def start_all(self, within_s: float, random: Random) -> None:
        """Start all instances, spread over so many seconds."""
        places = asyncio.Semaphore(AT_ONCE)
        async with httpx.AsyncClient(timeout=15) as client, asyncio.TaskGroup() as starting:
            for number in range(len(self.payloads)):
                starting.create_task(self._start(client, number, random.uniform(0, within_s), places))

    async def _start(self, client: httpx.AsyncClient, number: int, after_s: float, places: asyncio.Semaphore) -> None:
        await asyncio.sleep(after_s)
        while number not in self.ids:
            async with places:
                await self._ask(client, number)
            if number not in self.ids:
                await asyncio.sleep(0.5)

    async def _ask(self, client: httpx.AsyncClient, number: int) -> None:
        self.requests += 1
        url, key = f"{self.url}/workflows/{workflow.name_of(number)}/trigger", {"Idempotency-Key": f"order-{number}"}
        try:
            answer = await client.post(url, json={"payload": self.payloads[number]}, headers=key)
        except httpx.TransportError:
            return
        assert answer.status_code in (202, 503), answer.text
        if answer.status_code == 202:
            self.ids[number] = answer.json()["instanceId"]


async def until_ended(url: str, within_s: float) -> None:
    """Return once no instance is under way."""
    async with httpx.AsyncClient(timeout=15) as client, asyncio.timeout(within_s):
        while True:
            answer = await client.get(f"{url}/workflows/instances?status=PENDING,RUNNING&limit=1")
            if answer.status_code == 200 and not answer.json()["items"]:
                return
            await asyncio.sleep(0.2)
