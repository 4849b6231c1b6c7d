"""The logger a function gets: the standard one, with the fields of the call on every record."""

import logging
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conductor_local.functions.context import Context


class CallLogger(logging.LoggerAdapter[logging.Logger]):
    """Adds the call's fields beside what the caller passes as `extra`; the call's win."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Merge the fields into `extra`."""
        kwargs["extra"] = {**(kwargs.get("extra") or {}), **(self.extra or {})}
        return msg, kwargs


def logger_of(context: "Context") -> CallLogger:
    """Return the logger `conductor.functions.<function>` with the fields of the call."""
    fields = {
        "instance_id": context.instance_id,
        "workflow": context.workflow,
        "step": context.step,
        "function": context.function,
        "attempt": context.attempt,
        "idempotency_key": context.idempotency_key,
    }
    return CallLogger(logging.getLogger(f"conductor.functions.{context.function}"), fields)
