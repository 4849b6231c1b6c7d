"""Operations of AWS's API called directly, on a real runtime in memory; what they answer is held against AWS's own description."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import botocore.session
from botocore.validate import validate_parameters

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.errors import AwsError, aws_error
from conductor_local.api.aws.operations import OPERATIONS
from conductor_local.errors import ConductorError
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings
from conductor_local.runtime.wiring import open_runtime

HOME, ELSEWHERE = ("us-east-1", "000000000000"), ("eu-west-1", "123456789012")
ROLE = "arn:aws:iam::000000000000:role/r"
ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MODEL = botocore.session.get_session().get_service_model("stepfunctions")


def machine(comment: str = "", **states: Any) -> str:
    """Return the text of a machine of these states, by default one that passes; a comment makes it another one."""
    states = states or {"A": {"Type": "Pass", "End": True}}
    return json.dumps({"Comment": comment, "StartAt": next(iter(states)), "States": states}, indent=1)


WAITING = machine(W={"Type": "Wait", "Seconds": 3_600, "End": True})


class Client:
    """A caller in one region and account."""

    def __init__(self, service: Service, settings: Settings, place: tuple[str, str] = HOME) -> None:
        self.service, self.settings, self.place = service, settings, place

    def at(self, place: tuple[str, str]) -> "Client":
        """Return a caller somewhere else."""
        return Client(self.service, self.settings, place)

    async def __call__(self, operation: str, **params: Any) -> dict[str, Any]:
        """Call an operation; members that AWS's answer cannot have fail the test."""
        region, account = self.place
        call = Call(
            service=self.service, settings=self.settings, params=params, region=region, account=account, operation=operation, at=NOW
        )
        answer = await OPERATIONS[operation](call)
        shape = MODEL.operation_model(operation).output_shape
        if shape is None:
            assert answer == {}
        else:
            validate_parameters(answer, shape)
            assert not answer.keys() - shape.members.keys()
        return answer

    async def refusal(self, operation: str, **params: Any) -> tuple[str, str | None]:
        """Call an operation that refuses; return code and message."""
        try:
            answer = await self(operation, **params)
        except (AwsError, ConductorError) as error:
            refused = aws_error(error, operation, "test")
            assert refused.status == 400
            return refused.code, refused.message
        raise AssertionError(f"{operation} answered {answer}")

    async def create(self, name: str = "m", definition: str | None = None, **params: Any) -> dict[str, Any]:
        """Create a machine that passes, if nothing else is said."""
        return await self("CreateStateMachine", name=name, definition=definition or machine(), roleArn=ROLE, **params)


@asynccontextmanager
async def open_client(data: str = ":memory:") -> AsyncIterator[Client]:
    """Open a runtime with a caller at home."""
    settings = Settings(data=Path(data), sample=False)
    async with open_runtime(settings) as runtime:
        yield Client(runtime.service, settings)
