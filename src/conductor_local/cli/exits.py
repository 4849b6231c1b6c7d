"""What the exit codes of `conductor` mean. The table from errors to these codes is in `faults.py`."""

DONE = 0
FAILED = 1
USAGE = 2
TIMED_OUT = 3
CANCELLED = 4
UNAVAILABLE = 5
NOT_FOUND = 6
CONFLICT = 7
BUG = 70

MEANINGS = {
    DONE: "done; with run, --wait or --watch: the workflow completed",
    FAILED: "the workflow, or the demo, failed",
    USAGE: "wrong usage, settings, payload or definition",
    TIMED_OUT: "the workflow timed out",
    CANCELLED: "the workflow was cancelled, or you pressed Ctrl-C",
    UNAVAILABLE: "no server there, or it cannot answer now",
    NOT_FOUND: "no definition or instance of that name",
    CONFLICT: "contradicts what is already there",
    BUG: "a bug in Conductor",
}

OF_STATUS = {"COMPLETED": DONE, "FAILED": FAILED, "TIMED_OUT": TIMED_OUT, "CANCELLED": CANCELLED}
"""The code a command that waited for an instance ends with, by the contract's status word."""
