"""Bodies of steps: the workflow itself, the branches of a `parallel`, the `iterator` of a `map`. `TYPES` says what each type is.

Rules: a step is read whole even when part of it is wrong, so that every problem is told at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conductor_local.language.checks import BODY_DEPTH_MAX, Exit, check_graph
from conductor_local.language.problems import did_you_mean, quoted
from conductor_local.language.steps.choice import read_choice
from conductor_local.language.steps.fields import Fields, Range, fields_of
from conductor_local.language.steps.graph import graph_of
from conductor_local.language.steps.handlers import read_catch, read_retry
from conductor_local.language.steps.leaves import output_slot, read_fail, read_function, read_pass, read_succeed
from conductor_local.language.steps.step import Step
from conductor_local.language.steps.values import SECONDS_MAX, input_slot, items_slot
from conductor_local.language.steps.wait import read_wait
from conductor_local.program import Body, Map, Node, Parallel, Pass

BODY_FIELDS = ("startAt", "steps")

_CONCURRENCY = Range(f"a whole number from 0 (no limit) to {SECONDS_MAX}", lambda value: 0 <= value <= SECONDS_MAX)
_COMMON = ("id", "name", "type")
_THROUGH = ("nextStepId",)
_RESULT = ("inputPath", "resultPath", *_THROUGH)
_WORK = (*_RESULT, "retry", "catch")


def read_body(fields: Fields, depth: int) -> Body:
    """Read `startAt` and `steps`; `depth` counts the composites around this body."""
    fields.require(*BODY_FIELDS)
    start = fields.word("startAt")
    if depth > BODY_DEPTH_MAX:
        fields.error_here("TOO_DEEP", f"lies inside more than {BODY_DEPTH_MAX} parallel and map steps")
        return Body("", {})
    steps = fields.object("steps")
    if steps is None:
        return Body("", {})
    if not steps.value:
        fields.error("steps", "EMPTY", "must have at least one step")
        return Body("", {})
    nodes = {name: _read_step(steps, name, depth) for name in steps.value}
    entry = None if start is None else Exit(start, fields.at("startAt"))
    check_graph(graph_of(steps.value, steps.pointer, entry), fields.context.problems)
    return Body(start or "", nodes)


def _read_step(steps: Fields, name: str, depth: int) -> Node:
    what = f"step {quoted(name)}"
    fields = fields_of(steps.value[name], steps.at(name), what, steps.context)
    if not name.strip():
        steps.context.problems.error(steps.at(name), "EMPTY", "the id of a step must not be empty")
    if fields is None:
        return Pass(name=name, title=name)
    _note_id(fields, name)
    step_type = _type(fields)
    if step_type is None:
        return Pass(name=name, title=name)
    fields.refuse_others((*_COMMON, *step_type.fields))
    next_step = fields.word_or_null("nextStepId") if "nextStepId" in step_type.fields else None
    return step_type.read(Step(name, fields.text("name") or name, next_step, fields, depth))


def _note_id(fields: Fields, name: str) -> None:
    own = fields.text("id")
    if own is not None and own != name:
        fields.error("id", "ID_MISMATCH", f"must be {quoted(name)}, the key of the step, where it is given")
    fields.context.records.add_step(name, fields.pointer, fields.context.problems)


def _type(fields: Fields) -> "_Type | None":
    fields.require("type")
    name = fields.text("type")
    if name is None or name in TYPES:
        return TYPES.get(name or "")
    hint = did_you_mean(name, TYPES) or f"the types are {', '.join(TYPES)}"
    fields.error("type", "UNKNOWN_TYPE", f"must be a type of step, but is {quoted(name)}", hint)
    return None


def _read_parallel(step: Step) -> Parallel:
    fields = step.fields
    fields.require("branches")
    return Parallel(
        name=step.id,
        title=step.title,
        next=step.next,
        arguments=input_slot(step.id, fields),
        output=output_slot(step, merges=False),
        retry=read_retry(fields),
        catch=read_catch(step.id, fields),
        branches=tuple(_read_inner(branch, step) for branch in fields.objects("branches")),
    )


def _read_map(step: Step) -> Map:
    fields = step.fields
    fields.require("iterator")
    iterator = fields.object("iterator")
    window = fields.whole_number("maxConcurrency", _CONCURRENCY)
    return Map(
        name=step.id,
        title=step.title,
        next=step.next,
        arguments=input_slot(step.id, fields),
        output=output_slot(step, merges=False),
        retry=read_retry(fields),
        catch=read_catch(step.id, fields),
        items=items_slot(step.id, fields),
        body=Body("", {}) if iterator is None else _read_inner(iterator, step),
        window=None if window is None else lambda scope: window,
    )


def _read_inner(fields: Fields, step: Step) -> Body:
    fields.refuse_others(BODY_FIELDS)
    return read_body(fields, step.depth + 1)


@dataclass(frozen=True, slots=True)
class _Type:
    """A type of step: its fields beside those that all have, and how it is read."""

    fields: tuple[str, ...]
    read: Callable[[Step], Node]


TYPES: Mapping[str, _Type] = {
    "function": _Type(("functionName", *_WORK, "timeoutSeconds", "heartbeatSeconds"), read_function),
    "pass": _Type(("result", *_RESULT), read_pass),
    "choice": _Type(("choices", "defaultStepId"), read_choice),
    "wait": _Type(("seconds", "until", *_THROUGH), read_wait),
    "parallel": _Type(("branches", *_WORK), _read_parallel),
    "map": _Type(("itemsPath", "maxConcurrency", "iterator", *_WORK), _read_map),
    "succeed": _Type((), read_succeed),
    "fail": _Type(("error", "cause"), read_fail),
}
"""Every type of step."""
