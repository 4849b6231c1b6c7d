"""What the APIs of AWS answer: the shapes of outputs, out of the service models that botocore ships.

Rules: a model is read when a mock first needs it and kept; botocore's code is not imported, only its files. What a task's ARN means
as an API call is known here: for `.sync` that is the call by which Step Functions looks whether the job has ended.
"""

import gzip
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from conductor_local.language.asl.resources import integration_parts
from conductor_local.language.asl.services import botocore_name, operation_name

Shape = Mapping[str, Any]

_SERVICES = {"states": "stepfunctions", "elasticmapreduce": "emr"}
_OPERATIONS = {
    "emr:CreateCluster": "RunJobFlow", "emr:AddStep": "AddJobFlowSteps", "emr:TerminateCluster": "TerminateJobFlows",
    "emr:SetClusterTerminationProtection": "SetTerminationProtection", "emr:ModifyInstanceFleetByName": "ModifyInstanceFleet",
    "emr:ModifyInstanceGroupByName": "ModifyInstanceGroups", "emr:CancelStep": "CancelSteps",
}  # fmt: skip
"""Actions of optimized integrations that have a name of their own."""
_POLLED = {
    "athena:StartQueryExecution": "GetQueryExecution",
    "batch:SubmitJob": "DescribeJobs",
    "bedrock:CreateModelCustomizationJob": "GetModelCustomizationJob",
    "codebuild:StartBuild": "BatchGetBuilds",
    "codebuild:StartBuildBatch": "BatchGetBuildBatches",
    "databrew:StartJobRun": "DescribeJobRun",
    "ecs:RunTask": "DescribeTasks",
    "eks:CreateCluster": "DescribeCluster",
    "eks:CreateFargateProfile": "DescribeFargateProfile",
    "eks:CreateNodegroup": "DescribeNodegroup",
    "eks:DeleteCluster": "DescribeCluster",
    "eks:DeleteFargateProfile": "DescribeFargateProfile",
    "eks:DeleteNodegroup": "DescribeNodegroup",
    "emr:RunJobFlow": "DescribeCluster",
    "emr:AddJobFlowSteps": "DescribeStep",
    "emr:TerminateJobFlows": "DescribeCluster",
    "emr-containers:CreateVirtualCluster": "DescribeVirtualCluster",
    "emr-containers:DeleteVirtualCluster": "DescribeVirtualCluster",
    "emr-containers:StartJobRun": "DescribeJobRun",
    "emr-serverless:CreateApplication": "GetApplication",
    "emr-serverless:DeleteApplication": "GetApplication",
    "emr-serverless:StartApplication": "GetApplication",
    "emr-serverless:StopApplication": "GetApplication",
    "emr-serverless:StartJobRun": "GetJobRun",
    "glue:StartJobRun": "GetJobRun",
    "mediaconvert:CreateJob": "GetJob",
    "sagemaker:CreateHyperParameterTuningJob": "DescribeHyperParameterTuningJob",
    "sagemaker:CreateLabelingJob": "DescribeLabelingJob",
    "sagemaker:CreateProcessingJob": "DescribeProcessingJob",
    "sagemaker:CreateTrainingJob": "DescribeTrainingJob",
    "sagemaker:CreateTransformJob": "DescribeTransformJob",
    "stepfunctions:StartExecution": "DescribeExecution",
}
"""The call that tells of a job, by the call that starts it (developer guide, "Integrating optimized services")."""
_PARSED = {
    "lambda:Invoke": frozenset({"Payload"}),
    "stepfunctions:DescribeExecution": frozenset({"Input", "Output"}),
    "bedrock-runtime:InvokeModel": frozenset({"Body"}),
}
"""Members that optimized integrations parse, so that they may be anything."""


class Answer:
    """The output of one API operation: its shape, those it is made of, and the members that may be anything."""

    __slots__ = ("anything", "shape", "shapes")

    def __init__(self, shape: Shape, shapes: Mapping[str, Shape], anything: frozenset[str]) -> None:
        self.shape, self.shapes, self.anything = shape, shapes, anything


def answer_of(resource: str) -> Answer | None:
    """Return what a task with this ARN gets as its result; None: no API describes it, or it comes by a callback."""
    parts = integration_parts(resource)
    if parts is None or parts.pattern == ".waitForTaskToken":
        return None
    service = botocore_name(_SERVICES.get(parts.service, parts.service))
    operation = operation_name(parts.action)
    if not parts.is_sdk:
        operation = _OPERATIONS.get(f"{service}:{operation}", operation)
        service = "bedrock-runtime" if operation == "InvokeModel" else service
    if parts.pattern:
        operation = _POLLED.get(f"{service}:{operation}", "")
    model = _model(service)
    found = {} if model is None else model["operations"].get(operation)
    if model is None or not found:
        return None
    anything = frozenset() if parts.is_sdk or parts.pattern == ".sync" else _PARSED.get(f"{service}:{operation}", frozenset())
    empty: Shape = {"type": "structure", "members": {}}
    shape = model["shapes"][found["output"]["shape"]] if "output" in found else empty
    return Answer(shape, model["shapes"], anything)


@cache
def _model(service: str) -> Mapping[str, Any] | None:
    """Return the newest model of a service; None when there is none of that name."""
    folders = files("botocore").joinpath("data")
    named = (folder for folder in folders.iterdir() if folder.is_dir())
    home = next((folder for folder in named if folder.name in (service, _with_hyphens(folder.name, service))), None)
    if home is None:
        return None
    versions = sorted((version for version in home.iterdir() if version.is_dir()), key=lambda version: version.name, reverse=True)
    for version in versions:
        packed = version.joinpath("service-2.json.gz")
        if packed.is_file():
            model: Mapping[str, Any] = msgspec.json.decode(gzip.decompress(packed.read_bytes()))
            return model
    return None


def _with_hyphens(name: str, service: str) -> str:
    """Return the name of a folder when it is the service's but for its hyphens: `ecr-public` for "ecrpublic"."""
    return name if name.replace("-", "") == service else service
