"""Calls of AWS services, at an AWS-compatible endpoint that the user named: SQS, SNS, DynamoDB, EventBridge; by `aws-sdk:` any.

Rules: without an endpoint nothing is called, and the error says how to set one; every failure is an error of the task, named and
worded as AWS does (reference sheet, 12.1). Waiting for jobs (`.sync`) is not done here.
"""

import asyncio
import re
from collections.abc import Mapping
from functools import partial

from conductor_local.functions.aws_clients import Answer, Clients, NoBotocore, NoSuchOperation, ServiceError
from conductor_local.functions.aws_endpoints import ALL, Endpoints, variable
from conductor_local.functions.aws_names import OPTIMIZED, botocore_name, exception_name, operation_name, sdk_name
from conductor_local.functions.aws_wording import Fields, cause_v1, cause_v2, ordered, sdk_members
from conductor_local.functions.dispatch import not_available
from conductor_local.functions.guard import Raised
from conductor_local.functions.integrations import TOKEN, Integration
from conductor_local.functions.threads import Threads
from conductor_local.language.asl import Identity
from conductor_local.payload import Payload, json_fault
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.ports import Failed, Succeeded, TaskCall

ENDPOINT_NOT_SET = "EndpointNotSet"
BOTOCORE_MISSING = "BotocoreNotInstalled"
FAILED_ENTRY = "EventBridge.FailedEntry"
THREADS = 32
"""Calls at once; they only wait."""
_SECRET = re.compile(r"(?<=://)[^/@\s]+@")  # user and password of an endpoint


class AwsCalls:
    """What stands behind all integrations that are not done in this process."""

    def __init__(self, endpoints: Endpoints, environ: Mapping[str, str]) -> None:
        self._endpoints = endpoints
        self._clients = Clients(environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or Identity().region, environ)
        self._threads = Threads(THREADS)

    async def __call__(self, integration: Integration, call: TaskCall) -> Succeeded | Failed:
        """Make one call."""
        if integration.pattern not in ("", TOKEN):
            return Failed(not_available(f"'{call.invoke.resource.name}', which waits for a job"))
        if not integration.is_sdk and integration.service not in OPTIMIZED:
            hint = f"call aws-sdk:{integration.service}, which takes the API's own parameters, or a Python function"
            return Failed(not_available(f"the integration '{integration.service}:{integration.action}'", hint))
        endpoint = self._endpoint(integration)
        if endpoint is None:
            return Failed(_no_endpoint(integration))
        arguments = call.invoke.arguments.value
        if not isinstance(arguments, dict):
            return Failed(Failure(ErrorName.RUNTIME, "The parameters of a service integration must be an object."))
        return await self._call(integration, endpoint, arguments)

    async def close(self) -> None:
        """Let go of the threads; calls under way are not waited for."""
        self._threads.close()

    def _endpoint(self, integration: Integration) -> str | None:
        return self._endpoints.url(list(dict.fromkeys([integration.sdk_service, botocore_name(integration.sdk_service)])))

    async def _call(self, integration: Integration, endpoint: str, arguments: Fields) -> Succeeded | Failed:
        service = botocore_name(integration.sdk_service)
        work = partial(self._clients.call, service, endpoint, operation_name(integration.action), arguments)
        job = self._threads.submit(f"{service} {integration.action}", work)
        try:
            await asyncio.wait((job.answer,))
            answer = job.answer.result()
        finally:
            if not job.answer.done():
                self._threads.abandon(job)
        if isinstance(answer, Raised):
            return Failed(self._failure(integration, endpoint, answer.error))
        return _outcome(integration, answer)

    def _failure(self, integration: Integration, endpoint: str, error: BaseException) -> Failure:
        match error:
            case NoBotocore():
                return Failure(BOTOCORE_MISSING, "Calling AWS services needs botocore: pip install 'conductor-local[aws]'.")
            case NoSuchOperation():
                return not_available(f"'{integration.service}:{integration.action}': {error}", "correct the Resource of the state")
            case ServiceError():
                return _service_failure(integration, self._sdk_name(integration), error)
            case _:
                cause = _SECRET.sub("", f"{error} (endpoint {endpoint})")
                return Failure(f"{self._prefix(integration)}.SdkClientException", cause)

    def _prefix(self, integration: Integration) -> str:
        return self._sdk_name(integration) if integration.is_sdk else OPTIMIZED[integration.service].prefix

    def _sdk_name(self, integration: Integration) -> str:
        return sdk_name(self._clients.service_id(botocore_name(integration.sdk_service)))


def _service_failure(integration: Integration, sdk: str, error: ServiceError) -> Failure:
    """Name and word an error as the Java SDK of that kind of integration does: version 1 or 2."""
    named = exception_name(error.code)
    if integration.is_sdk:
        cause = cause_v2(error.message, sdk, error.status, error.request_id)
        if error.extended_id:
            request = f"Request ID: {error.request_id}"
            cause = cause.replace(request, f"{request}, Extended Request ID: {error.extended_id}", 1)
        return Failure(f"{sdk}.{named if error.is_described else f'{sdk}Exception'}", cause)
    optimized = OPTIMIZED[integration.service]
    cause = cause_v1(error.message, optimized.service, error.status, error.code, error.request_id)
    general = f"{optimized.service.removesuffix('v2')}Exception"
    return Failure(f"{optimized.prefix}.{named if error.is_described else general}", cause)


def _outcome(integration: Integration, answer: Answer) -> Succeeded | Failed:
    if fault := json_fault(answer.fields):
        return Failed(Failure(ErrorName.RUNTIME, f"The answer is not JSON: {fault[1]}, at '{fault[0] or '/'}'."))
    if integration.is_sdk:
        return Succeeded(Payload(answer.fields))
    if integration.service == "events":
        told = Payload(ordered(answer.fields))
        is_refused = bool(answer.fields.get("FailedEntryCount"))
        return Failed(Failure(FAILED_ENTRY, told.encoded.decode())) if is_refused else Succeeded(told)
    return Succeeded(Payload(ordered({**answer.fields, **sdk_members(answer.status, answer.headers, answer.request_id)})))


def _no_endpoint(integration: Integration) -> Failure:
    name = botocore_name(integration.sdk_service)
    return Failure(
        ENDPOINT_NOT_SET,
        f"No endpoint is set for '{integration.sdk_service}', so nothing was called: Conductor never calls AWS by itself. Start an "
        f"AWS-compatible server and set {variable(name)} or {ALL} to its URL, or CONDUCTOR_AWS_ENDPOINTS='{name}=URL'.",
    )
