"""The context object that a caller gives for a mocked state: which members it may have, and of what type.

Rules: members that are not given stay what they would be without; the first thing wrong is told.
"""

from collections.abc import Mapping

from conductor_local.api.aws.errors import AwsError
from conductor_local.api.aws.teststate.texts import Text, refusal
from conductor_local.payload import Json

_STRING, _NUMBER, _ANY = "a string", "a number", ""
_MEMBERS: Mapping[str, Mapping[str, str]] = {
    "Execution": {
        "Id": _STRING, "Input": _ANY, "Name": _STRING, "RoleArn": _STRING, "StartTime": _STRING,
        "RedriveCount": _NUMBER, "RedriveTime": _STRING,
    },
    "State": {"EnteredTime": _STRING, "Name": _STRING, "RetryCount": _NUMBER},
    "StateMachine": {"Id": _STRING, "Name": _STRING},
    "Task": {"Token": _STRING},
}  # fmt: skip


def check_context(given: Text, *, has_task: bool) -> None:
    """Refuse what is no context object; `has_task`: the state waits for a job or a callback, so there may be a `Task`."""
    context = given.value
    if not isinstance(context, dict):
        raise _invalid("Context object must be a JSON object")
    for name, section in context.items():
        if name == "Map":
            raise _invalid("'Map' field is not supported when mocking a Context object")
        if name not in _MEMBERS:
            raise _invalid(f"Field '{name}' is not allowed")
        _check_section(name, section)
    if "Task" in context and not has_task:
        pattern = "when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern"
        raise _invalid(f"Context object contains 'Task' {pattern}")


def _check_section(name: str, section: Json) -> None:
    if not isinstance(section, dict):
        raise _invalid(f"{name} must be an object")
    known = _MEMBERS[name]
    for member, value in section.items():
        if member not in known:
            raise _invalid(f"Field '{member}' is not allowed")
        wanted = known[member]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if (wanted == _STRING and not isinstance(value, str)) or (wanted == _NUMBER and not is_number):
            raise _invalid(f"{name}.{member} must be {wanted}")


def _invalid(reason: str) -> AwsError:
    return refusal(f"Invalid Context object provided: {reason}")
