"""Refusals in AWS's words. Everything under `api/aws` raises these; the endpoint turns them into answers."""

from conductor_local.payload import Json


class AwsError(Exception):
    """A refusal that AWS's clients know by its `code`; `members` stand beside the message, such as `reason`."""

    def __init__(self, code: str, message: str | None = None, *, status: int = 400, **members: Json) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code, self.message, self.status, self.members = code, message, status, members
