"""What AWS services are called: in ARNs, by botocore, in errors.

An `aws-sdk:` ARN has the Java SDK's name of a service in lower case; botocore knows most by the same name.
"""

import re
from dataclasses import dataclass

_BOTOCORE_NAMES = {
    "applicationautoscaling": "application-autoscaling",
    "bedrockruntime": "bedrock-runtime",
    "cloudwatchlogs": "logs",
    "cognitoidentity": "cognito-identity",
    "cognitoidentityprovider": "cognito-idp",
    "configservice": "config",
    "costexplorer": "ce",
    "databasemigration": "dms",
    "dynamodbstreams": "dynamodbstreams",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "elasticsearch": "es",
    "eventbridge": "events",
    "marketplacemetering": "meteringmarketplace",
    "rdsdata": "rds-data",
    "redshiftdata": "redshift-data",
    "sfn": "stepfunctions",
}


@dataclass(frozen=True, slots=True)
class Optimized:
    """How an optimized integration names its service: the prefix of errors, and the service in causes."""

    prefix: str
    service: str


OPTIMIZED = {
    "sqs": Optimized("SQS", "AmazonSQS"),
    "sns": Optimized("SNS", "AmazonSNS"),
    "dynamodb": Optimized("DynamoDB", "AmazonDynamoDBv2"),
    "events": Optimized("EventBridge", "AmazonEventBridge"),
}
"""The optimized integrations that are called at an endpoint."""


def botocore_name(service: str) -> str:
    """Return botocore's name for the service of an ARN."""
    return _BOTOCORE_NAMES.get(service, service)


def sdk_name(service_id: str) -> str:
    """Return the name that version 2 of the Java SDK gives: "DynamoDB" becomes DynamoDb, "Secrets Manager" SecretsManager."""
    return "".join(word.capitalize() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+|[a-z]+|[0-9]+", service_id))


def exception_name(code: str) -> str:
    """Return the Java SDK's name for an error that the service describes."""
    return code if code.endswith("Exception") else f"{code}Exception"


def operation_name(action: str) -> str:
    """Return the API's name for the action of an ARN: "sendMessage" becomes SendMessage."""
    return action[:1].upper() + action[1:]
