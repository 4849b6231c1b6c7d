"""`$.steps.<id>`: what a finished step was given and what it gave back.

A record is a variable named `steps.<id>`, set when its step is left, and only for steps that some path of the program reads: an
unread record costs nothing. Being a variable, it is seen from the same body and from bodies inside it, and is gone when its
body ends. A step that failed, also one that was caught, has not finished: it leaves no record.
"""

from dataclasses import replace

from conductor_local.language.absent import ABSENT
from conductor_local.language.problems import Problems, did_you_mean, quoted
from conductor_local.payload import Json
from conductor_local.program import Body, Choice, Expr, Fail, Map, Node, Parallel, Pass, Scope, Task


class Records:
    """Which steps there are in a program and whose records its paths read."""

    __slots__ = ("_mentions", "_wants_all", "ids")

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self._mentions: dict[str, list[str]] = {}
        self._wants_all = False

    def add_step(self, step: str, pointer: str, problems: Problems) -> None:
        """Note that the program has a step; warns when it has one of that id already."""
        if step in self.ids:
            message = f"there is another step {quoted(step)} at {self.ids[step]}; '$.steps' and the history cannot tell them apart"
            problems.warning(pointer, "DUPLICATE_STEP_ID", message)
        self.ids.setdefault(step, pointer)

    def want(self, step: str, pointer: str) -> None:
        """Note that the path written at `pointer` reads the record of `step`."""
        self._mentions.setdefault(step, []).append(pointer)

    def want_all(self) -> None:
        """Note that a path reads every record."""
        self._wants_all = True

    def every(self, scope: Scope) -> Json:
        """Return all records there are at present, by step."""
        found = ((step, record_of(step, scope)) for step in self.ids)
        return {step: record for step, record in found if record is not ABSENT}

    def note_unknown(self, problems: Problems) -> None:
        """Warn of paths that read the record of a step that is not there."""
        for step, pointers in self._mentions.items():
            if step in self.ids:
                continue
            for pointer in pointers:
                message = f"the path reads what step {quoted(step)} did, but there is no such step"
                problems.warning(pointer, "UNKNOWN_RECORD", message, did_you_mean(step, self.ids))

    def added_to(self, body: Body) -> Body:
        """Return the body with an `assign` slot on every step whose record is read."""
        if not self._mentions and not self._wants_all:
            return body
        return Body(body.start, {name: self._added_to_node(node) for name, node in body.nodes.items()})

    def _added_to_node(self, node: Node) -> Node:
        assign = self._assign(node)
        match node:
            case Parallel():
                return replace(node, assign=assign, branches=tuple(self.added_to(branch) for branch in node.branches))
            case Map():
                return replace(node, assign=assign, body=self.added_to(node.body))
            case Choice():
                return replace(node, assign=assign, rules=tuple(replace(rule, assign=assign) for rule in node.rules))
            case _:
                return node if assign is None else replace(node, assign=assign)

    def _assign(self, node: Node) -> Expr | None:
        if isinstance(node, Fail) or not (self._wants_all or node.name in self._mentions):
            return None
        return _record(node.name, has_result=isinstance(node, Task | Pass | Parallel | Map))


def record_of(step: str, scope: Scope) -> Json:
    """Return the record of a step, or `ABSENT` while it has not finished."""
    try:
        return scope.variable(f"steps.{step}")
    except KeyError:
        return ABSENT


def _record(step: str, *, has_result: bool) -> Expr:
    variable = f"steps.{step}"
    if has_result:
        return lambda scope: {variable: {"input": scope.arguments, "output": scope.result}}
    return lambda scope: {variable: {"input": scope.arguments, "output": scope.arguments}}
