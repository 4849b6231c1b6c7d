"""The `Resource` of a Task: which ARNs there are and what each stands for (reference sheet 17).

    arn:aws:lambda:<region>:<account>:function:<name>[:<alias>]    Resource("lambda", arn)
    arn:aws:states:<region>:<account>:activity:<name>              Resource("activity", arn)
    arn:aws:states:::<service>:<action>[.sync|.sync:2|.waitForTaskToken]
    arn:aws:states:[^:]*:[^:]*:aws-sdk:<service>:<action>[.waitForTaskToken] Resource("integration", arn)

Rules: only the form is judged here, and whether AWS has such an optimized integration; whether a runner for it exists is known
when it is called.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from conductor_local.language.asl.fields import Fields
from conductor_local.program import Resource

LAMBDA, ACTIVITY, INTEGRATION = "lambda", "activity", "integration"

_PARTITION = r"arn:aws(?:-cn|-us-gov|-iso(?:-[a-z])?)?"
_LAMBDA = re.compile(rf"{_PARTITION}:lambda:[^:]*:[^:]*:function:([^:]+)(?::([^:]+))?")
_ACTIVITY = re.compile(rf"{_PARTITION}:states:[^:]*:[^:]*:activity:([^:]+)")
_SDK = re.compile(rf"{_PARTITION}:states:[^:]*:[^:]*:aws-sdk:([a-z0-9]+):([a-z][A-Za-z0-9]*)(\.waitForTaskToken)?")
_OPTIMIZED = re.compile(rf"{_PARTITION}:states:[^:]*:[^:]*:([a-z][a-z0-9-]*):([a-z][A-Za-z]*)(\.sync|\.sync:2|\.waitForTaskToken)?")

SYNC, TOKEN = ".sync", ".waitForTaskToken"
_JOB, _BOTH, _CALL = (SYNC,), (SYNC, TOKEN), ()
_SERVICES: Mapping[str, tuple[frozenset[str] | None, tuple[str, ...]]] = {
    "lambda": (frozenset({"invoke"}), (TOKEN,)),
    "sqs": (frozenset({"sendMessage"}), (TOKEN,)),
    "sns": (frozenset({"publish"}), (TOKEN,)),
    "dynamodb": (frozenset({"getItem", "putItem", "updateItem", "deleteItem"}), _CALL),
    "events": (frozenset({"putEvents"}), (TOKEN,)),
    "states": (frozenset({"startExecution"}), (SYNC, ".sync:2", TOKEN)),
    "http": (frozenset({"invoke"}), _CALL),
    "apigateway": (frozenset({"invoke"}), (TOKEN,)),
    "ecs": (frozenset({"runTask"}), _BOTH),
    "batch": (frozenset({"submitJob"}), _BOTH),
    "glue": (frozenset({"startJobRun"}), _JOB),
    "databrew": (frozenset({"startJobRun"}), _JOB),
    "athena": (frozenset({"startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"}), _JOB),
    "bedrock": (frozenset({"invokeModel", "createModelCustomizationJob"}), _BOTH),
    "codebuild": (None, _JOB),
    "elasticmapreduce": (None, _JOB),
    "emr-containers": (None, _JOB),
    "emr-serverless": (None, _JOB),
    "eks": (None, _JOB),
    "sagemaker": (None, _JOB),
    "mediaconvert": (frozenset({"createJob"}), _JOB),
}
"""AWS's optimized integrations: their actions (None: more than the sheet lists) and what may follow an action."""


def read_resource(fields: Fields) -> Resource:
    """Read the `Resource` of a Task."""
    text = fields.text("Resource")
    if text is None:
        return Resource(INTEGRATION, "")
    resource = resource_of(text)
    if resource is None:
        reason = "is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
        fields.error("Resource", f"The resource provided {text} {reason}")
        return Resource(INTEGRATION, text)
    if fields.reading.identity.is_express:
        _refuse_in_express(fields, resource)
    return resource


def resource_of(arn: str) -> Resource | None:
    """Return what an ARN stands for, or None when it is no resource of a Task."""
    if _LAMBDA.fullmatch(arn):
        return Resource(LAMBDA, arn)
    if _ACTIVITY.fullmatch(arn):
        return Resource(ACTIVITY, arn)
    if _SDK.fullmatch(arn) or _is_optimized(arn):
        return Resource(INTEGRATION, arn)
    return None


def _is_optimized(arn: str) -> bool:
    found = _OPTIMIZED.fullmatch(arn)
    service = _SERVICES.get(found[1]) if found else None
    if found is None or service is None:
        return False
    actions, patterns = service
    return (actions is None or found[2] in actions) and (found[3] is None or found[3] in patterns)


def function_name(arn: str) -> str | None:
    """Return the name of the function that a Lambda ARN, partial ARN or bare name means, without its alias or version."""
    if found := _LAMBDA.fullmatch(arn):
        return found[1]
    name = arn.rpartition("function:")[2].partition(":")[0]
    return name if name and ":" not in name and not arn.startswith("arn:") else None


_OF_CHILDREN = (":::states:startExecution.sync", ":::states:startExecution.sync:2")


def gives_token(resource: Resource) -> bool:
    """Tell whether `$$.Task.Token` shows a token: to tasks that a callback ends and, as recorded, those that wait for a child."""
    return resource.kind == ACTIVITY or resource.name.endswith((TOKEN, *_OF_CHILDREN))


def _refuse_in_express(fields: Fields, resource: Resource) -> None:
    if resource.kind == ACTIVITY:
        fields.error("Resource", "Express state machine does not support Activity ARN")
    elif resource.name.endswith(TOKEN):
        # AWS: the text ends with a blank; recorded 2025-10.
        fields.error("Resource", "Express state machine does not support '.waitForTaskToken' service integration ")
    elif SYNC in resource.name:
        fields.error("Resource", "Express state machine does not support '.sync' service integration")


@dataclass(frozen=True, slots=True)
class IntegrationParts:
    """The ARN of a service integration taken apart; `pattern` is `.sync`, `.sync:2`, `.waitForTaskToken` or empty."""

    service: str
    action: str
    pattern: str
    is_sdk: bool


def integration_parts(arn: str) -> IntegrationParts | None:
    """Take apart the ARN of a service integration; None when it is something else."""
    if found := _SDK.fullmatch(arn):
        return IntegrationParts(found[1], found[2], found[3] or "", is_sdk=True)
    if _is_optimized(arn) and (found := _OPTIMIZED.fullmatch(arn)):
        return IntegrationParts(found[1], found[2], found[3] or "", is_sdk=False)
    return None
