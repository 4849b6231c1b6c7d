"""Replay the recorded cases: a table for each module and kind, and where each failing case first differs.

    python -m tests.conformance.replay [WORD …] [--case ID] [-o json]

Only cases whose id holds all the words are replayed. Ends with 1 when a case fails that is not accepted.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence

import msgspec

from ..wire.play import judge_all
from ..wire.scripts import Script, load_scripts
from .accepted import accepted
from .cases import Case, folder, load
from .driver import run
from .verdicts import Verdict, compile_case, judge, shown_history

WIDTH = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.replay", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("words", nargs="*", help="replay only cases whose id holds all of these")
    parser.add_argument("--case", metavar="ID", help="show one case in full")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    options = parser.parse_args(arguments)
    root = folder()
    if not root.is_dir():
        print("There are no recordings here: set CONDUCTOR_AWS_RECORDED to their folder.")
        return 0
    cases = [case for case in load(root) if all(word in case.id for word in options.words)]
    if options.case is not None:
        if script := next((script for script in load_scripts(root) if script.id == options.case), None):
            return _show_script(script)
        return _show(next((case for case in cases if case.id == options.case), None))
    scripts = [script for script in load_scripts(root) if all(word in script.id for word in options.words)]
    verdicts = [*(judge(case) for case in cases), *judge_all(scripts)]
    if options.output == "json":
        print(json.dumps(msgspec.to_builtins(verdicts), indent=1))
    else:
        _report(verdicts)
    return int(any(verdict.status == "fail" and verdict.id not in accepted() for verdict in verdicts))


def _report(verdicts: Sequence[Verdict]) -> None:
    print(f"{'module':<28} {'kind':<12} {'cases':>6} {'pass':>6} {'fail':>6} {'not yet':>8}")
    rows = Counter((verdict.module, verdict.kind, verdict.status) for verdict in verdicts)
    for module, kind in sorted({(verdict.module, verdict.kind) for verdict in verdicts}):
        _row(module, kind, [rows[module, kind, status] for status in ("pass", "fail", "not yet")])
    totals = Counter(verdict.status for verdict in verdicts)
    _row("all", "", [totals["pass"], totals["fail"], totals["not yet"]])
    reasons = accepted()
    for verdict in verdicts:
        if verdict.status == "fail":
            note = f"   (accepted: {reasons[verdict.id]})" if verdict.id in reasons else ""
            print(f"\n{verdict.id}{note}\n  at       {verdict.path}")
            print(f"  expected {_short(verdict.expected)}\n  got      {_short(verdict.got)}")


def _row(module: str, kind: str, counts: Sequence[int]) -> None:
    print(f"{module:<28} {kind:<12} {sum(counts):>6} {counts[0]:>6} {counts[1]:>6} {counts[2]:>8}")


def _short(value: object) -> str:
    text = value.strip().splitlines()[-1] if isinstance(value, str) and value.startswith("Traceback") else repr(value)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _show_script(script: Script) -> int:
    verdict = next(judge_all([script]))
    steps = [{"operation": step.operation, "params": step.params, "expect": step.names} for step in script.steps]
    shown = {"steps": steps, "expected": script.expected, "verdict": msgspec.to_builtins(verdict)}
    print(json.dumps(shown, indent=1, default=str))
    return int(verdict.status == "fail")


def _show(case: Case | None) -> int:
    if case is None:
        print("There is no case of that id.")
        return 2
    verdict = judge(case)
    shown: dict[str, object] = {
        "definition": case.definition,
        "input": case.input,
        "expected": case.expected,
        "verdict": msgspec.to_builtins(verdict),
    }
    if verdict.path not in ("definition", "execution"):
        shown["history"] = shown_history(run(compile_case(case), case.input, case))
    print(json.dumps(shown, indent=1, default=str))
    return int(verdict.status == "fail")


if __name__ == "__main__":
    sys.exit(main())
