"""Work for activities, and answers to tasks: GetActivityTask, SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat."""

from collections.abc import Awaitable

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.operations.activities import existing_activity
from conductor_local.api.aws.paging import invalid_token
from conductor_local.errors import Conflict, InvalidRequest, NotFound
from conductor_local.language.asl import complaint
from conductor_local.payload import Json

POLL_S = 60.0
"""How long a worker waits for a task to come (AWS)."""


async def get_activity_task(call: Call) -> dict[str, Json]:
    """Take the task that has waited longest for a worker; nothing when none comes in time."""
    activity = await existing_activity(call, call.params["activityArn"])
    task = await call.service.get_activity_task(activity.arn, call.params.get("workerName"), wait_s=POLL_S)
    return {} if task is None else {"taskToken": task.token, "input": task.input.encoded.decode()}


async def send_task_success(call: Call) -> dict[str, Json]:
    """End a task with an output, a JSON text."""
    output = call.params["output"]
    if fault := complaint(output):
        raise AwsError("InvalidOutput", f"Invalid Output: '{fault}'")
    return await _answer(call.service.tasks.send_task_success(call.params["taskToken"], output))


async def send_task_failure(call: Call) -> dict[str, Json]:
    """End a task as failed."""
    params = call.params
    return await _answer(call.service.tasks.send_task_failure(params["taskToken"], params.get("error"), params.get("cause")))


async def send_task_heartbeat(call: Call) -> dict[str, Json]:
    """Say that somebody is still at work."""
    return await _answer(call.service.tasks.send_task_heartbeat(call.params["taskToken"]))


async def _answer(sending: Awaitable[None]) -> dict[str, Json]:
    try:
        await sending
    except InvalidRequest as error:
        if error.code == "INVALID_TOKEN":
            raise invalid_token() from None
        raise AwsError("InvalidOutput", f"Invalid Output: '{error}'") from None
    except NotFound:
        raise AwsError("TaskDoesNotExist", "Task does not exist") from None
    except Conflict:
        raise AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'") from None
    return {}
