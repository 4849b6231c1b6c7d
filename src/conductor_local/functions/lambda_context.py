"""The context with what handlers written for AWS Lambda ask of theirs.

It is our own `Context` with more to it, so that one function serves both: steps that name it and Lambda ARNs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from conductor_local.functions.aws_wording import request_id_of
from conductor_local.functions.context import Context
from conductor_local.functions.registry import Function, Registry
from conductor_local.language.asl import Identity

LIMIT_S = 900.0  # what AWS allows at most; a function without a limit of its own is told so
MEMORY_MB = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaContext(Context):
    """One call, as AWS's Python runtime describes it too. `deadline_s` is on the machine's monotonic clock."""

    deadline_s: float
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = str(MEMORY_MB)
    identity: None = None
    client_context: None = None

    @property
    def function_name(self) -> str:
        """Return the function's name."""
        return self.function

    @property
    def invoked_function_arn(self) -> str:
        """Return the ARN that the name has here."""
        identity = Identity()
        return f"arn:{identity.partition}:lambda:{identity.region}:{identity.account}:function:{self.function}"

    @property
    def aws_request_id(self) -> str:
        """Return an id that stays the same when a call is repeated after a crash."""
        return request_id_of(self.idempotency_key)

    @property
    def log_group_name(self) -> str:
        """Return the name that AWS would give."""
        return f"/aws/lambda/{self.function}"

    @property
    def log_stream_name(self) -> str:
        """Return a name that says which instance called."""
        return f"[{self.function_version}]{self.instance_id}"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may still take."""
        return max(0, int((self.deadline_s - time.monotonic()) * 1000))


def with_lambda_context(registry: Registry) -> Registry:
    """Return the same functions; those that want a context get one that Lambda handlers understand too."""
    found = (registry.find(name) for name in registry.names)
    return Registry(_widened(function) for function in found if function is not None)


def _widened(function: Function) -> Function:
    if not function.signature.wants_context:
        return function
    call, limit_s = function.signature.call, function.timeout_s or LIMIT_S
    return replace(function, signature=replace(function.signature, call=_calling(call, limit_s)))


def _calling(call: Callable[[Any, Any], Any], limit_s: float) -> Callable[[Any, Any], Any]:
    return lambda payload, context: call(payload, _context(context, limit_s))


def _context(context: Context, limit_s: float) -> LambdaContext:
    given = {field.name: getattr(context, field.name) for field in fields(Context)}
    return LambdaContext(**given, deadline_s=time.monotonic() + limit_s)
