"""The functions and services that recorded workflows call, as far as the recordings show them.

A call gives a `Reply`: when it comes (in virtual seconds) and whether it is a result, a failure or the news that a callback will
follow. What AWS's own headers hold does not matter; that the members are there does.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from conductor_local.program import Failure, Resource

from .cases import ACCOUNT, REGION

Json = Any
REQUEST_ID = str(UUID(int=1))
METADATA = {"SdkHttpMetadata": {"HttpStatusCode": 200}, "SdkResponseMetadata": {"RequestId": REQUEST_ID}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`outcome` is a result or a `Failure`; `is_submission`: it only says that the call was accepted."""

    outcome: Json
    after_s: float = 0.0
    is_submission: bool = False


class UnknownService(Exception):
    """A recorded workflow calls something that nobody stands in for."""


def call(resource: Resource, arguments: Json, behaviours: dict[str, str]) -> Reply:
    """Answer one call."""
    if resource.kind == "lambda":
        return _function(_named(resource.name), arguments, behaviours)
    action = resource.name.partition(":::")[2]
    if action not in SERVICES:
        raise UnknownService(f"{resource.kind} {resource.name}")
    return SERVICES[action](arguments, behaviours)


def _named(function: str) -> str:
    """Take the name out of a function's ARN; a name is one already."""
    return function.split(":function:")[-1].partition(":")[0]


# --- functions ------------------------------------------------------------------------------------------------------------------


def _function(name: str, event: Json, behaviours: dict[str, str]) -> Reply:
    behaviour = behaviours.get(name)
    match behaviour:
        case None:
            return Reply(outcome=Failure("Lambda.ResourceNotFoundException", _no_such_function(name)))
        case "raises Exception('Some exception was raised.')":
            message = "Some exception was raised."
            return _raised("Exception", message, 2, f'raise Exception("{message}")')
        case "raises an exception of class CustomException with the empty message (str(e) == '')":
            return _raised("CustomException", "", 9, "raise CustomException()")
        case 'payload is the JSON string "HelloWorld!"':
            return Reply(outcome="HelloWorld!")
        case "sleeps 60 seconds, then returns its event":
            return Reply(outcome=event, after_s=60)
        case 'returns the constant {"Return": "HelloWorld"} (named echo upstream)':
            return Reply(outcome={"Return": "HelloWorld"})
        case "returns a string of 263168 letters 'a' (over the 256 KiB payload quota)":
            return Reply(outcome="a" * 263_168)
        case "identity: returns its event unchanged":
            return Reply(outcome=event)
        case _:
            raise UnknownService(f"a function that {behaviour}")


def _raised(kind: str, message: str, line: int, code: str) -> Reply:
    trace = f'  File "/var/task/handler.py", line {line}, in handler\n    {code}\n'
    cause = {"errorMessage": message, "errorType": kind, "requestId": REQUEST_ID, "stackTrace": [trace]}
    return Reply(outcome=Failure(kind, json.dumps(cause, separators=(",", ":"))))


def _no_such_function(name: str) -> str:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:$LATEST"
    service = f"Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: {REQUEST_ID}; Proxy: null"
    return f"Function not found: {arn} ({service})"


# --- integrations ---------------------------------------------------------------------------------------------------------------


def _lambda_invoke(arguments: Json, behaviours: dict[str, str]) -> Reply:
    reply = _function(_named(arguments["FunctionName"]), _event(arguments.get("Payload")), behaviours)
    if isinstance(reply.outcome, Failure):
        return reply
    log = {"LogResult": "bG9n"} if arguments.get("LogType") == "Tail" else {}
    outcome = {"ExecutedVersion": "$LATEST", **log, "Payload": reply.outcome, **METADATA, "StatusCode": 200}
    return Reply(outcome=outcome, after_s=reply.after_s)


def _event(payload: Json) -> Json:
    """AWS: a text is itself the JSON text that the function gets, and without a payload it gets {}; observed 2023."""
    if isinstance(payload, str):
        return json.loads(payload)
    return {} if payload is None else payload


def _sqs_wait(arguments: Json, behaviours: dict[str, str]) -> Reply:
    return Reply(outcome={"MD5OfMessageBody": "0" * 32, "MessageId": REQUEST_ID, **METADATA}, is_submission=True)


def _unknown_token(arguments: Json, behaviours: dict[str, str]) -> Reply:
    cause = f"Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: {REQUEST_ID}) (SDK Attempt Count: 1)"
    return Reply(outcome=Failure("Sfn.InvalidTokenException", cause))


SERVICES: dict[str, Callable[[Json, dict[str, str]], Reply]] = {
    "lambda:invoke": _lambda_invoke,
    "sqs:sendMessage.waitForTaskToken": _sqs_wait,
    "aws-sdk:sfn:sendTaskSuccess": _unknown_token,
    "aws-sdk:sfn:sendTaskFailure": _unknown_token,
}
