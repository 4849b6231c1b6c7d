"""Parallel and Map: states with machines inside (ASL spec, "Parallel State", "Map State"; reference sheet 14 and 15).

Rules: a Map runs inline unless its processor says otherwise (`map_run.py`). What only a distributed Map has is never ignored: an
inline one that has it runs as a distributed one, with a warning.
"""

from conductor_local.language.asl.diagnostics import RUNS_DISTRIBUTED
from conductor_local.language.asl.fields import Fields
from conductor_local.language.asl.handlers import read_catch, read_retry
from conductor_local.language.asl.map_run import EXPRESS, STANDARD, read_map_run
from conductor_local.language.asl.state import State
from conductor_local.program import Body, Expr, Map, MapRun, Parallel, Scope

BRANCH_FIELDS = ("StartAt", "States", "Comment", "Version")
_CONFIG = ("Mode", "ExecutionType")
_DISTRIBUTED = ("ItemReader", "ItemBatcher", "ResultWriter")
_LABEL_CHARS_MAX = 40
_NOT_IN_LABELS = frozenset('?*<>{}[]:;,\\|^~$#%&`"')


def read_parallel(state: State) -> Parallel:
    """Read a Parallel state."""
    fields, slots = state.fields, state.slots
    fields.require("Branches")
    return Parallel(
        name=state.name, title=state.name, next=state.next,
        arguments=slots.arguments("Parameters"), output=slots.output(), assign=slots.assign(),
        retry=read_retry(fields), catch=read_catch(state),
        branches=tuple(_inner(branch, state, BRANCH_FIELDS) for branch in fields.objects("Branches")),
    )  # fmt: skip


def read_map(state: State) -> Map | MapRun:
    """Read a Map state."""
    fields, slots = state.fields, state.slots
    processor = _processor(fields)
    _check_label(fields)
    if processor is not None and (_is_distributed(processor) or _needs_distribution(fields)):
        return read_map_run(state, processor)
    body = Body("", {}) if processor is None else _inner(processor, state, (*BRANCH_FIELDS, "ProcessorConfig"))
    return Map(
        name=state.name, title=state.name, next=state.next,
        arguments=slots.arguments(), output=slots.output(), assign=slots.assign(),
        retry=read_retry(fields), catch=read_catch(state),
        items=slots.items(), item=slots.item(), body=body, window=_window(state),
    )  # fmt: skip


def _window(state: State) -> Expr | None:
    """Return the slot for MaxConcurrency. An inline Map tolerates no failure, but its limits must be sound where they are read."""
    slots = state.slots
    window = slots.count("MaxConcurrency")
    tolerances = (slots.count("ToleratedFailureCount"), slots.percentage("ToleratedFailurePercentage"))
    checks = [check for check in tolerances if check is not None]
    if not checks:
        return window

    def read(scope: Scope) -> int:
        for check in checks:
            check(scope)
        return 0 if window is None else int(window(scope))

    return read


def _processor(fields: Fields) -> Fields | None:
    fields.exactly_one("ItemProcessor", "Iterator")
    return fields.object("ItemProcessor" if "ItemProcessor" in fields else "Iterator")


def _is_distributed(processor: Fields) -> bool:
    config = processor.object("ProcessorConfig")
    if config is None:
        return False
    config.refuse_others(_CONFIG)
    mode = config.one_of("Mode", ("INLINE", "DISTRIBUTED"))
    config.one_of("ExecutionType", (STANDARD, EXPRESS))
    if mode == "DISTRIBUTED":
        config.require("ExecutionType")
    return mode == "DISTRIBUTED"


def _needs_distribution(fields: Fields) -> bool:
    present = [name for name in _DISTRIBUTED if name in fields]
    if present:
        text = f"{present[0]} is only supported in a distributed Map; this one runs as such, with executions of type STANDARD"
        fields.reading.diagnostics.warning(fields.place, RUNS_DISTRIBUTED, text, caret=fields.at(present[0]))
    return bool(present)


def _check_label(fields: Fields) -> None:
    label = fields.text("Label")
    if label is None:
        return
    if len(label) > _LABEL_CHARS_MAX:
        fields.error("Label", f"Label cannot exceed {_LABEL_CHARS_MAX} characters")
    for character in label:
        if character in _NOT_IN_LABELS or character.isspace() or not character.isprintable():
            fields.error("Label", f"Label contains invalid character: {character!r}")
            return


def _inner(fields: Fields, state: State, allowed: tuple[str, ...]) -> Body:
    fields.refuse_others(allowed)
    return state.read_body(fields, state.depth + 1)
