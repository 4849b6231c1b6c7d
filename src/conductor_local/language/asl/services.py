"""What the services and actions in the ARNs of tasks are called by botocore.

An `aws-sdk:` ARN has the Java SDK's name of a service in lower case; botocore knows most by the same name.
"""

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


def botocore_name(service: str) -> str:
    """Return botocore's name for the service of an ARN."""
    return _BOTOCORE_NAMES.get(service, service)


def operation_name(action: str) -> str:
    """Return the API's name for the action of an ARN: "sendMessage" becomes SendMessage."""
    return action[:1].upper() + action[1:]
