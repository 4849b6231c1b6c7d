"""The three families in which AWS tells of tasks: direct Lambda, activity, and everything that is an integration.

The kind of a task's resource chooses the family: "lambda" (its name is the function's ARN) gives LambdaFunction* events, "activity"
(its name is the activity's ARN) Activity* events, any other Task* events, which name the service and its action.
"""

from typing import Protocol

from conductor_local.api.aws.texts import error_and_cause, text, with_details
from conductor_local.engine import events as ev
from conductor_local.payload import Json

Details = dict[str, Json] | None
"""The members of an event's detail object; None: the event has no such object."""

TaskEvent = ev.TaskScheduled | ev.TaskStarted | ev.TaskSubmitted | ev.TaskSucceeded | ev.TaskFailed | ev.TaskTimedOut


class Family(Protocol):
    """How one family tells of a task; `scheduled` is the event that asked for the call."""

    def __call__(self, event: TaskEvent, scheduled: ev.TaskScheduled, region: str) -> Details: ...


def show(event: TaskEvent, scheduled: ev.TaskScheduled, region: str) -> tuple[str, Details]:
    """Return type and details of a task's event."""
    prefix, family = FAMILIES.get(scheduled.resource_kind, ("Task", _integration))
    return prefix + type(event).__name__.removeprefix("Task"), family(event, scheduled, region)


def split_resource(kind: str, name: str) -> tuple[str, str]:
    """Return AWS's `resourceType` and `resource` of an integration: `…:::sqs:sendMessage.sync` gives sqs and sendMessage.sync."""
    _, is_arn, rest = name.partition(":states:::")
    if not is_arn:
        return kind, name
    service, _, action = rest.partition(":")
    if service == "aws-sdk":
        sdk_service, _, action = action.partition(":")
        service = f"aws-sdk:{sdk_service}"
    return service, action


def _integration(event: TaskEvent, scheduled: ev.TaskScheduled, region: str) -> Details:
    service, action = split_resource(scheduled.resource_kind, scheduled.resource)
    details: dict[str, Json] = {"resourceType": service, "resource": action}
    match event:
        case ev.TaskScheduled():
            parameters = {"region": region, "parameters": text(event.arguments)}
            return {**details, **parameters, **_limits(event), **_heartbeat(event), **_credentials(event)}
        case ev.TaskSubmitted():
            return {**details, **with_details("output", event.output)}
        case ev.TaskStarted():
            return details
        case _:
            return {**details, **_outcome(event)}


def _lambda(event: TaskEvent, scheduled: ev.TaskScheduled, region: str) -> Details:
    match event:
        case ev.TaskScheduled():
            return {**_request(event), **_credentials(event)}
        case ev.TaskStarted() | ev.TaskSubmitted():
            return None
        case _:
            return _outcome(event)


def _activity(event: TaskEvent, scheduled: ev.TaskScheduled, region: str) -> Details:
    match event:
        case ev.TaskScheduled():
            return {**_request(event), **_heartbeat(event)}
        case ev.TaskStarted():
            return {} if event.worker is None else {"workerName": event.worker}
        case ev.TaskSubmitted():
            return None
        case _:
            return _outcome(event)


FAMILIES: dict[str, tuple[str, Family]] = {"lambda": ("LambdaFunction", _lambda), "activity": ("Activity", _activity)}


def _request(event: ev.TaskScheduled) -> dict[str, Json]:
    return {"resource": event.resource, **with_details("input", event.arguments), **_limits(event)}


def _outcome(event: ev.TaskSucceeded | ev.TaskFailed | ev.TaskTimedOut) -> dict[str, Json]:
    if isinstance(event, ev.TaskSucceeded):
        return with_details("output", event.result)
    return error_and_cause(event.failure)


def _limits(event: ev.TaskScheduled) -> dict[str, Json]:
    return {} if event.timeout_s is None else {"timeoutInSeconds": int(event.timeout_s)}


def _heartbeat(event: ev.TaskScheduled) -> dict[str, Json]:
    return {} if event.heartbeat_s is None else {"heartbeatInSeconds": int(event.heartbeat_s)}


def _credentials(event: ev.TaskScheduled) -> dict[str, Json]:
    if event.credentials is None or not isinstance(event.credentials.value, dict):
        return {}
    role_arn = event.credentials.value.get("RoleArn")
    return {} if role_arn is None else {"taskCredentials": {"roleArn": role_arn}}
