"""Choice: take the first rule whose condition holds, else the default, else fail."""

from conductor_local.engine.draft import Draft
from conductor_local.engine.flow import fail, fail_evaluation, finish
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame
from conductor_local.errors import EvaluationError
from conductor_local.payload import Payload
from conductor_local.program import Choice, ErrorName, Failure, Rule

NO_MATCH = "Failed to transition out of the state. The state does not point to a next state."
"""AWS's words for a Choice in which no rule holds and that has no default; observed 2025."""


def enter(draft: Draft, frame: Frame, node: Choice, scope: NodeScope, arguments: Payload) -> None:
    """Decide at once. The default uses the node's own output and assign."""
    try:
        rule = next((rule for rule in node.rules if rule.condition(scope)), None)
    except EvaluationError as error:
        fail_evaluation(draft, frame, error)
        return
    if rule is None and node.default is not None:
        rule = Rule(condition=bool, next=node.default, output=node.output, assign=node.assign)
    if rule is None:
        fail(draft, frame, Failure(ErrorName.RUNTIME, NO_MATCH))
        return
    finish(draft, frame, node, arguments, scope=scope, rule=rule)
