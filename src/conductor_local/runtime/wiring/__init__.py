"""Puts a process together: the only place that knows the concrete adapters.

`adapters.py` picks store, bus and sinks by the settings, `calls.py` what answers the calls of tasks, `shelf.py` keeps the functions
that are registered now, and `process.py` connects all of it.
"""

from conductor_local.runtime.wiring.adapters import IN_MEMORY
from conductor_local.runtime.wiring.calls import MakeApi
from conductor_local.runtime.wiring.process import SAMPLE_ID, Runtime, open_runtime

__all__ = ["IN_MEMORY", "SAMPLE_ID", "MakeApi", "Runtime", "open_runtime"]
