"""What AWS services are called in errors."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Optimized:
    """How an optimized integration names its service: the prefix of errors, and the service in causes."""

    prefix: str
    service: str


OPTIMIZED = {
    "athena": Optimized("Athena", "AmazonAthena"),
    "batch": Optimized("Batch", "AWSBatch"),
    "codebuild": Optimized("CodeBuild", "AWSCodeBuild"),
    "databrew": Optimized("DataBrew", "AWSGlueDataBrew"),
    "ecs": Optimized("ECS", "AmazonECS"),
    "emr-containers": Optimized("EMRContainers", "AmazonEMRContainers"),
    "emr-serverless": Optimized("EMRServerless", "EMRServerless"),
    "glue": Optimized("Glue", "AWSGlue"),
    "mediaconvert": Optimized("MediaConvert", "AWSMediaConvert"),
    "sagemaker": Optimized("SageMaker", "AmazonSageMaker"),
    "sqs": Optimized("SQS", "AmazonSQS"),
    "sns": Optimized("SNS", "AmazonSNS"),
    "dynamodb": Optimized("DynamoDB", "AmazonDynamoDBv2"),
    "events": Optimized("EventBridge", "AmazonEventBridge"),
}
"""The optimized integrations that are called at an endpoint."""


def sdk_name(service_id: str) -> str:
    """Return the name that version 2 of the Java SDK gives: "DynamoDB" becomes DynamoDb, "Secrets Manager" SecretsManager."""
    return "".join(word.capitalize() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|[0-9]+", service_id))


def exception_name(code: str) -> str:
    """Return the Java SDK's name for an error that the service describes."""
    return code if code.endswith("Exception") else f"{code}Exception"
