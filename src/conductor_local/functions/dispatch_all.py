"""All runners of a process, put together: which resource goes where.

function      the steps language: a Python function by its name
lambda        a Lambda ARN: the Python function of that name
activity      a queue that workers poll
integration   lambda:invoke, states:startExecution, the answers to callbacks, http:invoke and the API of Step Functions are done
              here; everything else goes to the AWS-compatible endpoint that the user named
"""

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_local.functions.aws import AwsCalls
from conductor_local.functions.callbacks import SendTask
from conductor_local.functions.dispatch import Dispatch
from conductor_local.functions.executions import StartExecution
from conductor_local.functions.executions_api import SERVICE, OwnApi
from conductor_local.functions.integrations import Integration, Integrations, Serve
from conductor_local.functions.lambda_ import Lambdas
from conductor_local.runtime.ports import Callbacks, Deferred, Executions, Failed, FunctionRunner, Later, Succeeded, TaskCall

if TYPE_CHECKING:
    from conductor_local.functions.http_invoke import HttpInvoke


class _Http:
    """`http:invoke`; its client is imported by the first call, because few processes make one and every start would wait for it."""

    def __init__(self, connections: Path | None) -> None:
        self._connections = connections
        self._invoke: HttpInvoke | None = None

    async def __call__(self, integration: Integration, call: TaskCall) -> Succeeded | Failed:
        if self._invoke is None:
            from conductor_local.functions.http_invoke import HttpInvoke

            self._invoke = HttpInvoke(self._connections)
        return await self._invoke(integration, call)

    async def close(self) -> None:
        if self._invoke is not None:
            await self._invoke.close()


class Runners:
    """The `FunctionRunner` of a process. `functions` runs Python functions and is not closed here."""

    def __init__(
        self,
        functions: FunctionRunner,
        activities: FunctionRunner,
        executions: Executions,
        callbacks: Callbacks,
        connections: Path | None,
        aws: AwsCalls,
        own_api: OwnApi,
    ) -> None:
        self._lambdas = Lambdas(functions)
        self._http, self._aws = _Http(connections), aws
        start, send = StartExecution(executions), SendTask(callbacks)
        services: dict[str, Serve] = {
            "lambda:invoke": self._lambdas.invoke,
            "aws-sdk:lambda:invoke": self._lambdas.invoke,
            "states:startExecution": start,
            "aws-sdk:sfn:startExecution": start,
            "aws-sdk:sfn:sendTaskSuccess": send,
            "aws-sdk:sfn:sendTaskFailure": send,
            "aws-sdk:sfn:sendTaskHeartbeat": send,
            "http:invoke": self._http,
        }
        integrations = Integrations(services, _elsewhere(own_api, aws))
        self._dispatch = Dispatch(
            {"function": functions, "lambda": self._lambdas, "activity": activities, "integration": integrations}
        )

    async def run(self, call: TaskCall) -> Succeeded | Failed | Deferred | Later:
        """Make one call."""
        return await self._dispatch.run(call)

    async def close(self) -> None:
        """Let go of what is open."""
        await self._lambdas.close()
        await self._http.close()
        await self._aws.close()


def _elsewhere(own_api: OwnApi, aws: AwsCalls) -> Serve:
    """Return what serves all that has no service of its own here."""

    async def serve(integration: Integration, call: TaskCall) -> Succeeded | Failed | Later:
        return await (own_api if integration.service == SERVICE else aws)(integration, call)

    return serve
