"""`python -m benchmarks`: run the workloads, print the table, write `results.json` beside this file."""

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import sys
from typing import Any

import uvloop
from scripts.services.daemon import ServiceError

from benchmarks.figures import Figure, table
from benchmarks.kernel import kernel_figures
from benchmarks.options import Options
from benchmarks.profile import profile
from benchmarks.server import HERE
from benchmarks.workloads import WORKLOADS


def main() -> int:
    arguments = argparse.ArgumentParser(prog="benchmarks", description="Measure Conductor beside a bare probe, in one run.")
    arguments.add_argument("--quick", action="store_true", help="fewer rounds, smaller loads: a look, not a result")
    arguments.add_argument(
        "--only", action="append", choices=[*WORKLOADS, "kernel"], help="run only this workload; may be repeated"
    )
    arguments.add_argument("--profile", metavar="WORKFLOW", nargs="?", const="data-10", help="run one load under cProfile instead")
    given = arguments.parse_args()
    if given.profile:
        return profile(given.profile)
    names = given.only or [*WORKLOADS, "kernel"]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(measure(names, Options(quick=given.quick)))
    print(table(figures))
    (HERE / "results.json").write_text(json.dumps(document(figures, quick=given.quick), indent=2) + "\n")
    return 0 if all(figure.is_met is not False for figure in figures) else 1


async def measure(names: list[str], options: Options) -> list[Figure]:
    """Run the workloads of these names one after the other."""
    figures: list[Figure] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            figures += kernel_figures(options) if name == "kernel" else await WORKLOADS[name](options)
        except ServiceError as error:
            print(f"{name} was left out: {error}", file=sys.stderr)
    return figures


def document(figures: list[Figure], *, quick: bool) -> dict[str, Any]:
    """Return the results with what someone needs who compares two of them."""
    return {
        "quick": quick,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "processors": os.cpu_count(),
        "figures": [figure.document() for figure in figures],
    }


if __name__ == "__main__":
    sys.exit(main())
