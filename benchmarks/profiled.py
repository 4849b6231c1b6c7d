"""Run `conductor` with these arguments under cProfile: `python -m benchmarks.profiled REPORT serve …`."""

import cProfile
import sys

from conductor_local.cli.main import execute


def main() -> None:
    report, arguments = sys.argv[1], sys.argv[2:]
    profiler = cProfile.Profile()
    try:
        profiler.runcall(execute, arguments)
    finally:
        profiler.dump_stats(report)


if __name__ == "__main__":
    main()
