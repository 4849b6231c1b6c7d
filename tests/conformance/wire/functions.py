"""Local functions that do what the handlers of recorded Lambda functions did."""

from collections.abc import Callable, Mapping
from typing import Any

from conductor_local.functions.registry import Function, describe

Json = Any
BEHAVIOURS: Mapping[str, Callable[[Json], Json]] = {
    "identity: returns its event unchanged": lambda event: event,
    'payload is the JSON string "HelloWorld!"': lambda event: "HelloWorld!",
}


def functions_of(behaviours: Mapping[str, str]) -> list[Function]:
    """Return the functions by name, as far as their behaviour is known here; others are missing, as a case that calls one shows."""
    return [describe(BEHAVIOURS[told], name=name) for name, told in behaviours.items() if told in BEHAVIOURS]
