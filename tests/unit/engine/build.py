"""Programs in a few words, and what to look for in what happened."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from conductor_local.engine.events import AnyEvent, Event
from conductor_local.errors import EvaluationError
from conductor_local.payload import Json
from conductor_local.program import (
    Body,
    Catcher,
    Choice,
    Expr,
    Fail,
    Failure,
    Limits,
    Map,
    Node,
    Parallel,
    Pass,
    Program,
    Resource,
    Retrier,
    Rule,
    Scope,
    Succeed,
    Task,
    Wait,
)
from conductor_local.testing.kernel import Run

E = TypeVar("E", bound=Event)


def body(*nodes: Node) -> Body:
    """Chain nodes: each goes on at the one after it, unless it says where or ends."""
    linked = [
        replace(node, next=after.name) if after and node.next is None and not isinstance(node, Choice | Succeed | Fail) else node
        for node, after in zip(nodes, (*nodes[1:], None), strict=True)
    ]
    return Body(linked[0].name, {node.name: node for node in linked})


def program(*nodes: Node, timeout_s: float | None = None, limits: Limits | None = None) -> Program:
    return Program(body=body(*nodes), timeout_s=timeout_s, limits=limits or Limits())


def started(*nodes: Node, input: Json = None, timeout_s: float | None = None, limits: Limits | None = None) -> Run:
    """Return a run of a chain of nodes that has been started."""
    run = Run(program(*nodes, timeout_s=timeout_s, limits=limits), input=input)
    run.start()
    return run


# nodes


def pass_(name: str = "P", **slots: Any) -> Pass:
    return Pass(name=name, title=f"The {name}", **slots)


def task(name: str = "T", **slots: Any) -> Task:
    return Task(name=name, title=f"The {name}", resource=Resource("function", f"do-{name}"), **slots)


def wait(name: str = "W", seconds: float = 10, **slots: Any) -> Wait:
    return Wait(name=name, title=f"The {name}", until=lambda scope: scope.now + timedelta(seconds=seconds), **slots)


def choice(name: str = "C", *rules: Rule, **slots: Any) -> Choice:
    return Choice(name=name, title=f"The {name}", rules=rules, **slots)


def succeed(name: str = "S", **slots: Any) -> Succeed:
    return Succeed(name=name, title=f"The {name}", **slots)


def fail(name: str = "F", **slots: Any) -> Fail:
    return Fail(name=name, title=f"The {name}", **slots)


def parallel(name: str, *branches: Body, **slots: Any) -> Parallel:
    return Parallel(name=name, title=f"The {name}", branches=branches, **slots)


def map_(name: str, inner: Body, **slots: Any) -> Map:
    """A map over its input, or over what `items` gives."""
    return Map(name=name, title=f"The {name}", body=inner, **{"items": given, **slots})


# slots


def given(scope: Scope) -> Json:
    return scope.input


def constant(value: Any) -> Callable[[Scope], Any]:
    return lambda _: value


def variable(name: str) -> Expr:
    return lambda scope: scope.variable(name)


def wrong(error: str = "Expr.Wrong", cause: str = "no such thing") -> Callable[[Scope], Any]:
    """A slot that cannot be evaluated."""

    def raises(_: Scope) -> Any:
        raise EvaluationError(error, cause)

    return raises


def error_output(scope: Scope) -> Json:
    assert scope.failure is not None
    return {"error": scope.failure.error, "cause": scope.failure.cause}


# handlers


def any_failure(_: Failure) -> bool:
    return True


def named(*errors: str) -> Callable[[Failure], bool]:
    return lambda failure: failure.error in errors


def retry(*errors: str, **fields: Any) -> Retrier:
    """A retrier of these errors, or of all."""
    return Retrier(matches=named(*errors) if errors else any_failure, **fields)


def catch(next: str, *errors: str, **slots: Any) -> Catcher:
    """A catcher of these errors, or of all."""
    return Catcher(matches=named(*errors) if errors else any_failure, next=next, **slots)


# what happened


def kinds(events: Iterable[AnyEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def only(events: Iterable[AnyEvent], kind: type[E]) -> E:
    """Return the one event of a kind."""
    [event] = (event for event in events if isinstance(event, kind))
    return event


def every(events: Iterable[AnyEvent], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def history(run: Run) -> list[tuple[int, int, str]]:
    """The rows that AWS would show: id, the id before it, kind; aborted and failed ones keep their place."""
    return [(event.history_id, event.cause, type(event).__name__) for event in run.events if event.history_id]
