"""Local functions that do what the handlers of recorded Lambda functions did."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from conductor_local.functions.registry import Function, describe

Json = Any


async def _slow(event: Json) -> Json:
    await asyncio.sleep(60)
    return event


BEHAVIOURS: Mapping[str, Callable[[Json], Json]] = {
    "identity: returns its event unchanged": lambda event: event,
    "sleeps 60 seconds, then returns its event": _slow,
    'payload is the JSON string "HelloWorld!"': lambda event: "HelloWorld!",
}


def functions_of(behaviours: Mapping[str, str]) -> list[Function]:
    """Return the functions by name, as far as their behaviour is known here; others are missing, as a case that calls one shows."""
    return [describe(BEHAVIOURS[told], name=name) for name, told in behaviours.items() if told in BEHAVIOURS]
