"""Service integrations: what stands behind the last part of `arn:aws:states:::<service>:<action><pattern>`.

Rules: a service only makes its call; what the pattern `.waitForTaskToken` adds, waiting for a callback once the call was accepted,
is added here for all of them. What has no service here goes to `elsewhere`, which calls the endpoint that the user named.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from conductor_local.functions.dispatch import not_available
from conductor_local.runtime.ports import Deferred, Failed, Later, Succeeded, TaskCall

SDK, SYNC, SYNC_2, TOKEN = "aws-sdk:", ".sync", ".sync:2", ".waitForTaskToken"
_ARN = re.compile(
    r"arn:aws[a-z-]*:states:[^:]*:[^:]*:((?:aws-sdk:)?[a-z0-9-]+):([A-Za-z0-9]+)(\.sync:2|\.sync|\.waitForTaskToken)?"
)


@dataclass(frozen=True, slots=True)
class Integration:
    """`service` is "sqs" or "aws-sdk:sqs", `action` "sendMessage"; `pattern` says what to wait for, "" for the answer only."""

    service: str
    action: str
    pattern: str

    @property
    def is_sdk(self) -> bool:
        """Whether it is a call of the SDK as it stands, not one of the integrations that AWS made easier."""
        return self.service.startswith(SDK)

    @property
    def sdk_service(self) -> str:
        """Name the service itself."""
        return self.service.removeprefix(SDK)


Serve: TypeAlias = Callable[[Integration, TaskCall], Awaitable[Succeeded | Failed | Later]]
"""Makes the calls of one service. Never raises for what the outside does."""


class Integrations:
    """The runner for resources of kind "integration": `services` by "service:action"."""

    def __init__(self, services: Mapping[str, Serve], elsewhere: Serve) -> None:
        self._services = services
        self._elsewhere = elsewhere

    async def run(self, call: TaskCall) -> Succeeded | Failed | Deferred | Later:
        """Make one call."""
        arn = call.invoke.resource.name
        integration = integration_of(arn)
        if integration is None:
            return Failed(not_available(f"'{arn}'"))
        serve = self._services.get(f"{integration.service}:{integration.action}", self._elsewhere)
        outcome = await serve(integration, call)
        if integration.pattern == TOKEN and isinstance(outcome, Succeeded):
            return Deferred(outcome.result)
        return outcome


def integration_of(arn: str) -> Integration | None:
    """Take apart the ARN of an integration."""
    found = _ARN.fullmatch(arn)
    return None if found is None else Integration(found[1], found[2], found[3] or "")
