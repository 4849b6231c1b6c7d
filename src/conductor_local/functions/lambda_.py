"""Lambda functions: the local Python function of the same name answers in their place.

A direct ARN gives the function the task's arguments and takes its result as it is; `lambda:invoke` wraps both as AWS's Invoke does.
Rules: version and alias of a name are ignored; what the function raises becomes the error, with the text that AWS's Python runtime
writes as its cause.
"""

import asyncio
import json
import re

import msgspec

from conductor_local.functions.aws_wording import Fields, cause_v1, json_headers, ordered, request_id, sdk_members
from conductor_local.functions.integrations import Integration
from conductor_local.functions.python import FUNCTION_NOT_FOUND
from conductor_local.language.asl import Identity, function_name
from conductor_local.payload import EMPTY_OBJECT, Json, Payload
from conductor_local.program import ErrorName, Failure, Resource
from conductor_local.runtime.ports import Failed, FunctionRunner, Succeeded, TaskCall

NOT_FOUND = "Lambda.ResourceNotFoundException"
OUT_OF_TIME = "Sandbox.Timedout"
VERSION = "$LATEST"
_FRAME = re.compile(r"(.*):(\d+) in (.*?): (.*)", re.DOTALL)


class Lambdas:
    """The runner for resources of kind "lambda", and the service behind `lambda:invoke`. `functions` runs Python functions."""

    def __init__(self, functions: FunctionRunner) -> None:
        self._functions = functions
        self._unheard: set[asyncio.Task[Succeeded | Failed]] = set()

    async def run(self, call: TaskCall) -> Succeeded | Failed:
        """Call the function of an ARN with the task's arguments."""
        return await self._call(call, call.invoke.resource.name, call.invoke.arguments)

    async def invoke(self, integration: Integration, call: TaskCall) -> Succeeded | Failed:
        """Do what Lambda's Invoke does; see AWS Lambda API reference, "Invoke"."""
        arguments = call.invoke.arguments.value
        name = arguments.get("FunctionName") if isinstance(arguments, dict) else None
        if not isinstance(name, str) or not name:
            return Failed(_refusal("The parameter FunctionName is missing.", "InvalidParameterValue", call))
        payload = _event(arguments.get("Payload"))
        if payload is None:
            return Failed(_refusal("Could not parse request body into json: Payload is not JSON.", "InvalidRequestContent", call))
        match arguments.get("InvocationType"):
            case "DryRun":
                return Succeeded(_answer(call, 204, {"Payload": None}))
            case "Event":
                self._begin(call, name, payload)
                return Succeeded(_answer(call, 202, {"Payload": None}))
        outcome = await self._call(call, name, payload)
        if isinstance(outcome, Failed):
            return outcome
        log = {"LogResult": ""} if arguments.get("LogType") == "Tail" else {}
        result: Json = outcome.result.encoded.decode() if integration.is_sdk else outcome.result.value
        answer = _answer(call, 200, {"ExecutedVersion": VERSION, **log, "Payload": result}, is_sdk=integration.is_sdk)
        return Succeeded(answer, logs=outcome.logs)

    async def close(self) -> None:
        """Give up the calls that nobody waits for."""
        for task in self._unheard:
            task.cancel()
        await asyncio.gather(*self._unheard, return_exceptions=True)

    def _begin(self, call: TaskCall, name: str, payload: Payload) -> None:
        task = asyncio.create_task(self._call(call, name, payload), name=f"event for {name}")
        self._unheard.add(task)
        task.add_done_callback(self._unheard.discard)

    async def _call(self, call: TaskCall, arn: str, payload: Payload) -> Succeeded | Failed:
        name = function_name(arn) or arn
        invoke = msgspec.structs.replace(call.invoke, resource=Resource("function", name), arguments=payload)
        outcome = await self._functions.run(msgspec.structs.replace(call, invoke=invoke))
        if isinstance(outcome, Failed):
            return Failed(_failure(outcome.failure, name, call), logs=outcome.logs)
        assert isinstance(outcome, Succeeded), outcome
        return outcome


def _event(payload: Json) -> Payload | None:
    """Return what the function gets; None when it is not JSON.

    AWS: a text is itself the JSON text that the function gets, and without a payload it gets {}; observed 2023.
    """
    if payload is None:
        return EMPTY_OBJECT
    if not isinstance(payload, str):
        return Payload(payload)
    try:
        return Payload(msgspec.json.decode(payload))
    except (msgspec.DecodeError, RecursionError):
        return None


def _answer(call: TaskCall, status: int, members: Fields, *, is_sdk: bool = False) -> Payload:
    answer = {**members, "StatusCode": status}
    if not is_sdk:
        request = request_id(call)
        size = len(msgspec.json.encode(members.get("Payload")))
        headers = {**json_headers(size, request, call.invoke.due_at, "application/json"), "X-Amz-Executed-Version": VERSION}
        answer |= sdk_members(status, headers, request)
    return Payload(ordered(answer))


def _failure(failure: Failure, name: str, call: TaskCall) -> Failure:
    """Tell of a failed function as Lambda does."""
    request = request_id(call)
    if failure.error == FUNCTION_NOT_FOUND and failure.details is None:
        identity = Identity()
        arn = f"arn:{identity.partition}:lambda:{identity.region}:{identity.account}:function:{name}:{VERSION}"
        cause = cause_v1(f"Function not found: {arn}", "AWSLambda", 404, "ResourceNotFoundException", request)
        return Failure(NOT_FOUND, f"{cause} {failure.cause}")
    if failure.error == ErrorName.TIMEOUT and failure.details is None:
        told: Fields = {"errorType": OUT_OF_TIME, "errorMessage": f"RequestId: {request} Error: {failure.cause}"}
        return Failure(OUT_OF_TIME, _compact(told))
    message = "" if failure.cause == failure.error else failure.cause or ""  # an exception without a text is told by its name
    told = {"errorMessage": message, "errorType": failure.error, "requestId": request, "stackTrace": _stack(failure)}
    return Failure(failure.error, _compact(told), failure.details)


def _compact(told: Fields) -> str:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)


def _stack(failure: Failure) -> list[str]:
    """Write the lines of the user's own files as Python's traceback does."""
    frames = [_FRAME.fullmatch(line) for line in (failure.details or {}).get("traceback", [])]
    return [f'  File "{frame[1]}", line {frame[2]}, in {frame[3]}\n    {frame[4]}\n' for frame in frames if frame]


def _refusal(message: str, code: str, call: TaskCall) -> Failure:
    code = f"{code}Exception"
    return Failure(f"Lambda.{code}", cause_v1(message, "AWSLambda", 400, code, request_id(call)))
