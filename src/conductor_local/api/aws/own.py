"""AWS's API for this process itself: what `POST /` does, without HTTP. For tasks that call Step Functions."""

from uuid import uuid4

from conductor_local.api.aws.call import Call
from conductor_local.api.aws.credentials import Credentials
from conductor_local.api.aws.errors import AwsError, aws_error
from conductor_local.api.aws.model import constraint_text, model
from conductor_local.api.aws.operations import OPERATIONS
from conductor_local.payload import Json
from conductor_local.program import Failure
from conductor_local.runtime.ports import Clock, StatesApi
from conductor_local.runtime.service import Service
from conductor_local.runtime.settings import Settings


def own_api(service: Service, settings: Settings, clock: Clock) -> StatesApi:
    """Return what answers calls as the server's own account."""

    async def answer(operation: str, parameters: dict[str, Json]) -> dict[str, Json] | Failure:
        caller = Credentials(region=settings.region)
        try:
            if operation not in OPERATIONS:
                raise AwsError("UnknownOperationException", f"This version of Conductor does not have {operation}.")
            params = model().typed(operation, parameters)
            if problems := model().problems(operation, params):
                raise AwsError("ValidationException", constraint_text(problems))
            call = Call(
                service=service, settings=settings, params=params, region=caller.region, account=caller.account,
                partition=caller.partition, operation=operation, at=clock.now(),
            )  # fmt: skip
            return await OPERATIONS[operation](call)
        except Exception as error:  # noqa: BLE001 - as at the endpoint: this is where an error gets AWS's words
            refusal = aws_error(error, operation, str(uuid4()))
            return Failure(refusal.code, refusal.message)

    return answer
