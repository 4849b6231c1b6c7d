"""What this API's commits tell CloudWatch Logs and EventBridge."""

from conductor_local.api.aws.log import ExecutionLog
from conductor_local.api.aws.status_changes import StatusChanges
from conductor_local.runtime.chronicle import Chronicle
from conductor_local.runtime.news import News


def aws_news(chronicle: Chronicle) -> News:
    """Return the projections over one store."""
    return News(ExecutionLog(chronicle).records, StatusChanges(chronicle).changes)
