"""Which language a definition is written in, and compiling it."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from conductor_local.errors import DefinitionError, Problem
from conductor_local.language.asl import EVENTS_MAX, Diagnostics, Identity, read_machine
from conductor_local.language.problems import Problems, placed
from conductor_local.language.source import Source
from conductor_local.language.steps import read_definition
from conductor_local.payload import Json
from conductor_local.program import Limits, Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A program, the language it was written in, and what is probably a mistake in it."""

    program: Program
    dialect: str
    warnings: tuple[Problem, ...] = ()


def compile(
    source: Source,
    *,
    functions: Container[str] | Iterable[str] | None = None,
    limits: Limits | None = None,
    identity: Identity | None = None,
    dialect: str | None = None,
) -> Compiled:
    """Compile a definition; raises `DefinitionError` with every problem found, in document order (AWS's language: AWS's order).

    `functions` are the names known at present: others give a warning. None: no names are known, none are checked. `identity` says
    whose the ARNs are that a state machine sees. `dialect` names the language where it is known; else the document shows it.
    """
    try:
        dialect = dialect or dialect_of(source.document)
    except DefinitionError as error:
        raise DefinitionError([placed(problem, source) for problem in error.problems]) from None
    limits = limits or Limits()
    found: Problems | Diagnostics
    if dialect == "asl":
        found, identity = Diagnostics(), identity or Identity()
        program = read_machine(source.document, found, identity, _asl_limits(limits, identity))
    else:
        found = Problems()
        program = read_definition(source.document, found, _names(functions), limits)
    told = found.told(source)
    if found.error_count:
        raise DefinitionError(told)
    return Compiled(program=program, dialect=dialect, warnings=told)


def _asl_limits(limits: Limits, identity: Identity) -> Limits:
    """Return the limits of a state machine: those of AWS, unless others are set; an Express history has none."""
    events = limits.events if identity.is_express or limits.events is not None else EVENTS_MAX
    return replace(limits, events=events, assign_bytes=limits.assign_bytes or limits.payload_bytes)


def dialect_of(document: Json) -> str:
    """Name the language of a document; raises `DefinitionError` when it is none that can be compiled."""
    if not isinstance(document, Mapping):
        raise _refusal("NOT_AN_OBJECT", "a definition is a JSON object")
    if "startAt" in document or "steps" in document:
        return "steps"
    if "StartAt" in document or "States" in document:
        return "asl"
    message = "this is no workflow definition: neither 'startAt' and 'steps' nor 'StartAt' and 'States' are there"
    raise _refusal("UNKNOWN_DIALECT", message, "'startAt' names the first step, 'steps' holds them by id")


def _refusal(code: str, message: str, hint: str = "") -> DefinitionError:
    return DefinitionError([Problem(pointer="", code=code, message=message, hint=hint)])


def _names(functions: Container[str] | Iterable[str] | None) -> Container[str] | None:
    return functions if functions is None or isinstance(functions, Container) else frozenset(functions)
