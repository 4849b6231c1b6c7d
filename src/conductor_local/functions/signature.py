"""How a callable wants to be called, found out once when it is registered.

    f()   f(payload)   f(payload, context)   f(context)   f(payload, *, context)

Rules: the context goes to the parameter annotated `Context`, else to one named `context` or `ctx` without another annotation; the
first remaining positional parameter gets the payload; every other parameter needs a default.
"""

import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter
from typing import Any, get_args

from conductor_local.functions.context import Context
from conductor_local.functions.payloads import Decode, decoder

Call = Callable[[Any, Any], Any]
"""Takes payload and context, each None when the callable does not want it."""

_POSITIONAL = {Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD}
_VARIADIC = {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD}


@dataclass(frozen=True, slots=True)
class Signature:
    """`call` passes what the callable wants; `decode` None: it takes no payload."""

    call: Call
    decode: Decode | None
    wants_context: bool
    is_async: bool


def read(target: Callable[..., Any]) -> Signature:
    """Read a callable's signature. Raises TypeError when it has a required parameter that nothing fills."""
    parameters = _parameters(target)
    context = next((parameter for parameter in parameters if _is_context(parameter)), None)
    payload = next((parameter for parameter in parameters if parameter is not context and _takes_payload(parameter)), None)
    _refuse_unfilled([parameter for parameter in parameters if parameter is not context and parameter is not payload])
    return Signature(
        call=_call(target, payload, context, parameters),
        decode=None if payload is None else decoder(Any if payload.kind in _VARIADIC else payload.annotation),
        wants_context=context is not None,
        is_async=inspect.iscoroutinefunction(target) or inspect.iscoroutinefunction(getattr(target, "__call__", None)),  # noqa: B004
    )


def _parameters(target: Callable[..., Any]) -> list[Parameter]:
    # Evaluating annotations runs user code; one that cannot be evaluated is no reason to refuse the function.
    with contextlib.suppress(Exception):
        return list(inspect.signature(target, eval_str=True).parameters.values())
    with contextlib.suppress(ValueError, TypeError):
        return list(inspect.signature(target).parameters.values())
    return [Parameter("payload", Parameter.POSITIONAL_ONLY)]


def _is_context(parameter: Parameter) -> bool:
    annotation = parameter.annotation
    if parameter.kind in _VARIADIC:
        return False
    if annotation is Parameter.empty or annotation is Any:
        return parameter.name.lstrip("_") in {"context", "ctx"}
    if isinstance(annotation, str):
        return "Context" in annotation.replace(".", " ").replace("|", " ").strip("'\" ").split()
    return annotation is Context or Context in get_args(annotation)


def _takes_payload(parameter: Parameter) -> bool:
    return parameter.kind in _POSITIONAL or parameter.kind is Parameter.VAR_POSITIONAL


def _refuse_unfilled(others: list[Parameter]) -> None:
    for parameter in others:
        if parameter.default is Parameter.empty and parameter.kind not in _VARIADIC:
            raise TypeError(
                f"nothing fills the parameter '{parameter.name}': a function takes (payload), (payload, context) or nothing; "
                "give other parameters a default, or start the name of a helper with '_'"
            )


def _call(target: Callable[..., Any], payload: Parameter | None, context: Parameter | None, parameters: list[Parameter]) -> Call:
    if context is None:
        return (lambda _value, _context: target()) if payload is None else (lambda value, _context: target(value))
    name = context.name
    by_name = context.kind is not Parameter.POSITIONAL_ONLY
    if payload is None:
        return (lambda _value, given: target(**{name: given})) if by_name else (lambda _value, given: target(given))
    if context.kind is not Parameter.KEYWORD_ONLY and parameters[:2] == [payload, context]:
        return target
    if context.kind is not Parameter.KEYWORD_ONLY and parameters[:2] == [context, payload]:
        return lambda value, given: target(given, value)
    return lambda value, given: target(value, **{name: given})
