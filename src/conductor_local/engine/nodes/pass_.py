"""Pass: hand the arguments on as the result."""

from conductor_local.engine.draft import Draft
from conductor_local.engine.flow import finish
from conductor_local.engine.scope import NodeScope
from conductor_local.engine.state import Frame
from conductor_local.payload import Payload
from conductor_local.program import Pass


def enter(draft: Draft, frame: Frame, node: Pass, scope: NodeScope, arguments: Payload) -> None:
    """Go on at once."""
    finish(draft, frame, node, arguments, scope=scope)
