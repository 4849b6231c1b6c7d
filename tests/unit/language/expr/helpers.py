"""A context and shorthands for evaluating one expression."""

from typing import Any

import pytest

from conductor_local.errors import EvaluationError
from conductor_local.language.expr import Context, Machine, compile_template, read_value
from conductor_local.language.expr.fields import Read
from language.fakes import FakeScope, scope

MACHINE = Machine("arn:m", "m", "arn:role", lambda execution: f"arn:x:{execution}")
CONTEXT = Context(MACHINE)
PREFIX = "An error occurred while executing the state 'a' (entered at the event id #2). "


def at(document: Any = None, **more: Any) -> FakeScope:
    return scope(document, entered_event=2, **more)


def value_of(expression: str, document: Any = None, context: Context = CONTEXT, **more: Any) -> Any:
    """What `"k.$": expression` gives."""
    return read_value(expression, "k.$", context)(document, at(document, **more))


def filled(template: Any, document: Any = None, **more: Any) -> Any:
    def refuse(pointer: str, message: str, reason: str) -> None:
        pytest.fail(f"{pointer}: {message}: {reason}")

    return compile_template(template, CONTEXT, refuse)(document, at(document, **more))


def failing(read: Read, document: Any = None, **more: Any) -> tuple[str, str]:
    """The error name, and the text after the sentence about the state."""
    with pytest.raises(EvaluationError) as caught:
        read(document, at(document, **more))
    assert caught.value.message.startswith(PREFIX)
    return caught.value.error, caught.value.message.removeprefix(PREFIX)


def failure_of(expression: str, document: Any = None, **more: Any) -> tuple[str, str]:
    return failing(read_value(expression, "k.$", CONTEXT), document, **more)
