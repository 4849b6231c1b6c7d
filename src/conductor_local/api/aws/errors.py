"""Refusals in AWS's words. Everything under `api/aws` raises `AwsError`; what the service itself raises is put into one here.

Rules: an operation translates what it expects, such as `NotFound` into the service's own name for it; the table is for the rest.
What is this server's fault is retried by AWS's clients (status 5xx), and its traceback goes to the log only.
"""

import logging

from conductor_local import errors
from conductor_local.language.asl import invalid_definition
from conductor_local.payload import Json

_logger = logging.getLogger("conductor.api")


class AwsError(Exception):
    """A refusal that AWS's clients know by its `code`; `members` stand beside the message, such as `reason`."""

    def __init__(self, code: str, message: str | None = None, *, status: int = 400, **members: Json) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code, self.message, self.status, self.members = code, message, status, members


def aws_error(error: Exception, operation: str, request_id: str) -> AwsError:
    """Return the refusal for whatever an operation raised."""
    match error:
        case AwsError():
            return error
        case errors.DefinitionError(problems=problems):
            return AwsError("InvalidDefinition", invalid_definition(problems))
        case errors.NotFound(message=message):
            return AwsError("ResourceNotFound", message)
        case errors.Conflict(message=message):
            return AwsError("ConflictException", message)
        case errors.InvalidRequest(message=message) | errors.EvaluationError(message=message):
            return AwsError("ValidationException", message)
        case errors.Unavailable(message=message) | errors.Fenced(message=message):
            return AwsError("ServiceUnavailable", message, status=503)
        case _:
            _logger.error("request %s failed: %s", request_id, operation, exc_info=error)
            text = f"Something went wrong in Conductor, not in your request. The server's log has the cause under {request_id}."
            return AwsError("InternalFailure", text, status=500)
