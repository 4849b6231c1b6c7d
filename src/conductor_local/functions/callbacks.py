"""`aws-sdk:sfn:sendTaskSuccess`, `…Failure` and `…Heartbeat`: a workflow answers the task of another one."""

from functools import partial

from conductor_local.errors import ConductorError, Conflict, InvalidRequest, NotFound
from conductor_local.functions.aws_wording import Fields, cause_v2, request_id
from conductor_local.functions.executions_patience import patiently
from conductor_local.functions.integrations import Integration
from conductor_local.payload import EMPTY_OBJECT, Json, Payload
from conductor_local.program import Failure
from conductor_local.runtime.ports import Callbacks, Failed, Succeeded, TaskCall


class SendTask:
    """The service behind the three actions."""

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks

    async def __call__(self, integration: Integration, call: TaskCall) -> Succeeded | Failed:
        """Answer the task whose token the arguments have."""
        arguments: Fields = call.invoke.arguments.value if isinstance(call.invoke.arguments.value, dict) else {}
        try:
            await patiently(partial(self._send, integration.action, arguments))
        except (InvalidRequest, NotFound, Conflict) as error:
            code, message = _refusal(error)
            return Failed(Failure(f"Sfn.{code}Exception", cause_v2(message, "Sfn", 400, request_id(call))))
        return Succeeded(EMPTY_OBJECT)

    async def _send(self, action: str, arguments: Fields) -> None:
        token = _text(arguments.get("TaskToken"))
        match action:
            case "sendTaskSuccess":
                await self._callbacks.send_task_success(token, _text(arguments.get("Output")))
            case "sendTaskFailure":
                await self._callbacks.send_task_failure(token, arguments.get("Error"), arguments.get("Cause"))
            case _:
                await self._callbacks.send_task_heartbeat(token)


def _text(value: Json) -> str:
    """AWS: what is not a text in the place of one is written as JSON."""
    return value if isinstance(value, str) else Payload(value).encoded.decode()


def _refusal(error: ConductorError) -> tuple[str, str]:
    """Return code and message as AWS's API words them."""
    match error:
        case InvalidRequest(code="INVALID_OUTPUT"):
            return "InvalidOutput", f"Invalid Output: '{error}'"
        case NotFound():
            return "TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist'"
        case Conflict():
            return "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'"
        case _:
            return "InvalidToken", "Invalid Token: 'Invalid token'"
