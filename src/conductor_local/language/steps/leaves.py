"""The steps that hold no further steps: `function`, `pass`, `succeed`, `fail` (`choice` and `wait` have files of their own)."""

from conductor_local.language.problems import did_you_mean, quoted
from conductor_local.language.steps.fields import Fields
from conductor_local.language.steps.handlers import read_catch, read_retry
from conductor_local.language.steps.step import Step
from conductor_local.language.steps.values import input_slot, seconds_slot, text_slot
from conductor_local.language.steps.writing import merged_output, written_output
from conductor_local.payload import Json
from conductor_local.program import Expr, Fail, Pass, Resource, Succeed, Task


def read_function(step: Step) -> Task:
    """Read a `function` step."""
    fields = step.fields
    fields.require("functionName")
    _check_heartbeat(fields)
    return Task(
        name=step.id,
        title=step.title,
        next=step.next,
        arguments=input_slot(step.id, fields),
        output=output_slot(step, merges=True),
        retry=read_retry(fields),
        catch=read_catch(step.id, fields),
        resource=Resource("function", _function_name(fields)),
        timeout_s=seconds_slot(step.id, fields, "timeoutSeconds"),
        heartbeat_s=seconds_slot(step.id, fields, "heartbeatSeconds"),
    )


def read_pass(step: Step) -> Pass:
    """Read a `pass` step: a constant `result`, or what `inputPath` finds, goes where `resultPath` says."""
    fields = step.fields
    if "result" in fields and "inputPath" in fields:
        fields.error("inputPath", "CONFLICT", "has no effect beside 'result'", "leave one of the two out")
    arguments = _constant(fields.value["result"]) if "result" in fields else input_slot(step.id, fields)
    output = output_slot(step, merges=arguments is not None)
    return Pass(name=step.id, title=step.title, next=step.next, arguments=arguments, output=output)


def read_succeed(step: Step) -> Succeed:
    """Read a `succeed` step."""
    return Succeed(name=step.id, title=step.title)


def read_fail(step: Step) -> Fail:
    """Read a `fail` step."""
    error, cause = (text_slot(step.id, step.fields, name) for name in ("error", "cause"))
    return Fail(name=step.id, title=step.title, error=error, cause=cause)


def output_slot(step: Step, *, merges: bool) -> Expr | None:
    """Return the slot for `resultPath`; without one the result is merged into the payload's root, or just passed on."""
    path = step.fields.target_path("resultPath")
    if path is not None and path.segments:
        return written_output(step.id, path)
    return merged_output if merges else None


def _function_name(fields: Fields) -> str:
    name = fields.word("functionName") or ""
    known = fields.context.functions
    if name and known is not None and name not in known:
        hint = did_you_mean(name, known)
        fields.context.problems.warning(
            fields.at("functionName"), "UNKNOWN_FUNCTION", f"{fields.what}: no function {quoted(name)} is registered", hint
        )  # fmt: skip
    return name


def _check_heartbeat(fields: Fields) -> None:
    timeout, heartbeat = fields.value.get("timeoutSeconds"), fields.value.get("heartbeatSeconds")
    if isinstance(timeout, int | float) and isinstance(heartbeat, int | float) and heartbeat >= timeout:
        fields.error("heartbeatSeconds", "OUT_OF_RANGE", "must be less than 'timeoutSeconds'")


def _constant(value: Json) -> Expr:
    return lambda scope: value
