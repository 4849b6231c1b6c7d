"""Replay one case and say how it went."""

import traceback
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import msgspec

from conductor_local.api.aws import describe_execution, history, sync_execution
from conductor_local.errors import DefinitionError
from conductor_local.language import compile, from_document
from conductor_local.language.asl import Identity
from conductor_local.program import Program
from conductor_local.testing.kernel import Run

from . import histories
from .cases import ACCOUNT, REGION, ROLE_ARN, Case
from .compare import Comparison, Difference
from .driver import MACHINE, run
from .stand_in import is_there, stand_in

Json = Any
Status = Literal["pass", "fail", "not yet"]
REFUSALS = frozenset({"UNSUPPORTED_DIALECT"})
"""Codes with which a definition is refused that Conductor does not claim to run yet; only with these alone it is "not yet"."""


class Judged(Protocol):
    """What a case of any kind has."""

    @property
    def id(self) -> str: ...
    @property
    def module(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Verdict(msgspec.Struct, kw_only=True, frozen=True):
    """How one case went; for a failing one the first difference."""

    id: str
    module: str
    kind: str
    status: Status
    path: str = ""
    expected: Json = None
    got: Json = None


def judge(case: Case, compiled: Callable[[Case], Program] | None = None) -> Verdict:
    """Replay a case. Whatever goes wrong inside is a failing case, with the traceback for people."""
    try:
        program = (compiled or compile_case)(case)
    except DefinitionError as refusal:
        problems = [f"{problem.code} at {problem.pointer or '/'}: {problem.message}" for problem in refusal.problems]
        is_unsupported = all(problem.code in REFUSALS for problem in refusal.problems)
        return verdict_of(case, "not yet" if is_unsupported else "fail", Difference("definition", "accepted", problems))
    except Exception:  # noqa: BLE001
        return verdict_of(case, "fail", Difference("definition", "accepted", traceback.format_exc()))
    if not (answers := {name: case.expected[name] for name in ANSWERS if name in case.expected}):
        return verdict_of(case, "not yet", Difference("expected", list(case.expected), "no such answers are made yet"))
    if case.is_sync and not case.is_express:
        return verdict_of(case, "not yet", Difference("execution", "a refusal", "the API refuses it, and no API is asked here"))
    if case.is_outside and not is_there():
        return verdict_of(case, "not yet", Difference("execution", "the services it calls", "moto is not installed"))
    try:
        if case.is_outside:
            stand_in().prepare(case.setup)
        ended = run(program, case.input, case, is_sync=case.is_sync)
        found = first_difference(case, answers, ended)
    except Exception:  # noqa: BLE001
        return verdict_of(case, "fail", Difference("execution", "an end", traceback.format_exc()))
    return verdict_of(case, "fail" if found else "pass", found)


def compile_case(case: Case) -> Program:
    """Compile as the product does."""
    identity = Identity(
        region=REGION, account=ACCOUNT, role_arn=ROLE_ARN, is_express=case.is_express, counts_redrives=not case.is_sync
    )  # fmt: skip
    return compile(from_document(case.definition), identity=identity).program


def first_difference(case: Case, answers: Mapping[str, Json], ended: Run) -> Difference | None:
    """Compare every answer that was recorded and that we can give."""
    comparison = Comparison()
    for name, expected in answers.items():
        if found := ANSWERS[name](case, comparison, expected, ended):
            return Difference(f"{name}.{found.path}".rstrip("."), found.expected, found.got)
    return None


def shown_history(ended: Run) -> list[dict[str, Json]]:
    """Return our GetExecutionHistory."""
    return history(ended.events, machine=MACHINE)


def _history(case: Case, comparison: Comparison, expected: Json, ended: Run) -> Difference | None:
    return histories.difference(
        comparison,
        expected["events"],
        shown_history(ended),
        is_normalised=case.is_normalised,
        is_concurrent=histories.has_branches(case.definition),
    )


def _description(case: Case, comparison: Comparison, expected: Json, ended: Run) -> Difference | None:
    return comparison.difference(expected, describe_execution(ended.execution.head, machine=MACHINE, arn=ended.execution.head.id))


def _sync(case: Case, comparison: Comparison, expected: Json, ended: Run) -> Difference | None:
    return comparison.difference(expected, sync_execution(ended.execution.head, machine=MACHINE, arn=ended.execution.head.id))


def _output(case: Case, comparison: Comparison, expected: Json, ended: Run) -> Difference | None:
    output = ended.execution.head.output
    got = {"failure": ended.failure} if output is None else {"output": output.encoded.decode()}
    return comparison.difference({"output": expected}, got)


ANSWERS: Mapping[str, Callable[[Case, Comparison, Json, Run], Difference | None]] = {
    "GetExecutionHistory": _history,
    "DescribeExecution": _description,
    "StartSyncExecution": _sync,
    "output": _output,
}
"""The operations whose answers are projections of an execution; `output` is the output alone."""


def verdict_of(case: Judged, status: Status, found: Difference | None) -> Verdict:
    """Return the verdict on a case, with the difference that was found, if one was."""
    verdict = Verdict(id=case.id, module=case.module, kind=case.kind, status=status)
    if found is None:
        return verdict
    return msgspec.structs.replace(verdict, path=found.path, expected=_plain(found.expected), got=_plain(found.got))


def _plain(value: Json) -> Json:
    return msgspec.to_builtins(value, enc_hook=repr)
