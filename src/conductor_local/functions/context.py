"""What a function may know about the call it is answering.

The standard library only: users' files import this.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logging import Logger, LoggerAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One call. `Context()` does for a unit test of a function.

    `idempotency_key` stays the same when a call is repeated after a crash and is another one for each attempt. `attempt` counts
    from 1.
    """

    instance_id: str = "test-instance"
    workflow: str = "test-workflow"
    step: str = "test-step"
    function: str = "test-function"
    attempt: int = 1
    idempotency_key: str = "test-instance:test-step"

    @property
    def logger(self) -> "LoggerAdapter[Logger]":
        """A logger that adds this call's fields to each record (`record.instance_id` and so on)."""
        from conductor_local.functions.logs import logger_of

        return logger_of(self)
