"""How a process that serves is set up: the interpreter's collector and its threads.

Measured in one session, ten async function steps in process with 50 callers: rarer collections, together with values that the
collector need not visit, gave about a fifth more runs a second; the switch interval between nothing and a sixth, by how busy the
machine was.
"""

import gc
import sys

COLLECT_AFTER = 50_000
"""New containers before a collection. The kernel's values form no cycles; what does is rare: tasks and tracebacks."""
SWITCH_S = 0.001
"""How long the event loop may keep the interpreter lock from the thread that commits; five times shorter than CPython's own."""


def tune_interpreter() -> None:
    """Set a process up to serve; call it once what is imported at the start has been imported."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)
    sys.setswitchinterval(SWITCH_S)
