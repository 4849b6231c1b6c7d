"""`aws-sdk:sfn:…`: a workflow calls the API of Step Functions, and this process answers, without an endpoint.

Rules: the face that answers it is attached by whoever opened the process (`attach`), and made by the first call. Waiting for
another execution or a worker takes no place among the running calls.
"""

from collections.abc import Callable
from functools import partial

from conductor_local.functions.aws_clients import Clients, NoSuchOperation
from conductor_local.functions.aws_names import exception_name
from conductor_local.functions.aws_shapes import from_api, to_api
from conductor_local.functions.aws_wording import Fields, cause_v2, request_id
from conductor_local.functions.dispatch import not_available
from conductor_local.functions.integrations import SDK, Integration
from conductor_local.language.asl.services import botocore_name, operation_name
from conductor_local.payload import Payload
from conductor_local.program import Failure
from conductor_local.runtime.ports import Failed, Later, StatesApi, Succeeded, TaskCall

SERVICE = f"{SDK}sfn"
_WAITING = frozenset({"GetActivityTask", "StartSyncExecution"})


class OwnApi:
    """The service behind every action of `aws-sdk:sfn` that has none of its own; `clients` know the API's description."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._load: Callable[[], StatesApi] | None = None
        self._api: StatesApi | None = None

    def attach(self, load: Callable[[], StatesApi]) -> None:
        """Say what makes the face that answers."""
        self._load = load

    async def __call__(self, integration: Integration, call: TaskCall) -> Succeeded | Failed | Later:
        """Make one call."""
        if self._load is None:
            return Failed(not_available(f"'{call.invoke.resource.name}' in a process that has no API", "run it on a server"))
        if integration.pattern:
            return Failed(not_available(f"'{call.invoke.resource.name}'"))
        self._api = self._api or self._load()
        answered = partial(self._answer, self._api, operation_name(integration.action), call)
        return Later(answered) if operation_name(integration.action) in _WAITING else await answered()

    async def _answer(self, api: StatesApi, operation: str, call: TaskCall) -> Succeeded | Failed:
        try:
            described = self._clients.described(botocore_name("sfn"), operation)
        except NoSuchOperation as error:
            return Failed(not_available(f"'{call.invoke.resource.name}': {error}", "correct the Resource of the state"))
        given = call.invoke.arguments.value if isinstance(call.invoke.arguments.value, dict) else {}
        answer = await api(operation, to_api(given, described.input_shape))
        if isinstance(answer, Failure):
            is_known = any(shape.name == answer.error for shape in described.error_shapes)
            name = exception_name(answer.error or "") if is_known else "SfnException"
            return Failed(Failure(f"Sfn.{name}", cause_v2(answer.cause or "", "Sfn", 400, request_id(call))))
        told: Fields = from_api(answer, described.output_shape)
        return Succeeded(Payload(told))
