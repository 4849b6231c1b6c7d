"""Shorthands: machines, running them on the bare kernel, and what is wrong with them."""

from typing import Any

from conductor_local.errors import DefinitionError
from conductor_local.language import Compiled, compile, from_document
from conductor_local.language.asl import Diagnostic, Identity
from conductor_local.testing.kernel import Run

LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:work"
END = {"Type": "Succeed"}


def machine(states: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states, **more}


def only(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A machine of one state `A`, which ends it unless it says otherwise."""
    ends = {} if state["Type"] in ("Choice", "Succeed", "Fail") or "Next" in state else {"End": True}
    return machine({"A": {**state, **ends}}, **more)


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": LAMBDA, **fields}


def choose(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A machine that says in `$` whether the first rule held: each rule goes to `Yes` unless it says otherwise."""
    states = {
        "A": {"Type": "Choice", "Choices": [{"Next": "Yes", **rule} for rule in rules], "Default": "No", **more},
        "Yes": {"Type": "Pass", "End": True},
        "No": {"Type": "Fail", "Error": "No"},
    }
    return machine(states)


def built(document: dict[str, Any], **more: Any) -> Compiled:
    return compile(from_document(document), dialect="asl", **more)


def run(document: dict[str, Any], input: Any = None, answer: Any = None, **more: Any) -> Run:
    """Run a machine to its end; tasks give back their arguments unless `answer` says otherwise."""
    started = Run(built(document, **more).program, input={} if input is None else input)
    started.start()
    started.finish(answer)
    return started


def output(document: dict[str, Any], input: Any = None, answer: Any = None, **more: Any) -> Any:
    done = run(document, input, answer, **more)
    assert done.failure is None, done.failure
    return done.output


def failed(document: dict[str, Any], input: Any = None, answer: Any = None, **more: Any) -> tuple[str | None, str]:
    """Error and cause, without the sentence that names the state."""
    failure = run(document, input, answer, **more).failure
    assert failure is not None
    return failure.error, (failure.cause or "").partition("). ")[2] or failure.cause or ""


def found(document: dict[str, Any], **more: Any) -> list[Diagnostic]:
    try:
        return list(built(document, **more).warnings)  # type: ignore[arg-type]
    except DefinitionError as error:
        return list(error.problems)  # type: ignore[arg-type]


def told(document: dict[str, Any], **more: Any) -> list[tuple[str, str | None]]:
    """Texts and locations of the errors."""
    return [(one.message, one.location) for one in found(document, **more) if one.severity == "error"]


def express() -> Identity:
    return Identity(is_express=True)
