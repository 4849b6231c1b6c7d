"""The functions that are registered now, and how to load them anew."""

import asyncio
from collections.abc import Sequence

from conductor_local.functions import Registry, load
from conductor_local.functions.builtin import builtin_functions
from conductor_local.functions.lambda_context import with_lambda_context
from conductor_local.functions.python import PythonRunner
from conductor_local.functions.registry import Function
from conductor_local.runtime.clock import SystemClock
from conductor_local.runtime.ports import Clock
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.views import FunctionView


class Shelf:
    """Holds a registry; `given` are functions beside those of the settings. `clock` may be replaced before anything runs."""

    def __init__(self, settings: Settings, given: Sequence[Function]) -> None:
        self._settings = settings
        self._given = given
        self.clock: Clock = SystemClock()
        self.registry = Registry()
        self.load()
        self.runner = PythonRunner(lambda: self.registry, threads=settings.function_threads, now=lambda: self.clock.now())

    def views(self) -> list[FunctionView]:
        """Return what people see of the functions, by name."""
        return [self.runner.figures.shown(view) for view in self.registry.views()]

    def load(self) -> None:
        """Load the function files again; when it raises, the old functions stay."""
        builtin = builtin_functions(self._settings.time_scale, now=lambda: self.clock.now(), sleep=asyncio.sleep)
        registry = load(self._settings.functions, builtin=builtin)
        for function in self._given:
            registry.add(function)
        self.registry = with_lambda_context(registry)
