"""What an expression sees: `$states` and the workflow's variables, and of them only what it reads.

A big input costs its conversion into the engine's values, so members the expression certainly does not read are left out, at any
depth of objects; lists are never cut.
"""

from collections.abc import Callable, Mapping
from typing import Final

from conductor_local.language.expr.jsonata.references import STATES, Reads, References
from conductor_local.payload import Json
from conductor_local.program import Expr, Scope

MEMBERS: Final = ("input", "context", "result", "errorOutput")


def binder(found: References, members: frozenset[str], context: Expr) -> Callable[[Scope], dict[str, Json]]:
    """Return what makes the bindings of one evaluation of an expression with these references."""
    variables = tuple(found.variables)
    readers = _readers(context)
    wanted = _wanted(found.states, members)

    def bind(scope: Scope) -> dict[str, Json]:
        bindings: dict[str, Json] = {}
        for name in variables:
            try:
                bindings[name] = scope.variable(name)
            except KeyError:
                continue
        if wanted is not None:
            bindings[STATES] = {name: _cut(readers[name](scope), reads) for name, reads in wanted.items()}
        return bindings

    return bind


def reader(member: str, context: Expr) -> Expr:
    """Return what reads one member of `$states`."""
    return _readers(context)[member]


def _readers(context: Expr) -> Mapping[str, Expr]:
    return {"input": _input, "context": context, "result": _result, "errorOutput": _error_output}


def _input(scope: Scope) -> Json:
    return scope.input


def _result(scope: Scope) -> Json:
    return scope.result


def _error_output(scope: Scope) -> Json:
    failure = scope.failure
    return None if failure is None else {"Error": failure.error, "Cause": failure.cause}


def _wanted(states: Reads | None, members: frozenset[str]) -> Reads | None:
    if states is None:
        return None
    return {name: states.get(name, {}) for name in MEMBERS if name in members and (not states or name in states)}


def _cut(value: Json, reads: Reads) -> Json:
    if not reads or type(value) is not dict:
        return value
    return {name: _cut(value[name], below) for name, below in reads.items() if name in value}
