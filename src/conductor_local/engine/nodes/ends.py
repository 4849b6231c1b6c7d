"""Succeed and Fail: the ends that a workflow names."""

from conductor_local.engine import flow
from conductor_local.engine.draft import Draft
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame
from conductor_local.errors import EvaluationError
from conductor_local.payload import Payload
from conductor_local.program import Expr, Fail, Failure, Succeed


def succeed(draft: Draft, frame: Frame, node: Succeed, scope: NodeScope, arguments: Payload) -> None:
    """End the body with the arguments as its output."""
    flow.finish(draft, frame, node, arguments, scope=scope)


def fail(draft: Draft, frame: Frame, node: Fail, scope: NodeScope, arguments: Payload) -> None:
    """End the body with the failure that the node describes."""
    try:
        failure = Failure(_text(node.error, scope), _text(node.cause, scope))
    except EvaluationError as error:
        flow.fail_evaluation(draft, frame, error)
        return
    flow.fail(draft, frame, failure)


def _text(expr: Expr | None, scope: NodeScope) -> str | None:
    return None if expr is None else str(expr(scope))
