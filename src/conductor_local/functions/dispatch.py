"""Gives each call to the runner for its kind of resource: the `FunctionRunner` of a whole process.

Rules: nothing is known here about any kind; a kind that nobody runs is a failure of the task, which says what can be done.
"""

from collections.abc import Mapping

from conductor_local.program import Failure
from conductor_local.runtime.ports import Deferred, Failed, FunctionRunner, Later, Succeeded, TaskCall

RESOURCE_NOT_AVAILABLE = "ResourceNotAvailable"


class Dispatch:
    """A `FunctionRunner` over others, by kind."""

    def __init__(self, runners: Mapping[str, FunctionRunner]) -> None:
        self._runners = runners

    async def run(self, call: TaskCall) -> Succeeded | Failed | Deferred | Later:
        """Make one call."""
        resource = call.invoke.resource
        runner = self._runners.get(resource.kind)
        if runner is None:
            return Failed(not_available(f"the resource '{resource.name}' of kind '{resource.kind}'"))
        return await runner.run(call)


def not_available(what: str, hint: str = "") -> Failure:
    """Say that nothing here can call a resource, and what to do instead."""
    hint = hint or "call a Python function of the same effect (a Lambda ARN runs the local function of that name)"
    return Failure(RESOURCE_NOT_AVAILABLE, f"Conductor cannot call {what}. Instead, {hint}. See docs/task-resources.md.")
