"""The logger a function gets: the standard one, with the fields of the call on every record.

What it says is kept with the call (`captured.py`) from INFO on, also where logging is set to show less.
"""

import logging
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from conductor_local.functions.captured import SAID, text_of

if TYPE_CHECKING:
    from conductor_local.functions.context import Context


class CallLogger(logging.LoggerAdapter[logging.Logger]):
    """Adds the call's fields beside what the caller passes as `extra`; the call's win."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Merge the fields into `extra`."""
        kwargs["extra"] = {**(kwargs.get("extra") or {}), **(self.extra or {})}
        return msg, kwargs

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        """Log as usual; keep what a logger that is not enabled for the level would drop."""
        if level >= logging.INFO and not self.isEnabledFor(level) and (said := SAID.get()) is not None:
            record = logging.LogRecord(self.logger.name, level, "", 0, msg, args, None)
            said.add(record.levelname, text_of(record))
        super().log(level, msg, *args, **kwargs)


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
