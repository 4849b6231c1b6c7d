"""Calls of AWS services, at an AWS-compatible endpoint that the user named: those of `OPTIMIZED`; by `aws-sdk:` any.

Rules: without an endpoint nothing is called, and the error says how to set one; every failure is an error of the task, named and
worded as AWS does (reference sheet, 12.1). A job that `.sync` waits for (`aws_jobs.py`) is asked about again and again, and stopped
when the step that waits for it is over (`UNWANTED`).
"""

import asyncio
import re
from collections.abc import Mapping
from functools import partial

from conductor_local.functions.aws_clients import Answer, Clients, NoSuchOperation, ServiceError
from conductor_local.functions.aws_endpoints import ALL, Endpoints, variable
from conductor_local.functions.aws_jobs import JOBS, Job
from conductor_local.functions.aws_jobs import arguments as filled
from conductor_local.functions.aws_names import OPTIMIZED, exception_name, sdk_name
from conductor_local.functions.aws_wording import Fields, cause_v1, cause_v2, ordered, request_id, sdk_members
from conductor_local.functions.dispatch import not_available
from conductor_local.functions.executions_patience import unless_unwanted
from conductor_local.functions.guard import Raised
from conductor_local.functions.integrations import SYNC, TOKEN, Integration
from conductor_local.functions.threads import Threads
from conductor_local.language.asl import Identity
from conductor_local.language.asl.services import botocore_name, operation_name
from conductor_local.payload import Payload, json_fault
from conductor_local.program import ErrorName, Failure
from conductor_local.runtime.ports import UNWANTED, Failed, Later, Succeeded, TaskCall

ENDPOINT_NOT_SET = "EndpointNotSet"
FAILED_ENTRY = "EventBridge.FailedEntry"
THREADS = 32
"""Calls at once; they only wait."""
PAUSE_S_FIRST, PAUSE_S_MAX = 0.25, 5.0
"""Between two questions about a job."""
SILENCES_MAX = 5
"""How often in a row an endpoint may fail to answer for a job; then the task fails."""
_SECRET = re.compile(r"(?<=://)[^/@\s]+@")  # user and password of an endpoint


class AwsCalls:
    """What stands behind all integrations that are not done in this process."""

    def __init__(self, endpoints: Endpoints, environ: Mapping[str, str]) -> None:
        self._endpoints = endpoints
        self._clients = Clients(environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or Identity().region, environ)
        self._threads = Threads(THREADS)

    async def __call__(self, integration: Integration, call: TaskCall) -> Succeeded | Failed | Later:
        """Make one call, and wait for the job that it starts where the pattern says so."""
        job = JOBS.get(f"{integration.service}:{integration.action}") if integration.pattern == SYNC else None
        if job is None and integration.pattern not in ("", TOKEN):
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
        if job is not None and job.once is not None:
            arguments = {job.once: request_id(call), **arguments}
        if job is None:
            return await self._call(integration, endpoint, arguments)
        stop = partial(self._stop, job, integration, endpoint, arguments)
        outcome = await unless_unwanted(self._call(integration, endpoint, arguments), stop)
        if isinstance(outcome, Failed):
            return outcome
        if not job.is_started(outcome.result.value):
            return Failed(Failure(ErrorName.TASK_FAILED, outcome.result.encoded.decode()))
        return Later(partial(self._end_of, job, integration, endpoint, arguments, outcome.result), outcome.result)

    async def _end_of(
        self, job: Job, integration: Integration, endpoint: str, given: Fields, answer: Payload
    ) -> Succeeded | Failed:
        """Wait for the end of a job that was started with `given`."""
        told: Fields = answer.value
        try:
            found = await self._ended(job, integration, endpoint, filled(job.ask, given, told))
        except asyncio.CancelledError as cancelled:
            if UNWANTED in cancelled.args:
                await self._stop(job, integration, endpoint, given, Succeeded(answer))
            raise
        if isinstance(found, Failure):
            return Failed(found, answer)
        shown = Payload(ordered(job.shown(found)))
        return (
            Succeeded(shown, answer) if job.end(found) else Failed(Failure(ErrorName.TASK_FAILED, shown.encoded.decode()), answer)
        )

    async def _stop(
        self, job: Job, integration: Integration, endpoint: str, given: Fields, begun: Succeeded | Failed
    ) -> None:  # fmt: skip
        """Ask for the end of a job, if one has begun."""
        if isinstance(begun, Succeeded) and job.is_started(begun.result.value):
            await self._ask(integration, endpoint, job.stop, filled(job.stop_with, given, begun.result.value))

    async def _ended(self, job: Job, integration: Integration, endpoint: str, question: Fields) -> Fields | Failure:
        pause_s, silences = PAUSE_S_FIRST, 0
        while True:
            answer = await self._ask(integration, endpoint, job.describe, question)
            if isinstance(answer, Answer):
                found, silences = job.job(answer.fields), 0
                if found is None:
                    return Failure(
                        ErrorName.TASK_FAILED, f"The service does not know the job: {Payload(answer.fields).encoded.decode()}"
                    )
                if job.end(found) is not None:
                    return found
            elif isinstance(answer, ServiceError | NoSuchOperation) or silences == SILENCES_MAX:
                return self._failure(integration, endpoint, answer)
            else:
                silences += 1
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_S_MAX)

    async def close(self) -> None:
        """Let go of the threads; calls under way are not waited for."""
        self._threads.close()

    def _endpoint(self, integration: Integration) -> str | None:
        return self._endpoints.url(list(dict.fromkeys([integration.sdk_service, botocore_name(integration.sdk_service)])))

    async def _call(self, integration: Integration, endpoint: str, arguments: Fields) -> Succeeded | Failed:
        answer = await self._ask(integration, endpoint, operation_name(integration.action), arguments)
        if isinstance(answer, Answer):
            return _outcome(integration, answer)
        return Failed(self._failure(integration, endpoint, answer))

    async def _ask(self, integration: Integration, endpoint: str, operation: str, arguments: Fields) -> Answer | BaseException:
        service = botocore_name(integration.sdk_service)
        job = self._threads.submit(f"{service} {operation}", partial(self._clients.call, service, endpoint, operation, arguments))
        try:
            await asyncio.wait((job.answer,))
            answer = job.answer.result()
        finally:
            if not job.answer.done():
                self._threads.abandon(job)
        return answer.error if isinstance(answer, Raised) else answer

    def _failure(self, integration: Integration, endpoint: str, error: BaseException) -> Failure:
        match error:
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
