"""What the function steps of the benchmarks call."""

from typing import Any

from conductor_local.functions import function


@function(name="echo")
async def echo(payload: dict[str, Any]) -> dict[str, Any]:
    """Give back what came."""
    return payload


@function(name="echoSync")
def echo_sync(payload: dict[str, Any]) -> dict[str, Any]:
    """Give back what came, from a thread."""
    return payload
